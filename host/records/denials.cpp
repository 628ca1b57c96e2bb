/// Refusals by a rule.
#include "host/records/denials.hpp"

#include <talon/id.hpp>

#include <utility>

namespace talon::records {

namespace {

Json explain_json(const Asked& asked) {
  Json explain = Json::object({{"action", asked.action}, {"type", asked.type.name}});
  if (asked.id != 0) explain.set("record", id_text(asked.type.prefix, asked.id));
  if (!asked.field.empty()) explain.set("field", asked.field);
  return explain;
}

}  // namespace

Error denied_by_rule(std::string message, const Asked& asked) {
  return {Code::PermissionDenied, std::move(message),
          Json::object({{"explain", explain_json(asked)}}).to_string()};
}

Error denied_on_record(const Asked& asked) {
  return denied_by_rule("you may not " + std::string(asked.action) + " " +
                            id_text(asked.type.prefix, asked.id) + "; `talon policy explain` names the rule",
                        asked);
}

Error denied_fields(const Faults& faults, const Asked& asked) {
  return {Code::PermissionDenied, faults.message(),
          Json::object({{"errors", faults.list()}, {"explain", explain_json(asked)}}).to_string()};
}

}  // namespace talon::records
