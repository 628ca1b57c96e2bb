/// Reads fields, lists and records.
#include "host/records/body_reader.hpp"

#include "host/model/field_value.hpp"

#include <talon/id.hpp>
#include <talon/pointer.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::records {

namespace {

std::string field_suggestion(const TypeInfo& type, std::string_view name) {
  std::vector<std::string> names;
  for (const model::Field* field : type.columns) names.push_back(field->name);
  for (const model::ChildList& list : type.type->lists) names.push_back(list.name);
  const std::string near = model::nearest(name, names);
  return near.empty() ? std::string() : ". Did you mean \"" + near + "\"?";
}

/// People are one by their address, however it is written: in policies, at sign-in and as a key.
Value as_kept(const TypeInfo& type, std::size_t column, Value value) {
  const bool is_address = type.type->name == "user" && type.columns[column]->name == "email";
  return is_address && value.is_text() ? Value(lower_case(value.text())) : value;
}

}  // namespace

void BodyReader::read(const TypeInfo& type, const Json& fields, const std::string& pointer,
                      std::vector<Setting>& set) {
  set.reserve(fields.members().size());
  for (const auto& [name, json] : fields.members()) {
    if (type.type->kind == model::Kind::Child && name == "id") continue;
    Setting setting;
    setting.pointer = pointer_below(pointer, name);
    if (find_settable(type, name, setting) && read_value(type, json, setting))
      set.push_back(std::move(setting));
  }
}

void BodyReader::read_records(const Json& json, const std::string& pointer, Operation& operation,
                              Row& values) {
  const TypeInfo& type = *operation.type;
  for (const Json& name : json["fields"].items()) {
    Setting setting;
    setting.pointer = pointer + "/fields/" + std::to_string(operation.columns.size());
    if (!find_settable(type, name.string(), setting)) continue;
    const auto known = std::find(operation.columns.begin(), operation.columns.end(), setting.column);
    if (known != operation.columns.end())
      faults_.add(setting.pointer, "twice", echoed(name.string()) + " stands twice");
    operation.columns.push_back(setting.column);
  }
  const auto count = static_cast<std::size_t>(json["records"].integer());
  if (!faults_.is_empty() || operation.columns.empty()) return;
  if (count > values.size() / operation.columns.size())
    return faults_.add(pointer + "/records", "no_values",
                       "there are no values for so many records beside the set");
  operation.rows.resize(count);
  for (std::size_t i = 0; i < count && faults_.is_empty(); ++i) {
    NewRow& row = operation.rows[i];
    row.id = inside_.new_id();
    row.values.reserve(operation.columns.size());
    for (const std::size_t column : operation.columns) {
      const model::Field& field = *type.columns[column];
      Result<Value> value = model::read_field_cell(*generation_.model, field, values.front());
      if (!value)
        faults_.add_value(pointer + "/records/" + std::to_string(i) + "/" + field.name, "invalid_value",
                          value.error().message);
      row.values.push_back(value ? as_kept(type, column, *std::move(value)) : Value());
      values = values.subspan(1);
    }
  }
}

void BodyReader::read_lists(const Json& lists, const std::string& pointer, Operation& operation) {
  for (const auto& [name, rows] : lists.members()) {
    const TypeInfo* child = nullptr;
    for (const model::ChildList& list : operation.type->type->lists) {
      if (list.name == name) child = generation_.find(list.type);
    }
    const std::string at = pointer_below(pointer, name);
    if (child == nullptr || !rows.is_array()) {
      faults_.add(at, "unknown_list",
                  operation.type->type->name + " has no list " + echoed(name) + " of rows");
      continue;
    }
    ChildRows& out = operation.lists.emplace_back();
    out.type = child;
    for (std::size_t i = 0; i < rows.items().size(); ++i) {
      const Json& row = rows.items()[i];
      const std::string row_at = at + "/" + std::to_string(i);
      if (!row.is_object()) {
        faults_.add(row_at, "not_an_object", "a row is an object of fields");
        continue;
      }
      ChildRow& child_row = out.rows.emplace_back();
      if (const Json* id = row.find("id")) child_row.id = read_id(*id, child->type->prefix);
      child_row.is_named = child_row.id != 0;
      read(*child, row, row_at, child_row.set);
    }
  }
}

int64_t BodyReader::read_id(const Json& json, std::string_view prefix) const {
  if (json.is_number()) return author_ == Author::Code ? json.integer() : 0;
  const std::string_view text = json.string();
  if (!text.empty() && text[0] == '@') {
    const auto found = names_.find(text.substr(1));
    return found == names_.end() ? 0 : found->second;
  }
  const auto id = parse_id(text, prefix);
  return id ? *id : 0;
}

bool BodyReader::find_settable(const TypeInfo& type, std::string_view name, Setting& setting) {
  const int column = type.column(name);
  if (column < 0) {
    faults_.add(setting.pointer, "unknown_field",
                type.type->name + " has no field " + echoed(name) + field_suggestion(type, name));
    return false;
  }
  setting.column = static_cast<std::size_t>(column);
  const model::Field& field = *type.columns[setting.column];
  if (field.set_by == model::SetBy::Host ||
      (author_ == Author::Caller && (field.set_by == model::SetBy::Action || field.is_internal ||
                                     field.type == model::FieldType::State))) {
    faults_.add(setting.pointer, "not_settable",
                echoed(name) + " cannot be set here; it is set by an action");
    return false;
  }
  return true;
}

bool BodyReader::read_value(const TypeInfo& type, const Json& json, Setting& setting) {
  const model::Field& field = *type.columns[setting.column];
  if (author_ == Author::Code && json.is_object()) {
    if (const Json* text = json.find("$text")) {
      setting.kind = Setting::Kind::Text;
      setting.text = text->string();
      return true;
    }
    if (const Json* digest = json.find("$sha256")) {
      setting.kind = Setting::Kind::Digest;
      setting.text = digest->string();
      return true;
    }
  }
  if (field.type == model::FieldType::Ref && json.is_string() && json.string().starts_with("@")) {
    const int64_t id = read_id(json, {});
    if (id == 0)
      faults_.add(setting.pointer, "unknown_name",
                  "no earlier operation is called " + std::string(json.string()));
    setting.value = id;
    return id != 0;
  }
  if (field.type == model::FieldType::Money && !json.is_null() && !json.is_number()) {
    setting.kind = Setting::Kind::Amount;
    setting.json = json;
    return true;
  }
  model::ReadOptions options;
  options.allow_raw = author_ == Author::Code;
  auto value = model::read_field(*generation_.model, field, json, options);
  if (!value) {
    faults_.add_value(setting.pointer, "invalid_value", value.error().message);
    return false;
  }
  setting.value = as_kept(type, setting.column, *std::move(value));
  return true;
}

}  // namespace talon::records
