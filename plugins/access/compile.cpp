/// The order of a compilation: roles, facts, rules by type, personal rules, people, the host's own rules.
#include "compile.hpp"

#include "compile_parts.hpp"

#include <algorithm>
#include <set>

namespace talon::access {

namespace {

const model::RecordType* type_of(const Compiler& compiler, const Word& name) {
  const model::RecordType* type = compiler.model.find(name.text);
  if (type == nullptr) {
    std::vector<std::string> names;
    for (const model::RecordType& known : compiler.model.types) names.push_back(known.name);
    compiler.mistake(name, "there is no record type \"" + name.text + "\"" + suggestion(name.text, names));
  } else if (type->kind == model::Kind::Child) {
    compiler.mistake(name, name.text + " is judged with its " + type->parent + ": write its rules there");
    return nullptr;
  }
  return type;
}

void add_type(const Compiler& compiler, const TypeRules& rules, ByName<TypePolicy>& into) {
  const model::RecordType* type = type_of(compiler, rules.type);
  if (type == nullptr) return;
  if (!rules.partner.empty() && type->partner_paths.empty()) {
    compiler.mistake(rules.type, type->name +
                                     " names no path to a partner in its manifest (partner: […]), so a "
                                     "partner file cannot speak about it");
    return;
  }
  TypePolicy& policy = into[rules.type.text];
  for (const Rule& rule : rules.rules) add_rule(compiler, *type, rule, rules.partner, policy);
  for (const FieldRule& rule : rules.fields) add_field_rule(compiler, *type, rule, rules.partner, policy);
}

/// Denies first; otherwise the order of the files.
void order(TypePolicy& policy) {
  for (auto& [action, list] : policy.by_action) {
    std::stable_partition(list.begin(), list.end(),
                          [&](uint32_t index) { return policy.rules[index].effect == Effect::Deny; });
  }
}

/// Two rules of one type with one id would make explanations and `by` of tests ambiguous.
void check_ids(const Compiler& compiler) {
  std::map<std::string, const Word*, std::less<>> seen;
  std::set<std::pair<std::string, std::string>> files;  // type and partner
  for (const TypeRules& rules : compiler.source.types) {
    const bool is_first = files.emplace(rules.type.text, rules.partner).second;
    for (const Rule& rule : rules.rules) {
      const auto [at, is_new] = seen.emplace(rule.head.text, &rule.head);
      // Unnamed rules are numbered per file; the place tells them apart.
      const bool is_numbered = rule.head.text.find(rules.type.text + "-") != std::string::npos && !is_first;
      if (!is_new && !is_numbered) {
        compiler.mistake(rule.head,
                         "the id \"" + rule.head.text + "\" is used already, at " + at->second->where());
      }
    }
  }
}

/// People marked `managed: yaml` are not changed through the API.
void add_managed(const Compiler& compiler, CompiledSet& set) {
  const model::RecordType* type = compiler.model.find("user");
  if (type == nullptr || type->find_field("email") == nullptr) return;
  for (const auto& [email, user] : compiler.source.users) {
    if (!user.is_managed) continue;
    Rule rule;
    rule.effect = Effect::Deny;
    rule.head = user.name;
    rule.head.text = "managed-by-yaml";
    rule.actions = {{"edit", user.name.file, user.name.place}, {"delete", user.name.file, user.name.place}};
    std::erase_if(rule.actions, [&](const Word& action) { return !type->has_action(action.text); });
    rule.to.has_all = true;
    rule.because = "This person is managed in the policy files.";
    rule.when.kind = expression::Expression::Kind::Compare;
    rule.when.path = "email";
    rule.when.operand.kind = expression::Operand::Kind::Literal;
    rule.when.operand.text = email;
    rule.when.operand.is_quoted = true;
    add_rule(compiler, *type, rule, "", set.types["user"]);
  }
}

void check_fact_types(const Compiler& compiler) {
  for (const auto& [name, fact] : compiler.source.facts) {
    if (fact.type.type != model::FieldType::Ref || compiler.model.find(fact.type.to) != nullptr) continue;
    std::vector<std::string> names = {"text", "integer", "number", "money", "date", "yes/no"};
    for (const model::RecordType& type : compiler.model.types) names.push_back(type.name);
    compiler.mistake(fact.name, "the fact " + name + " is a \"" + fact.type.to +
                                    "\", which is neither a type nor a record type" +
                                    suggestion(fact.type.to, names));
  }
}

}  // namespace

const TypePolicy* CompiledSet::policy_of(std::string_view type) const {
  const auto found = types.find(type);
  return found == types.end() ? nullptr : &found->second;
}

const TypePolicy* CompiledSet::personal_of(std::string_view email, std::string_view type) const {
  const auto person = personal.find(email);
  if (person == personal.end()) return nullptr;
  const auto found = person->second.find(type);
  return found == person->second.end() ? nullptr : &found->second;
}

CompiledSet compile(PolicySet source, std::shared_ptr<const model::Model> model, Mistakes& mistakes) {
  CompiledSet set;
  set.source = std::move(source);
  set.model = std::move(model);
  set.roles = RoleTable::build(set.source, mistakes);
  for (const auto& [name, fact] : set.source.facts) set.facts[name] = fact.type;
  SharedConditions shared;
  Compiler compiler{set.source, *set.model, set.roles, set.facts, {}, mistakes, set.partners, shared};
  for (const auto& [name, condition] : set.source.conditions) compiler.named[name] = condition.lines;

  check_fact_types(compiler);
  check_ids(compiler);
  check_named(compiler);
  for (TypeRules& rules : set.source.types) {
    add_type(compiler, rules, set.types);
    rules = TypeRules();
  }
  std::vector<TypeRules>().swap(set.source.types);  // all of it is in the compiled rules now
  add_managed(compiler, set);
  for (auto& [type, policy] : set.types) {
    order(policy);
    policy.rules.shrink_to_fit();
    policy.partners.shrink_to_fit();
  }
  check_users(compiler, set.source.users);
  for (const auto& [email, user] : set.source.users) {
    for (const TypeRules& rules : user.rules) add_type(compiler, rules, set.personal[email]);
  }
  for (const TestFile& tests : set.source.tests) {
    check_users(compiler, tests.users);
    for (const auto& [name, user] : tests.users) {
      for (const TypeRules& rules : user.rules)
        add_type(compiler, rules, set.personal[tests.file + ":" + name]);
    }
  }
  for (auto& [person, by_type] : set.personal) {
    for (auto& [type, policy] : by_type) order(policy);
  }
  return set;
}

}  // namespace talon::access
