/// The form of a change set.
#include "host/records/changeset_form.hpp"

#include <talon/model.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

namespace {

Result<void> check_words(const Json& json, const std::vector<std::string>& known, std::string_view what) {
  if (!json.is_object()) return invalid(std::string(what) + " is a JSON object");
  for (const auto& [name, value] : json.members()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = model::nearest(name, known);
    return invalid(std::string(what) + " has no \"" + name + "\"" +
                   (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
  }
  return {};
}

}  // namespace

Result<void> check_form(const Json& changeset) {
  static const std::vector<std::string> kSet = {"operations", "events", "answer"};
  static const std::vector<std::string> kOperation = {"op",  "type", "as",    "id",    "version",
                                                      "key", "set",  "lists", "field", "where"};
  TALON_DO(check_words(changeset, kSet, "a change set"));
  for (const char* list : {"operations", "events"}) {
    if (!changeset[list].is_null() && !changeset[list].is_array())
      return invalid("change set: \"" + std::string(list) + "\" is a list");
  }
  for (const Json& operation : changeset["operations"].items()) {
    TALON_DO(check_words(operation, kOperation, "an operation of a change set"));
    // One that cannot be read would be none, and what somebody else wrote meanwhile be lost.
    const Json& version = operation["version"];
    if (!version.is_null() && version.integer(-2) < -1)
      return invalid("change set: \"version\" is a whole number, -1 for any");
  }
  return {};
}

}  // namespace talon::records
