/// The order of a compilation: roles, facts, rules by type, personal rules, people, the host's own rules.
#include "compile.hpp"

#include "compile_parts.hpp"
#include "reader.hpp"

#include <algorithm>
#include <tuple>

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

/// @return where the rules are now; null after a mistake.
TypePolicy* add_type(const Compiler& compiler, const TypeRules& rules, ByName<TypePolicy>& into) {
  const model::RecordType* type = type_of(compiler, rules.type);
  if (type == nullptr) return nullptr;
  if (!rules.partner.empty() && type->partner_paths.empty()) {
    compiler.mistake(rules.type, type->name +
                                     " names no path to a partner in its manifest (partner: […]), so a "
                                     "partner file cannot speak about it");
    return nullptr;
  }
  TypePolicy& policy = into[rules.type.text];
  const Standing standing{rules.document, rules.partner};
  for (const Rule& rule : rules.rules) add_rule(compiler, *type, rule, standing, policy);
  for (const FieldRule& rule : rules.fields) add_field_rule(compiler, *type, rule, standing, policy);
  return &policy;
}

/// Denies first; otherwise the order of the files, of which partners' own are compiled last.
void order(TypePolicy& policy) {
  const auto place = [&](uint32_t index) {
    const CompiledRule& rule = policy.rules[index];
    return std::tuple(rule.effect != Effect::Deny, rule.document, index);
  };
  for (auto& [action, list] : policy.by_action) {
    std::sort(list.begin(), list.end(), [&](uint32_t a, uint32_t b) { return place(a) < place(b); });
    list.shrink_to_fit();
  }
  policy.rules.shrink_to_fit();
  policy.partners.shrink_to_fit();
  std::stable_sort(policy.fields.begin(), policy.fields.end(),
                   [](const CompiledField& a, const CompiledField& b) { return a.document < b.document; });
}

/// Two rules with one id would make explanations and `by` of tests ambiguous; field rules are rules too.
class RuleIds {
 public:
  /// @param policy  its last rules are those of `rules`.
  void add(const Compiler& compiler, const TypeRules& rules, const TypePolicy& policy) {
    add(compiler, rules.rules, policy.rules);
    add(compiler, rules.fields, policy.fields);
  }

 private:
  struct Seen {
    std::string_view file;
    Place at;
    uint32_t document = 0;
    bool is_numbered = false;
  };

  template <typename Written, typename Compiled>
  void add(const Compiler& compiler, const std::vector<Written>& written,
           const std::vector<Compiled>& compiled) {
    const std::size_t first = compiled.size() - written.size();
    for (std::size_t i = 0; i < written.size(); ++i) {
      const RuleHead& rule = compiled[first + i];
      Seen later{rule.file, rule.at, rule.document, written[i].is_numbered};
      const auto [at, is_new] = seen_.emplace(rule.id, later);
      // Unnamed rules are numbered per file; the place tells them apart.
      if (is_new || (later.is_numbered && at->second.is_numbered)) continue;
      // The one that was written has the mistake; of two, the later one.
      const auto weight = [](const Seen& seen) { return std::pair(!seen.is_numbered, seen.document); };
      if (weight(later) < weight(at->second)) std::swap(later, at->second);
      compiler.mistakes.push_back({std::string(later.file), later.at,
                                   "the id \"" + std::string(rule.id) + "\" is used already, at " +
                                       std::string(at->second.file) + ":" +
                                       std::to_string(at->second.at.line)});
    }
  }

  std::unordered_map<std::string_view, Seen> seen_;
};

/// Compiles what stands in `set.source.types`, and drops it there.
void add_types(const Compiler& compiler, RuleIds& ids, CompiledSet& set) {
  for (const TypeRules& rules : set.source.types) {
    const TypePolicy* policy = add_type(compiler, rules, set.types);
    if (policy != nullptr) ids.add(compiler, rules, *policy);
  }
  set.source.types.clear();
}

/// Partners' own files, one after the other. Most of their conditions are judged for one partner's records
/// alone, and seldom.
void add_partner_files(const Compiler& compiler, RuleIds& ids, CompiledSet& set) {
  for (const PartnerFile& file : set.source.partner_files) {
    const std::size_t conditions = set.conditions.size();
    read_partner_file(file, *set.model, set.source, compiler.mistakes);
    add_types(compiler, ids, set);
    for (std::size_t i = conditions; i < set.conditions.size(); ++i) set.conditions[i].drop_tree();
  }
  std::vector<PartnerFile>().swap(set.source.partner_files);
  std::vector<TypeRules>().swap(set.source.types);
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
    add_rule(compiler, *type, rule, Standing{UINT32_MAX, {}}, set.types["user"]);
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

uint32_t CompiledSet::partner_number(std::string_view key) const {
  const auto found =
      std::lower_bound(partners.begin(), partners.end(), key,
                       [](const auto& partner, std::string_view wanted) { return partner.first < wanted; });
  return found == partners.end() || found->first != key ? 0 : found->second;
}

CompiledSet compile(PolicySet source, std::shared_ptr<const model::Model> model, Mistakes& mistakes) {
  CompiledSet set;
  set.source = std::move(source);
  set.model = std::move(model);
  set.roles = RoleTable::build(set.source, mistakes);
  for (const auto& [name, fact] : set.source.facts) set.facts[name] = fact.type;
  SharedConditions shared;
  Compiler compiler{set.source, *set.model, set.roles, set.facts, {}, mistakes, set, shared};
  for (const auto& [name, condition] : set.source.conditions) compiler.named[name] = condition.lines;

  check_fact_types(compiler);
  check_named(compiler);
  RuleIds ids;
  add_types(compiler, ids, set);
  add_partner_files(compiler, ids, set);
  add_managed(compiler, set);
  for (auto& [type, policy] : set.types) order(policy);
  check_columns_together(compiler);
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
  std::sort(set.partners.begin(), set.partners.end());
  set.partners.shrink_to_fit();
  set.texts.close();
  return set;
}

}  // namespace talon::access
