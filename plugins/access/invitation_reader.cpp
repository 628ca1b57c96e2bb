/// Reading invitations: every mistake of one is told at once, with its place.
#include "invitation_reader.hpp"

#include <talon/pointer.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::access {

namespace {

struct Sent {
  std::string text;
  std::string place;
};

/// The texts of a list, or one alone; whatever else stands there is a mistake.
std::vector<Sent> texts(const Json& json, const std::string& place, Faults& faults) {
  std::vector<Sent> list;
  const auto take = [&](const Json& item, const std::string& at) {
    if (item.is_string())
      list.push_back({std::string(item.string()), at});
    else
      faults.add(at, "invalid_value", "a text stands here, in quotes, or a list of texts");
  };
  if (!json.is_array()) {
    if (!json.is_null()) take(json, place);
    return list;
  }
  for (std::size_t i = 0; i < json.items().size(); ++i)
    take(json.items()[i], place + "/" + std::to_string(i));
  return list;
}

bool is_nothing(const Json& json) { return json.is_null() || (json.is_array() && json.items().empty()); }

void read_roles(const CompiledSet& set, const Json& json, HoldingsJudge& judge, Faults& faults,
                Invited& invited) {
  if (is_nothing(json))
    faults.add("/roles", "required", "name at least one role; without one nobody may do anything");
  RoleSet with_included;
  for (const Sent& name : texts(json, "/roles", faults)) {
    const auto role = judge.role(name.text, name.place);
    if (!role || contains(invited.roles, *role)) continue;
    invited.holdings.roles.push_back(name.text);
    merge(invited.roles, {*role});
    merge(with_included, set.roles.with_included(*role));
  }
  judge.together(with_included, "/roles");
}

/// Records are named by id or number, and kept by id.
void read_fact(const std::string& name, const Json& json, HoldingsJudge& judge, Faults& faults,
               Holdings& holdings) {
  const std::string place = pointer_below("/facts", name);
  const expression::FactType* type = judge.fact(name, place);
  // A fact that says nothing would count as one where somebody hands on facts of their own alone.
  if (is_nothing(json)) faults.add(place, "required", "give the fact a value, or leave it out");
  const std::vector<Sent> values = texts(json, place, faults);
  if (type == nullptr || values.empty() || !judge.is_count_right(name, *type, values.size(), place)) return;
  std::vector<std::string>& kept = holdings.facts[name];
  for (const Sent& sent : values) {
    auto value = judge.value(name, *type, sent.text, sent.place);
    if (value && std::find(kept.begin(), kept.end(), *value) == kept.end()) kept.push_back(*std::move(value));
  }
}

void read_facts(const Json& json, HoldingsJudge& judge, Faults& faults, Holdings& holdings) {
  if (!json.is_null() && !json.is_object())
    faults.add("/facts", "invalid_value", R"(facts are an object, as in {"client": "C-1001"})");
  for (const auto& [name, values] : json.members()) read_fact(name, values, judge, faults, holdings);
}

/// What nobody reads was meant to say something.
void refuse_others(const Json& args, Faults& faults) {
  static const std::vector<std::string> kKnown = {"email", "name", "language", "roles", "facts"};
  for (const auto& [name, value] : args.members()) {
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end())
      faults.add(pointer_below("", name), "unknown_field",
                 "an invitation has no " + echoed(name) + "." + model::suggestion(name, kKnown));
  }
}

std::string judge_person(const Json& args, Faults& faults) {
  std::string email = lower_case(args["email"].string());
  if (!is_email_address(email)) {
    faults.add("/email", "invalid_value", echoed(email) + " " + email_address_fault(email));
  }
  if (args["name"].string().find_first_not_of(' ') == std::string_view::npos)
    faults.add("/name", "required", "the person has no name: give \"name\"");
  else if (const std::string fault = one_line_fault(args["name"].string()); !fault.empty())
    faults.add("/name", "invalid_value", "the name " + fault);
  if (!args["language"].is_null() && !args["language"].is_string())
    faults.add_value("/language", "invalid_value", "is a text, in quotes, as in \"fr\"");
  return email;
}

}  // namespace

Result<Invited> read_invited(const CompiledSet& set, const Records& records, People& people,
                             const Json& args) {
  Faults faults;
  Invited invited;
  refuse_others(args, faults);
  invited.email = judge_person(args, faults);
  HoldingsJudge judge(set, records, people, faults);
  read_roles(set, args["roles"], judge, faults, invited);
  read_facts(args["facts"], judge, faults, invited.holdings);
  TALON_DO(faults.outcome());
  return invited;
}

Result<std::string> read_address(const Json& args) {
  Faults faults;
  const std::string email = judge_person(args, faults);
  TALON_DO(faults.outcome());
  return email;
}

}  // namespace talon::access
