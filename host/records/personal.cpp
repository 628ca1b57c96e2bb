/// Personal values of audit entries.
#include "host/records/personal.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/random.hpp"

#include <algorithm>

namespace talon::records {

namespace {

Json apart(const Json& value, const std::string& path, std::vector<PersonalValue>& out) {
  PersonalValue kept;
  kept.path = path;
  kept.salt = runtime::hex(runtime::random_bytes(kSaltBytes));
  kept.value = value.to_string(Json::Keys::Sorted);
  kept.hash = runtime::sha256_hex(kept.salt + "\n" + kept.value);
  out.push_back(kept);
  return Json::object({{std::string(kPersonalMark), kept.hash}});
}

bool has_personal(const model::RecordType& type) {
  return std::any_of(type.fields.begin(), type.fields.end(),
                     [](const model::Field& field) { return field.is_personal && !field.is_internal; });
}

Json row_apart(const model::RecordType& type, const Json& row, const std::string& path,
               std::vector<PersonalValue>& out) {
  Json result = Json::object();
  for (const auto& [name, value] : row.members()) {
    const model::Field* field = type.find_field(name);
    const bool is_apart = field != nullptr && field->is_personal && !field->is_internal && !value.is_null();
    result.set(name, is_apart ? apart(value, path + "." + name, out) : value);
  }
  return result;
}

Json side_apart(const model::Model& model, const model::RecordType& type, const Json& side,
                const std::string& path, std::vector<PersonalValue>& out) {
  Json result = has_personal(type) ? row_apart(type, side, path, out) : side;
  for (const model::ChildList& list : type.lists) {
    const model::RecordType* child = model.find(list.type);
    const Json* rows = result.find(list.name);
    if (child == nullptr || rows == nullptr || !has_personal(*child)) continue;
    Json kept = Json::array();
    for (std::size_t i = 0; i < rows->items().size(); ++i) {
      kept.push(row_apart(*child, rows->items()[i], path + "." + list.name + "." + std::to_string(i), out));
    }
    result.set(list.name, std::move(kept));
  }
  return result;
}

}  // namespace

std::vector<PersonalValue> set_apart(const model::Model& model, const model::RecordType& type,
                                     Json& content) {
  std::vector<PersonalValue> values;
  const bool is_concerned =
      has_personal(type) || std::any_of(type.lists.begin(), type.lists.end(), [&](const auto& list) {
        const model::RecordType* child = model.find(list.type);
        return child != nullptr && has_personal(*child);
      });
  if (!is_concerned) return values;
  for (const char* side : {"before", "after"}) {
    const Json* rows = content.find(side);
    if (rows != nullptr) content.set(side, side_apart(model, type, *rows, side, values));
  }
  return values;
}

Result<Json> put_back(storage::Reader& reader, int64_t entry, Json content) {
  if (content.to_string().find(kPersonalMark) == std::string::npos) return content;
  PersonalValues values;
  TALON_DO(reader.rows({"select hash, value, erased_at from audit_values where entry = ?", {entry}},
                       [&](Row row) -> Result<void> {
                         Json value;
                         if (row[1].is_null()) {
                           value = erased_value(row[2].integer());
                         } else {
                           TALON_TRY(value, Json::parse(row[1].text()));
                         }
                         values.emplace(row[0].text(), std::move(value));
                         return {};
                       }));
  return with_personal_values(content, values);
}

}  // namespace talon::records
