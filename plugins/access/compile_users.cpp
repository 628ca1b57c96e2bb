/// Judging what is said about people: roles, grants, facts, and roles that one person may not hold together.
#include "compile_parts.hpp"

namespace talon::access {

namespace {

void check_facts(const Compiler& compiler, const UserEntry& user) {
  for (const auto& [name, values] : user.facts) {
    const auto known = compiler.source.facts.find(name);
    if (known == compiler.source.facts.end()) {
      std::vector<std::string> names = {"roles", "grants", "allow", "deny", "managed"};
      for (const auto& [fact, declared] : compiler.source.facts) names.push_back(fact);
      compiler.mistake(values.front(), "\"" + name + "\" is neither a fact nor a word of a person's entry" +
                                           suggestion(name, names));
    } else if (values.size() > 1 && !known->second.type.is_list) {
      compiler.mistake(values[1], "the fact " + name + " has one value (" + known->second.name.where() +
                                      " does not say \"list of\")");
    }
  }
}

void check_roles(const Compiler& compiler, const UserEntry& user) {
  RoleSet held;
  const auto hold = [&](const std::vector<Word>& words) {
    for (const uint32_t role : compiler.roles.resolve(words, compiler.mistakes)) {
      merge(held, compiler.roles.with_included(role));
    }
  };
  const auto refuse = [&](const Word& at) {
    const RoleSet* forbidden = compiler.roles.forbidden(held);
    if (forbidden == nullptr) return false;
    compiler.mistake(at,
                     user.name.text + " may not hold " + compiler.roles.name_all(*forbidden) + " together");
    return true;
  };
  hold(user.roles);
  if (!user.roles.empty() && refuse(user.roles.front())) return;
  for (const Grant& grant : user.grants) {
    hold({grant.role});
    if (refuse(grant.role)) return;
  }
}

}  // namespace

void check_users(const Compiler& compiler, const std::map<std::string, UserEntry, std::less<>>& users) {
  for (const auto& [name, user] : users) {
    check_facts(compiler, user);
    check_roles(compiler, user);
  }
}

}  // namespace talon::access
