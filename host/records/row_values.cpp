/// A record's row while it is being written.
#include "host/records/row_values.hpp"

#include "host/model/field_value.hpp"
#include "host/runtime/digest.hpp"

#include <talon/faults.hpp>

namespace talon::records {

namespace {

/// Fills %{name}, %{name:5} and %{field:NAME} in.
class Template {
 public:
  Template(const Generation& generation, const TypeInfo& type, const Numbers& numbers, const RowValues& row)
      : generation_(generation), type_(type), numbers_(numbers), row_(row) {}

  Result<std::string> fill(std::string_view text) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t open = text.find("%{", at);
      const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
      if (close == std::string_view::npos) {
        out.append(text.substr(at));
        break;
      }
      out.append(text.substr(at, open - at));
      TALON_DO(append(text.substr(open + 2, close - open - 2), out));
      at = close + 1;
    }
    return out;
  }

 private:
  Result<void> append(std::string_view name, std::string& out) const {
    if (name.starts_with("field:")) {
      const int column = type_.column(name.substr(6));
      if (column < 0) return invalid("change set: no field for %{" + std::string(name) + "}");
      const auto at = static_cast<std::size_t>(column);
      const model::Field& field = *type_.columns[at];
      out += model::write_field_text(*generation_.model, field, row_[at].cell(),
                                     currency_of(type_, field, row_, nullptr));
      return {};
    }
    const std::size_t colon = name.find(':');
    const auto number = numbers_.find(name.substr(0, colon));
    if (number == numbers_.end())
      return invalid("change set: no number is called \"" + std::string(name) + "\"");
    std::string digits = std::to_string(number->second);
    if (colon != std::string_view::npos) {
      const auto width =
          static_cast<std::size_t>(detail::digits_at(name, colon + 1, name.size() - colon - 1));
      if (width <= 18 && digits.size() < width) digits.insert(0, width - digits.size(), '0');
    }
    out += digits;
    return {};
  }

  const Generation& generation_;
  const TypeInfo& type_;
  const Numbers& numbers_;
  const RowValues& row_;
};

Error bad_value(const std::string& pointer, const std::string& message) {
  Faults faults;
  faults.add_value(pointer, "invalid_value", message);
  return faults.outcome().error();
}

}  // namespace

Result<RowValues> initial_row(const Generation& generation, const TypeInfo& type) {
  if (!type.initial.empty()) return type.initial;
  RowValues row(type.columns.size());
  for (std::size_t i = 0; i < type.columns.size(); ++i) {
    if (type.columns[i]->initial.empty()) continue;
    TALON_TRY(row[i], model::initial_value(*generation.model, *type.columns[i]));
  }
  return row;
}

std::string currency_of(const TypeInfo& type, const model::Field& field, const RowValues& row,
                        const RowParent* parent) {
  if (field.type != model::FieldType::Money) return {};
  const int own = type.column(field.currency);
  if (own >= 0) return std::string(row[static_cast<std::size_t>(own)].text());
  if (parent == nullptr) return {};
  const int outer = parent->type->column(field.currency);
  return outer < 0 ? std::string() : std::string((*parent->row)[static_cast<std::size_t>(outer)].text());
}

Result<void> apply_settings(const Generation& generation, const TypeInfo& type,
                            const std::vector<Setting>& set, const Numbers& numbers, const RowParent* parent,
                            RowValues& row) {
  using Kind = Setting::Kind;
  for (const Setting& setting : set) {
    if (setting.kind == Kind::Value) row[setting.column] = setting.value;
  }
  for (const Setting& setting : set) {
    if (setting.kind != Kind::Amount) continue;
    const model::Field& field = *type.columns[setting.column];
    const std::string currency = currency_of(type, field, row, parent);
    model::ReadOptions options;
    options.currency = currency;
    auto value = model::read_field(*generation.model, field, setting.json, options);
    if (!value) return bad_value(setting.pointer, value.error().message);
    row[setting.column] = *std::move(value);
  }
  for (const Setting& setting : set) {
    if (setting.kind != Kind::Text) continue;
    TALON_TRY(row[setting.column], Template(generation, type, numbers, row).fill(setting.text));
  }
  for (const Setting& setting : set) {
    if (setting.kind != Kind::Digest) continue;
    const int source = type.column(setting.text);
    if (source < 0) return invalid("change set: no field \"" + setting.text + "\" to digest");
    row[setting.column] = Value(runtime::sha256_hex(row[static_cast<std::size_t>(source)].text()));
  }
  return {};
}

Result<void> check_required(const TypeInfo& type, const RowValues& row) {
  Faults faults;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const model::Field& field = *type.columns[i];
    if (!field.is_required || !row[i].is_null()) continue;
    faults.add("/" + field.name, "required", type.type->name + " needs \"" + field.name + "\"");
  }
  return faults.outcome();
}

Json shown_values(const Generation& generation, const TypeInfo& type, const RowValues& row,
                  const std::vector<std::size_t>& columns, const RowParent* parent) {
  Json values = Json::object();
  for (const std::size_t i : columns) {
    const model::Field& field = *type.columns[i];
    if (field.is_internal) {
      values.set(field.name, row[i].is_null() ? Json() : Json("***"));
    } else {
      values.set(field.name, model::write_field(*generation.model, field, row[i].cell(),
                                                currency_of(type, field, row, parent)));
    }
  }
  return values;
}

}  // namespace talon::records
