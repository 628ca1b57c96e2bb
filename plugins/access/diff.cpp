/// Comparing two sets for everybody, with people of one residual taken together.
#include "diff.hpp"

#include "compile_parts.hpp"

#include <talon/expression/parse.hpp>

#include <algorithm>
#include <set>

namespace talon::access {

namespace {

using expression::Expression;

std::string names_of(const CompiledSet& set, const RoleSet& roles) {
  std::string text;
  for (const uint32_t role : roles) text += set.roles.name(role) + ",";  // names sort as their numbers do
  return text;
}

std::string binding_text(const CompiledSet& set, const Binding& binding) {
  return (binding.has_all ? "*" : names_of(set, binding.roles)) + "-" + names_of(set, binding.except);
}

std::string days_of(const TimeBox& time) {
  return (time.from ? time.from->to_string() : "") + ".." + (time.until ? time.until->to_string() : "");
}

/// All that a type's rules mean, without their names and places: equal texts mean equal plans.
std::string fingerprint(const CompiledSet& set, const TypePolicy* policy) {
  std::string text;
  if (policy == nullptr) return text;
  const std::map<std::string_view, const std::vector<uint32_t>*> sorted = [&] {
    std::map<std::string_view, const std::vector<uint32_t>*> lists;
    for (const auto& [action, list] : policy->by_action) lists[action] = &list;
    return lists;
  }();
  for (const auto& [action, list] : sorted) {
    text.append(action).append(":");
    for (const uint32_t index : *list) {
      const CompiledRule& rule = policy->rules[index];
      text += (rule.effect == Effect::Deny ? "!" : "+") + binding_text(set, rule.binding()) +
              days_of(rule.terms->time) + rule.where.text() + (rule.terms->may_drill_down ? "" : "^");
      if (!rule.terms->has_columns) continue;
      for (const std::string& column : rule.terms->columns) text += "|" + column;
    }
  }
  for (const CompiledField& rule : policy->fields) {
    text += "#" + std::to_string(static_cast<int>(rule.effect)) + rule.as +
            binding_text(set, rule.binding()) + rule.where.text();
    for (const std::string& field : rule.fields) text += "," + field;
  }
  return text;
}

std::string fingerprint(const Subject& subject) {
  std::string text = subject.is_active ? "a" : "";
  for (const std::string& role : subject.facts.roles) text += role + ",";
  for (const auto& [name, values] : subject.facts.facts) {
    text += "|" + name;
    for (const Value& value : values)
      text += "=" + (value.is_integer() ? std::to_string(value.integer()) : std::string(value.text()));
  }
  return text;
}

std::vector<std::string> actions_of(const model::RecordType& type) {
  std::vector<std::string> actions = type.base_actions;
  for (const model::Action& action : type.actions) actions.push_back(action.name);
  return actions;
}

/// The same but for its name and place.
bool is_same(const PlanRule& a, const PlanRule& b) {
  return a.text == b.text && a.rule->terms->has_columns == b.rule->terms->has_columns &&
         a.rule->terms->columns == b.rule->terms->columns;
}
bool is_same(const PlanField& a, const PlanField& b) {
  return a.text == b.text && a.rule->effect == b.rule->effect && a.rule->as == b.rule->as &&
         a.rule->fields == b.rule->fields;
}

/// Rules that only one of the plans has, as they are shown.
template <typename Entries>
void add_lone_rules(const char* mark, const Entries& here, const Entries& there,
                    std::set<std::string>& rules) {
  for (const auto& entry : here) {
    const bool is_there =
        std::any_of(there.begin(), there.end(), [&](const auto& other) { return is_same(entry, other); });
    if (!is_there) rules.insert(mark + std::string(entry.rule->id) + " (" + entry.rule->place() + ")");
  }
}

/// Changes by what they are, so that people with equal ones meet.
class Changes {
 public:
  void add(RightChange change, const std::string& person, const std::set<std::string>& rules) {
    std::string key = change.type + "\n" + change.action + "\n" + change.field + "\n" +
                      expression::print(change.before) + "\n" + expression::print(change.after) + "\n" +
                      expression::print(change.among);
    const auto [at, is_new] = index_.emplace(std::move(key), changes_.size());
    if (is_new) {
      change.rules.assign(rules.begin(), rules.end());
      changes_.push_back(std::move(change));
    }
    std::vector<std::string>& people = changes_[at->second].people;
    // Without a server somebody is looked at once for each role that they may hold.
    if (std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
  }
  std::vector<RightChange> take() { return std::move(changes_); }

 private:
  std::map<std::string, std::size_t> index_;
  std::vector<RightChange> changes_;
};

/// One person on one type under both sets.
class Pair {
 public:
  Pair(const TwoSets& sets, const Subject& before, const Subject& after, const model::RecordType& type,
       Date day, Changes& changes)
      : sets_(sets), before_(before), after_(after), type_(type), day_(day), changes_(changes) {}

  void compare() {
    for (const std::string& action : actions_of(type_)) {
      const Plan before = make_plan(sets_.before, before_, action, type_.name, day_);
      const Plan after = make_plan(sets_.after, after_, action, type_.name, day_);
      std::set<std::string> rules;
      add_lone_rules("- ", before.allows, after.allows, rules);
      add_lone_rules("- ", before.denies, after.denies, rules);
      add_lone_rules("+ ", after.allows, before.allows, rules);
      add_lone_rules("+ ", after.denies, before.denies, rules);
      add({type_.name, action, "", allowed_by(before), allowed_by(after), {}, {}, {}}, rules);
      if (action == "view") compare_fields(before, after);
    }
  }

 private:
  void compare_fields(const Plan& before, const Plan& after) {
    const Expression among = both_of(allowed_by(before), allowed_by(after));
    if (is_never_true(among)) return;
    std::set<std::string> rules;
    add_lone_rules("- ", before.fields, after.fields, rules);
    add_lone_rules("+ ", after.fields, before.fields, rules);
    const bool has_columns = before.has_columns || after.has_columns || !before.partial_columns.empty() ||
                             !after.partial_columns.empty();
    // Equal rules in another order, or twice, come to the same.
    if (rules.empty() && !has_columns) return;
    const bool may_edit = type_.has_action("edit") || type_.has_action("create");
    for (const std::string& field : field_names(*sets_.before.model, type_)) {
      if (field_of(*sets_.before.model, type_, field) == nullptr) continue;
      const auto add_right = [&](const char* name, FieldRight right) {
        return add({type_.name,
                    name,
                    field,
                    field_right(before, field, right),
                    field_right(after, field, right),
                    among,
                    {},
                    {}},
                   rules);
      };
      // What is no longer seen need not be said to be no longer edited too.
      if (add_right("see", FieldRight::Seen)) continue;
      if (add_right("see unmasked", FieldRight::Unmasked)) continue;
      if (may_edit) add_right("edit", FieldRight::Editable);
    }
  }

  bool add(RightChange change, const std::set<std::string>& rules) {
    if (expression::print(change.before) == expression::print(change.after)) return false;
    if (!change.may_gain() && !change.may_lose()) return false;
    changes_.add(std::move(change), after_.key, rules);
    return true;
  }

  const TwoSets& sets_;
  const Subject& before_;
  const Subject& after_;
  const model::RecordType& type_;
  Date day_;
  Changes& changes_;
};

}  // namespace

bool RightChange::may_gain() const { return !implies(after, before); }
bool RightChange::may_lose() const { return !implies(before, after); }

bool Comparison::widens() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const RightChange& change) { return change.may_gain(); });
}

Comparison compare_sets(const TwoSets& sets, const std::vector<Person>& people, Date day,
                        const FindId& find_id) {
  std::map<std::string_view, bool> is_same;
  for (const model::RecordType& type : sets.before.model->types) {
    is_same[type.name] = fingerprint(sets.before, sets.before.policy_of(type.name)) ==
                         fingerprint(sets.after, sets.after.policy_of(type.name));
  }
  Changes changes;
  for (const Person& person : people) {
    const Subject before = make_subject(sets.before, person, day, find_id);
    const Subject after = make_subject(sets.after, person, day, find_id);
    const bool is_same_person = fingerprint(before) == fingerprint(after);
    for (const model::RecordType& type : sets.before.model->types) {
      if (type.kind == model::Kind::Child) continue;
      const bool has_same_rules =
          is_same[type.name] && fingerprint(sets.before, sets.before.personal_of(person.key, type.name)) ==
                                    fingerprint(sets.after, sets.after.personal_of(person.key, type.name));
      if (is_same_person && has_same_rules) continue;
      Pair(sets, before, after, type, day, changes).compare();
    }
  }
  return {people.size(), changes.take()};
}

}  // namespace talon::access
