/// Judging what is said about people: roles, grants, facts, and roles that one person may not hold together.
#include "compile_parts.hpp"

#include <talon/expression/literal.hpp>
#include <talon/id.hpp>

namespace talon::access {

namespace {

/// Why `text` is no value of the fact; empty when it is one. A value that cannot be read would be unknown for
/// ever, and nobody would see why.
std::string value_mistake(const Compiler& compiler, const expression::FactType& fact,
                          const std::string& text) {
  expression::detail::LiteralType as{fact.type, fact.scale, {}, {}, false};
  std::string_view value = text;
  if (fact.type == model::FieldType::Money) {
    const std::size_t space = value.find(' ');
    as.currency = space == std::string_view::npos ? "EUR" : std::string(value.substr(space + 1));
    value = value.substr(0, space);
  } else if (fact.type == model::FieldType::Ref) {
    // A number or a made-up name is looked up later; what is an id leads to this type or nowhere.
    const model::RecordType* target = compiler.model.find(fact.to);
    const bool is_other = target != nullptr && parse_id(text) && !parse_id(text, target->prefix);
    return is_other ? "\"" + text + "\" is no id of a " + fact.to : std::string();
  }
  const auto read = expression::detail::read_literal(value, as);
  return read ? std::string() : read.error().message;
}

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
    } else {
      for (const Word& value : values) {
        const std::string mistake = value_mistake(compiler, known->second.type, value.text);
        if (!mistake.empty()) compiler.mistake(value, "the fact " + name + ": " + mistake);
      }
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
