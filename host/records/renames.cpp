/// Puts the ids of existing records in the place of ids that upserts did not use.
#include "host/records/renames.hpp"

#include <talon/id.hpp>

namespace talon::records {

void Renames::apply(const TypeInfo& type, std::vector<Setting>& set) const {
  for (Setting& setting : set) {
    const bool is_reference = type.columns[setting.column]->type == model::FieldType::Ref;
    if (is_reference && setting.kind == Setting::Kind::Value && setting.value.is_integer()) {
      setting.value = real(setting.value.integer());
    }
  }
}

Operation Renames::apply(const Operation& operation) const {
  Operation renamed = operation;
  if (renamed.kind != Operation::Kind::Upsert) renamed.id = real(renamed.id);
  apply(*renamed.type, renamed.set);
  for (ChildRows& list : renamed.lists) {
    for (ChildRow& row : list.rows) apply(*list.type, row.set);
  }
  return renamed;
}

Json Renames::apply(const Generation& generation, const Json& json) const {
  if (!has_named_) return json;
  if (json.is_string()) {
    const std::string_view text = json.string();
    const auto id = parse_id(text);
    if (!id || real(*id) == *id) return json;
    const std::string_view prefix = text.substr(0, text.rfind('_'));
    return generation.prefixes.count(prefix) > 0 ? Json(id_text(prefix, real(*id))) : json;
  }
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json.items()) list.push(apply(generation, item));
    return list;
  }
  if (json.is_object()) {
    Json object = Json::object();
    for (const auto& [key, value] : json.members()) object.set(key, apply(generation, value));
    return object;
  }
  return json;
}

}  // namespace talon::records
