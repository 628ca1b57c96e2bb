/// How far an inviter's word goes.
#include "invitation_bounds.hpp"

#include "condition_words.hpp"
#include "plan.hpp"

#include <algorithm>
#include <set>

namespace talon::access {

namespace {

/// What rules that name one of `roles` ask about a person. Rules for everyone ask it of nobody in particular.
std::set<std::string> facts_asked_of(const CompiledSet& set, const RoleSet& roles) {
  std::set<std::string> facts;
  const auto collect = [&](const Binding& binding, const Residue& where) {
    if (!binding.has_all && intersects(binding.roles, roles)) facts_in(*where.tree(), facts);
  };
  for (const auto& [type, policy] : set.types) {
    for (const CompiledRule& rule : policy.rules) collect(rule.binding(), rule.where);
    for (const CompiledField& field : policy.fields) collect(field.binding(), field.where);
  }
  return facts;
}

/// "hands on: own facts": nobody is given a record that the inviter does not have, and none without any.
Result<void> require_own_facts(const CompiledSet& set, const Person& inviter, const Holdings& holdings) {
  std::map<std::string, std::vector<std::string>, std::less<>> own = inviter.facts;
  const auto entry = set.source.users.find(inviter.key);
  if (entry != set.source.users.end()) {
    for (const auto& [name, words] : entry->second.facts) {
      own[name].clear();
      for (const Word& word : words) own[name].push_back(word.text);
    }
  }
  if (holdings.facts.empty())
    return denied("say whom they belong to: an invitation of yours hands on facts of your own");
  for (const auto& [name, values] : holdings.facts) {
    for (const std::string& value : values) {
      const std::vector<std::string>& held = own[name];
      if (std::find(held.begin(), held.end(), value) != held.end()) continue;
      return denied("you may hand on your own " + name + " alone (roles.yaml, hands on: own facts)");
    }
  }
  return {};
}

/// The right to invite for the record that a fact names.
Result<void> require_right(Authority& authority, const CompiledSet& set, const Inviter& inviter,
                           const std::string& type, const std::string& record, Date day) {
  const model::RecordType* target = set.model->find(type);
  if (target == nullptr || !target->has_action("invite")) return {};
  // A token's roles are narrower than its owner's, whom `explain` asks about.
  const bool is_possible = !make_plan(set, inviter.subject, "invite", type, day).allows.empty();
  if (is_possible) {
    TALON_TRY(const Json answer, authority.explain({inviter.id, "invite", type, record, {}, {}}));
    if (answer["allowed"].boolean()) return {};
  }
  return denied("you may not invite people of " + record + "; it takes the right " + type + ".invite");
}

}  // namespace

Result<void> require_bounds(Authority& authority, const CompiledSet& set, const Inviter& inviter,
                            const RoleSet& invited, bool is_bound_to_own, const Holdings& holdings,
                            Date day) {
  if (is_bound_to_own) return require_own_facts(set, inviter.person, holdings);
  if (!make_plan(set, inviter.subject, "create", "user", day).allows.empty()) return {};
  RoleSet all;
  for (const uint32_t role : invited) merge(all, set.roles.with_included(role));
  const std::set<std::string> asked = facts_asked_of(set, all);
  for (const auto& [name, values] : holdings.facts) {
    if (!asked.contains(name)) {
      return denied("no rule for " + set.roles.name_all(invited) + " asks for the fact " + name +
                    "; leave it out, or ask an administrator");
    }
    const auto type = set.facts.find(name);
    const bool names_records = type != set.facts.end() && type->second.type == model::FieldType::Ref;
    if (!names_records) continue;
    if (values.size() > 1)
      return denied("you hand on one " + name + " with an invitation; an administrator adds others");
    for (const std::string& value : values)
      TALON_DO(require_right(authority, set, inviter, type->second.to, value, day));
  }
  return {};
}

}  // namespace talon::access
