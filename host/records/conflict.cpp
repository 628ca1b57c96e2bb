/// Conflicts told to the caller.
#include "host/records/conflict.hpp"

#include "host/records/history.hpp"
#include "host/storage/errors.hpp"
#include "host/storage/names.hpp"

namespace talon::records {

Error conflict_error(Records& records, const Call& call, const StaleWrite& write, Error stale) {
  std::vector<std::string> fields;
  for (const auto& [name, value] : write.body.members()) fields.push_back(name);
  auto theirs = records.get(call, write.type.type->name, write.id, fields);
  if (!theirs) return stale;  // no longer visible: the bare refusal says nothing of the record
  Json base = Json::object();
  for (const std::string& field : fields) base.set(field, (*theirs)[field]);
  auto history = records.history(call, write.type.type->name, write.id);
  if (history) {
    // Newest first: the oldest change after the caller's version has the value that the caller had read.
    for (const Json& entry : (*history)["entries"].items()) {
      if (entry["version"].integer() <= write.version) break;
      for (const std::string& field : fields) {
        if (const Json* before = entry["before"].find(field)) base.set(field, *before);
      }
    }
  }
  stale.details = Json::object({{"base", std::move(base)},
                                {"theirs", *theirs},
                                {"mine", write.body},
                                {"version", (*theirs)["version"]}})
                      .to_string();
  return stale;
}

namespace {

/// The fields of the unique key called `constraint`, or null.
const std::vector<std::string>* key_of(const Generation& generation, const std::string& constraint) {
  for (const auto& [name, info] : generation.types) {
    for (const std::vector<std::string>& key : info.type->unique) {
      if (storage::unique_index_name(info.type->plural, key) == constraint) return &key;
    }
  }
  return nullptr;
}

}  // namespace

Error duplicate_error(const Generation& generation, Error error) {
  const std::string constraint = storage::constraint_of(error);
  if (constraint.empty()) return error;
  if (constraint.starts_with("idempotency_keys_")) {
    return {Code::Aborted, "a request with this Idempotency-Key was made meanwhile; send it again",
            Json::object({{"reason", "key_under_way"}}).to_string()};
  }
  const std::vector<std::string>* const key = key_of(generation, constraint);
  // Ids of these are never a caller's: another host made the same one in the same millisecond.
  if (key == nullptr && (constraint.starts_with("audit_entries") || constraint.starts_with("outbox"))) {
    return {Code::Aborted, "another host wrote at the same moment; send it again"};
  }
  if (key == nullptr) return {Code::AlreadyExists, "another record has the same id; leave the id out"};
  std::string names;
  for (const std::string& field : *key) names += (names.empty() ? "" : ", ") + field;
  const std::string message =
      key->size() == 1 ? names + " is already taken" : "(" + names + ") is already taken, all together";
  Json errors = Json::array();
  for (const std::string& field : *key) {
    errors.push(Json::object({{"pointer", "/" + field}, {"code", "taken"}, {"message", message}}));
  }
  return {Code::AlreadyExists, message, errors.to_string()};
}

}  // namespace talon::records
