/// Roles that a login plugin hands out: what the policies make of them.
#include "outside_roles.hpp"

#include "arguments.hpp"

#include <talon/text.hpp>

namespace talon::access {

Result<Json> fit_roles(Authority& authority, const Json& args) {
  TALON_DO(judge_kinds(args, {"email"}, {"held", "roles"}));
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority.set());
  RoleSet held;
  const auto hold = [&](std::string_view name) {
    const int role = set->roles.find(name);
    if (role >= 0) merge(held, set->roles.with_included(static_cast<uint32_t>(role)));
  };
  for (const Json& role : args["held"].items()) hold(role.string());
  const auto entry = set->source.users.find(lower_case(args["email"].string()));
  if (entry != set->source.users.end()) {
    for (const Word& role : entry->second.roles) hold(role.text);
    for (const Grant& grant : entry->second.grants) hold(grant.role.text);
  }
  Json taken = Json::array();
  Json refused = Json::array();
  for (const Json& role : args["roles"].items()) {
    const int number = set->roles.find(role.string());
    RoleSet with = held;
    if (number >= 0) merge(with, set->roles.with_included(static_cast<uint32_t>(number)));
    const char* why = number < 0                              ? "unknown_role"
                      : set->roles.forbidden(with) != nullptr ? "never_together"
                                                              : nullptr;
    if (why != nullptr) {
      refused.push(Json::object({{"role", role}, {"why", why}}));
      continue;
    }
    held = std::move(with);
    taken.push(role);
  }
  return Json::object({{"roles", std::move(taken)}, {"refused", std::move(refused)}});
}

}  // namespace talon::access
