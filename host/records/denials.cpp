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

Error denied_fields(Json errors, const Asked& asked) {
  std::string message(errors.items().front()["message"].string());
  return {Code::PermissionDenied, std::move(message),
          Json::object({{"errors", std::move(errors)}, {"explain", explain_json(asked)}}).to_string()};
}

}  // namespace talon::records
