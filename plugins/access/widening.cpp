/// Whether a set may be put in force by one person.
#include "diff.hpp"

#include <algorithm>
#include <set>

namespace talon::access {

namespace {

/// What roles say of one another.
std::string hierarchy(const CompiledSet& set) {
  std::string text;
  const auto add = [&](std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) text += name + ",";
    text += ";";
  };
  const auto texts = [](const std::vector<Word>& words) {
    std::vector<std::string> list;
    for (const Word& word : words) list.push_back(word.text);
    return list;
  };
  for (const auto& [name, role] : set.source.roles) {
    text += name + (role.hands_on_own_facts ? "=" : ":");
    add(texts(role.includes));
    add(texts(role.may_invite));
  }
  std::set<std::vector<std::string>> apart;
  for (const std::vector<Word>& roles : set.source.never_together) {
    std::vector<std::string> names = texts(roles);
    std::sort(names.begin(), names.end());
    apart.insert(std::move(names));
  }
  for (const std::vector<std::string>& names : apart) add(names);
  return text;
}

void add_days(const TimeBox& time, Date today, std::set<Date>& days) {
  if (time.from && *time.from > today) days.insert(*time.from);
  if (time.until && time.until->plus_days(1) > today) days.insert(time.until->plus_days(1));
}

void add_days(const CompiledSet& set, Date today, std::set<Date>& days) {
  for (const auto& [name, type] : set.types) {
    for (const CompiledRule& rule : type.rules) add_days(rule.terms->time, today, days);
  }
  for (const auto& [email, user] : set.source.users) {
    for (const Grant& grant : user.grants) add_days(grant.time, today, days);
    for (const TypeRules& type : user.rules) {
      for (const Rule& rule : type.rules) add_days(rule.time, today, days);
    }
  }
}

}  // namespace

bool may_widen(const TwoSets& sets, std::vector<Person> people, Date today, const FindId& find_id) {
  if (hierarchy(sets.before) != hierarchy(sets.after)) return true;
  std::set<Date> days = {today};
  add_days(sets.before, today, days);
  add_days(sets.after, today, days);
  for (Person& person : people) {
    person.is_active = true;  // an account is enabled without anybody's second look
    for (const Person::RoleGrant& grant : person.roles) add_days(grant.time, today, days);
  }
  const std::vector<Person> of_roles = people_of_roles(sets);
  people.insert(people.end(), of_roles.begin(), of_roles.end());
  return std::any_of(days.begin(), days.end(),
                     [&](Date day) { return compare_sets(sets, people, day, find_id).widens(); });
}

}  // namespace talon::access
