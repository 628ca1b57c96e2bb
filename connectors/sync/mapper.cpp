/// Source rows to values of the target's fields; what cannot be mapped comes out with its reason.
#include "mapper.hpp"

#include "convert.hpp"
#include "stream_reader.hpp"

#include <talon/text.hpp>

#include <algorithm>

namespace talon::sync {

Result<std::vector<Mapped>> Mapper::map(std::vector<SourceRow> rows) {
  for (const SourceRow& row : rows) want(row);
  TALON_DO(lookups_.resolve());
  std::vector<Mapped> result;
  result.reserve(rows.size());
  for (SourceRow& row : rows) {
    TALON_TRY(Mapped mapped, map_row(std::move(row)));
    result.push_back(std::move(mapped));
  }
  return result;
}

void Mapper::want(const SourceRow& row) {
  const auto note = [&](const std::vector<FieldMap>& fields, const Texts& cells) {
    for (const FieldMap& field : fields) {
      if (field.kind != FieldMap::Kind::Ref && field.kind != FieldMap::Kind::Lookup) continue;
      if (const auto text = prepared(field, cell(field, cells))) lookups_.want(field, *text);
    }
  };
  note(stream_.fields, row.cells);
  for (const ListMap& list : stream_.lists) {
    const auto rows = row.lists.find(list.name);
    if (rows == row.lists.end()) continue;
    for (const Texts& cells : rows->second) note(list.fields, cells);
  }
}

Result<Mapped> Mapper::map_row(SourceRow row) {
  Mapped mapped;
  mapped.external_id = row.cells[key_].value_or("");
  std::optional<Fault> wrong;
  const bool is_usable =
      !mapped.external_id.empty() && mapped.external_id.size() <= 200 && is_plain(mapped.external_id);
  if (!is_usable || (!row.fault.empty() && row.fault_field == stream_.key)) {
    wrong = Fault{stream_.key,
                  "the key column " + stream_.key +
                      " must have 1 to 200 bytes of plain text: " + harmless(mapped.external_id, 200),
                  false, false};
    mapped.external_id = unusable_key(stream_, row);
  } else if (!row.fault.empty()) {
    wrong = Fault{row.fault_field, row.fault_field + " " + row.fault, false, false};
  } else if (!is_kept(row)) {
    mapped.state = Mapped::State::Filtered;
    return mapped;
  } else {
    wrong = map_all(row, mapped);
  }
  if (wrong && wrong->ends_run) {
    return Error{Code::Aborted, stream_.name + " " + mapped.external_id + ": " + wrong->reason};
  }
  if (wrong) {
    mapped.state = wrong->is_deferred ? Mapped::State::Deferred : Mapped::State::Rejected;
    mapped.field = wrong->field;
    mapped.reason = wrong->reason;
  }
  mapped.row = std::move(row);
  return mapped;
}

bool Mapper::is_kept(const SourceRow& row) const {
  std::vector<Cell> cells;
  for (const std::size_t column : stream_.filter_columns) {
    const auto& text = row.cells[column];
    cells.push_back(text ? Cell(std::string_view(*text)) : Cell());
  }
  return stream_.filter_text.empty() || stream_.filter.evaluate(cells, 0) == expression::Truth::True;
}

std::optional<Mapper::Fault> Mapper::map_all(const SourceRow& row, Mapped& mapped) {
  if (stream_.deletes.mode == Deletes::Mode::SoftFlag) {
    const auto& flag = row.cells[stream_.column(stream_.deletes.column)];
    if (flag && !flag->empty() && *flag != "0" && *flag != "false" && *flag != "f")
      mapped.state = Mapped::State::Deleted;
  }
  Frame frame{&stream_.fields, &type_, &row.cells};
  if (auto wrong = map_fields(frame)) return wrong;
  if (auto wrong = map_lists(row, frame, mapped)) return wrong;
  std::string content = mapped.state == Mapped::State::Deleted ? "deleted;" : "";
  for (std::size_t i = 0; i < frame.values.size(); ++i) {
    const model::Field& field = stream_.fields[i].info;
    content += field.name;
    content += '=';
    if (frame.values[i].is_null()) {
      content += '~';
    } else if (frame.values[i].is_integer()) {
      content += std::to_string(frame.values[i].integer());
    } else {
      write_json_string(content, frame.values[i].text());
    }
    content += ';';
    if (field.type == model::FieldType::Money) mapped.currency = currency_of(stream_.fields[i], frame);
  }
  mapped.lists.write(content);
  mapped.hash = text_hash(content);
  mapped.values = std::move(frame.values);
  mapped.shown = std::move(frame.shown);
  return std::nullopt;
}

std::optional<Mapper::Fault> Mapper::map_fields(Frame& frame) {
  frame.values.resize(frame.fields->size());
  frame.shown.resize(frame.fields->size());
  for (std::size_t i = 0; i < frame.fields->size(); ++i) {
    const FieldMap& field = (*frame.fields)[i];
    const std::optional<std::string>& text = cell(field, *frame.cells);
    std::optional<Fault> wrong;
    if (field.kind == FieldMap::Kind::Ref || field.kind == FieldMap::Kind::Lookup) {
      wrong = map_reference(field, text, frame);
    } else {
      auto value = convert(field, text, currency_of(field, frame));
      if (value) {
        frame.values[i] = *std::move(value);
      } else {
        wrong = fault(field, value.error().message);
      }
    }
    if (!wrong) continue;
    const bool is_needed = field.is_required || field.info.is_required;
    if (field.on_error == OnError::SetNull && !wrong->is_deferred && !is_needed) continue;
    wrong->ends_run = field.on_error == OnError::FailRun;
    return wrong;
  }
  return std::nullopt;
}

std::optional<Mapper::Fault> Mapper::map_reference(const FieldMap& field,
                                                   const std::optional<std::string>& text, Frame& frame) {
  const auto i = static_cast<std::size_t>(&field - frame.fields->data());
  const auto wanted = prepared(field, text);
  if (!wanted) {
    if (field.is_required || field.info.is_required) return fault(field, "has no value, and one is required");
    return std::nullopt;
  }
  const std::string name =
      (field.kind == FieldMap::Kind::Ref ? field.stream : field.type + "." + field.by) + "/" + *wanted;
  const Lookups::Found found = lookups_.find(field, *wanted);
  using Kind = Lookups::Found::Kind;
  if (found.kind == Kind::Known) {
    frame.values[i] = Value(found.id);
    if (field.kind == FieldMap::Kind::Ref) frame.shown[i] = name;
    return std::nullopt;
  }
  if (found.kind == Kind::Pending) {
    frame.values[i] = Value(name);
    frame.shown[i] = name;
    return std::nullopt;
  }
  if (found.kind == Kind::Ambiguous)
    return fault(field, "several records have " + field.by + " " + text_literal(*wanted));
  if (field.missing == Missing::SetNull && !field.info.is_required) return std::nullopt;
  return fault(field,
               "there is no " + name +
                   (field.missing == Missing::Defer ? " yet; it is tried again when that arrives" : ""),
               field.missing == Missing::Defer);
}

std::optional<Mapper::Fault> Mapper::map_lists(const SourceRow& row, const Frame& parent, Mapped& mapped) {
  mapped.lists = Json::object();
  for (const ListMap& list : stream_.lists) {
    const model::RecordType* child = model_.find(list.type);
    Json rows = Json::array();
    const auto found = row.lists.find(list.name);
    for (const Texts& cells : found != row.lists.end() ? found->second : std::vector<Texts>()) {
      Frame frame{&list.fields, child, &cells, &parent};
      if (auto wrong = map_fields(frame)) {
        wrong->field = list.name + "." + wrong->field;
        return wrong;
      }
      Json fields = Json::object();
      for (std::size_t i = 0; i < list.fields.size(); ++i) {
        if (!frame.values[i].is_null()) fields.set(list.fields[i].field, to_json(frame.values[i]));
      }
      rows.push(std::move(fields));
    }
    mapped.lists.set(list.name, std::move(rows));
  }
  return std::nullopt;
}

const std::optional<std::string>& Mapper::cell(const FieldMap& field, const Texts& cells) {
  static const std::optional<std::string> kNone;
  return field.column < cells.size() ? cells[field.column] : kNone;
}

std::string Mapper::currency_of(const FieldMap& field, const Frame& frame) const {
  if (field.info.type != model::FieldType::Money) return {};
  for (const Frame* at = &frame; at != nullptr; at = at->parent) {
    for (std::size_t i = 0; i < at->fields->size() && i < at->values.size(); ++i) {
      if ((*at->fields)[i].field == field.info.currency) return std::string(at->values[i].text());
    }
    const model::Field* sibling = at->type != nullptr ? at->type->find_field(field.info.currency) : nullptr;
    if (sibling != nullptr) return sibling->initial;
  }
  return {};
}

Mapper::Fault Mapper::fault(const FieldMap& field, std::string_view why, bool is_deferred) const {
  return {field.field,
          field.field + ": " + std::string(why) + " (" + connector_.file + ":" +
              std::to_string(field.place.line) + ")",
          is_deferred, false};
}

}  // namespace talon::sync
