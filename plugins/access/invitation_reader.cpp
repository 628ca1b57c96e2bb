/// Reading invitations: every mistake of one is told at once, with its place.
#include "invitation_reader.hpp"

#include <talon/pointer.hpp>
#include <talon/text.hpp>

namespace talon::access {

namespace {

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> list;
  if (json.is_string()) list.emplace_back(json.string());
  for (const Json& item : json.items()) list.emplace_back(item.string());
  return list;
}

RoleSet read_roles(const CompiledSet& set, const std::vector<std::string>& names, HoldingsJudge& judge,
                   Faults& faults) {
  RoleSet roles;
  RoleSet with_included;
  if (names.empty())
    faults.add("/roles", "required", "name at least one role; without one nobody may do anything");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto role = judge.role(names[i], "/roles/" + std::to_string(i));
    if (!role) continue;
    merge(roles, {*role});
    merge(with_included, set.roles.with_included(*role));
  }
  judge.together(with_included, "/roles");
  return roles;
}

/// Records are named by id or number, and kept by id.
void read_fact(const std::string& name, const Json& json, HoldingsJudge& judge, Holdings& holdings) {
  const std::string place = pointer_below("/facts", name);
  const expression::FactType* type = judge.fact(name, place);
  const std::vector<std::string> values = texts(json);
  if (type == nullptr || !judge.is_count_right(name, *type, values.size(), place)) return;
  std::vector<std::string>& kept = holdings.facts[name];
  for (const std::string& text : values) {
    if (auto value = judge.value(name, *type, text, place)) kept.push_back(*std::move(value));
  }
}

}  // namespace

Result<Invited> read_invited(const CompiledSet& set, const Records& records, People& people,
                             const Json& args) {
  Faults faults;
  Invited invited;
  invited.holdings.roles = texts(args["roles"]);
  HoldingsJudge judge(set, records, people, faults);
  invited.roles = read_roles(set, invited.holdings.roles, judge, faults);
  for (const auto& [name, values] : args["facts"].members()) read_fact(name, values, judge, invited.holdings);
  TALON_DO(faults.outcome());
  return invited;
}

Result<std::string> read_address(const Json& args) {
  std::string email = lower_case(args["email"].string());
  Faults faults;
  if (!is_email_address(email)) {
    faults.add("/email", "invalid_value", echoed(email) + " " + email_address_fault(email));
  }
  if (args["name"].string().find_first_not_of(' ') == std::string_view::npos)
    faults.add("/name", "required", "the person has no name: give \"name\"");
  else if (const std::string fault = one_line_fault(args["name"].string()); !fault.empty())
    faults.add("/name", "invalid_value", "the name " + fault);
  TALON_DO(faults.outcome());
  return email;
}

}  // namespace talon::access
