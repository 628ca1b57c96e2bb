/// What answers about rights show of records and people, for the read log.
#include "host/http/api.hpp"

#include <algorithm>
#include <vector>

namespace talon::http {

namespace {

/// The paths whose values stand in an explanation.
void add_explained(const Json& json, std::vector<std::string>& paths) {
  if (const Json* path = json.find("path")) {
    if (std::find(paths.begin(), paths.end(), path->string()) == paths.end())
      paths.emplace_back(path->string());
  }
  for (const Json& item : json.items()) add_explained(item, paths);
  for (const auto& [name, value] : json.members()) add_explained(value, paths);
}

}  // namespace

Result<void> Api::log_explained(const gate::Call& call, std::string_view action, const std::string& answer) {
  TALON_TRY(const Json json, Json::parse(answer));
  std::vector<std::string> paths;
  add_explained(json, paths);
  const std::string record(json["record"].string());
  if (!record.empty() && !paths.empty())
    TALON_DO(parts_.records->log_sight(call, {json["type"].string(), {&record, 1}, action, paths}));
  static const std::vector<std::string> kTold = {"name", "email"};
  std::vector<std::string> people;
  for (const Json& user : json["users"].items()) people.emplace_back(user["user"].string());
  if (!json["email"].string().empty()) people.emplace_back(json["user"].string());
  return parts_.records->log_sight(call, {"user", people, action, kTold});
}

}  // namespace talon::http
