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
  static const std::vector<std::string> kCreateAll = {"op", "type", "fields", "records"};
  TALON_DO(check_words(changeset, kSet, "a change set"));
  for (const char* list : {"operations", "events"}) {
    if (!changeset[list].is_null() && !changeset[list].is_array())
      return invalid("change set: \"" + std::string(list) + "\" is a list");
  }
  for (const Json& operation : changeset["operations"].items()) {
    const bool creates_all = operation["op"].string() == "create_all";
    TALON_DO(check_words(operation, creates_all ? kCreateAll : kOperation,
                         creates_all ? "a create_all" : "an operation of a change set"));
    if (creates_all && (operation["fields"].items().empty() || operation["records"].integer(-1) < 0))
      return invalid(
          R"(change set: a create_all has "fields", a list of names, and "records", how many there are; )"
          "without fields its values would be none's");
    // One that cannot be read would be none, and what somebody else wrote meanwhile be lost.
    const Json& version = operation["version"];
    if (!version.is_null() && version.integer(-2) < -1)
      return invalid("change set: \"version\" is a whole number, -1 for any");
  }
  return {};
}

}  // namespace talon::records
