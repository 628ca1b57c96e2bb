/// A stale write, told with its three versions.
#include "host/records/conflict.hpp"

#include "host/records/history.hpp"

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

}  // namespace talon::records
