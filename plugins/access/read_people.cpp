/// Roles, facts, scopes, named conditions and what is said about single people.
#include "reader.hpp"

namespace talon::access {

namespace {

using model::FieldType;

Grant read_grant(const NodeReader& reader, const Node& node) {
  Grant grant;
  if (!reader.is_entry(node, "a grant, as in {role: accountant, until: 2026-12-31}")) return grant;
  for (const auto& [key, value] : node.entries) {
    if (key.text == "role")
      grant.role = reader.scalar(value, "a role");
    else if (key.text == "from")
      grant.time.from = reader.date(value);
    else if (key.text == "until")
      grant.time.until = reader.date(value);
    else if (key.text == "reason" || key.text == "because")
      grant.reason = reader.scalar(value, "a sentence").text;
    else
      reader.unknown_word(key, {"role", "from", "until", "reason"});
  }
  if (grant.role.text.empty()) reader.mistake(node.place, "the grant names no role");
  if (grant.time.from && grant.time.until && *grant.time.until < *grant.time.from) {
    reader.mistake(node.place, "the grant ends before it begins");
  }
  return grant;
}

/// A personal rule: its first word that is no word of rules is the action, and its value the type.
void read_personal_rule(const NodeReader& reader, const Node& node, Effect effect, UserEntry& user) {
  if (!reader.is_entry(node, "a personal rule, as in \"export: invoice\"")) return;
  Rule rule;
  rule.effect = effect;
  rule.to.has_all = true;
  Word type;
  for (const auto& [key, value] : node.entries) {
    if (read_rule_word(reader, key, value, rule)) continue;
    if (!type.text.empty()) {
      reader.mistake(key.place,
                     "a personal rule has one line ACTION: TYPE; \"" + key.text + "\" is a second one");
      continue;
    }
    type = reader.scalar(value, "a record type");
    rule.head = {rule.head.text, reader.file(), key.place};
    rule.has_all_actions = key.text == "everything";
    if (!rule.has_all_actions) rule.actions = {reader.word(key)};
  }
  if (type.text.empty()) {
    reader.mistake(node.place, "the rule names no action and type, as in \"export: invoice\"");
    return;
  }
  if (rule.head.text.empty()) {
    rule.head.text = user.name.text + "-" + (effect == Effect::Allow ? "allow-" : "deny-") + type.text;
  }
  TypeRules rules;
  rules.type = type;
  rules.rules.push_back(std::move(rule));
  user.rules.push_back(std::move(rules));
}

expression::FactType read_fact_type(const NodeReader& reader, const Word& written) {
  static const std::map<std::string, FieldType, std::less<>> kTypes = {
      {"text", FieldType::Text},      {"integer", FieldType::Integer}, {"number", FieldType::Decimal},
      {"money", FieldType::Money},    {"date", FieldType::Date},       {"yes/no", FieldType::Boolean},
      {"boolean", FieldType::Boolean}};
  static constexpr int kNumberScale = 4;  // as many decimals as a quantity has
  expression::FactType fact;
  std::string name = written.text;
  if (name.starts_with("list of ")) {
    fact.is_list = true;
    name = name.substr(8);
  }
  if (name.ends_with("?")) name.pop_back();  // any fact may be missing; the mark is for the reader
  if (const auto known = kTypes.find(name); known != kTypes.end()) {
    fact.type = known->second;
    if (fact.type == FieldType::Decimal) fact.scale = kNumberScale;
  } else {
    fact.type = FieldType::Ref;
    fact.to = name;
  }
  if (name.empty()) reader.mistake(written.place, "expected a type, as in \"money\" or \"list of party\"");
  return fact;
}

/// {en: …, fr: …}: one sentence a language, English always.
void read_description(const NodeReader& reader, const Node& node, Role& role) {
  if (!reader.is_map(node, "who holds the role, by language, as in {en: Keeps the books.}")) return;
  for (const auto& [key, value] : node.entries) {
    if (key.text != "en" && key.text != "fr") {
      reader.unknown_word(key, {"en", "fr"});
      continue;
    }
    const Word sentence = reader.scalar(value, "a sentence");
    if (sentence.text.empty() || sentence.text.find_first_of("\n\r") != std::string::npos)
      reader.mistake(value.place, "a description is one line that says who holds the role");
    else
      role.description[key.text] = sentence;
  }
  if (node.find("en") == nullptr) reader.mistake(node.place, "the description has no English text (en:)");
}

}  // namespace

void read_roles(const NodeReader& reader, const Node& node, PolicySet& set) {
  if (!reader.is_map(node, "roles by name, as in \"accountant: {includes: [viewer]}\"")) return;
  for (const auto& [key, value] : node.entries) {
    Role role;
    role.name = reader.word(key);
    if (key.text == "everyone")
      reader.mistake(key.place, "\"everyone\" is not a role: rules use it for all people");
    if (reader.is_map(value, "{} or {includes: [ROLES]}")) {
      for (const auto& [word, names] : value.entries) {
        if (word.text == "includes")
          role.includes = reader.words(names, "a role or a list of roles");
        else if (word.text == "may invite")
          role.may_invite = reader.words(names, "a role or a list of roles");
        else if (word.text == "hands on") {
          role.hands_on_own_facts = names.text == "own facts";
          if (!role.hands_on_own_facts) reader.mistake(names.place, "expected \"hands on: own facts\"");
        } else if (word.text == "description")
          read_description(reader, names, role);
        else if (word.text != "label")
          reader.unknown_word(word, {"includes", "may invite", "hands on", "description", "label"});
      }
    }
    if (!set.roles.emplace(key.text, std::move(role)).second) {
      reader.mistake(key.place,
                     "the role " + key.text + " is there already, at " + set.roles[key.text].name.where());
    }
  }
}

void read_together(const NodeReader& reader, const Node& node, std::vector<std::vector<Word>>& sets) {
  if (!reader.is_sequence(node, "a list of lists of roles")) return;
  for (const Node& item : node.items) {
    std::vector<Word> roles = reader.words(item, "a list of roles");
    if (roles.size() < 2) {
      reader.mistake(item.place,
                     "name two or more roles that one person may not, or should not, hold together");
      continue;
    }
    sets.push_back(std::move(roles));
  }
}

void read_facts(const NodeReader& reader, const Node& node, PolicySet& set) {
  if (!reader.is_map(node, "facts by name, as in \"client: list of party\"")) return;
  for (const auto& [key, value] : node.entries) {
    Fact fact;
    fact.name = reader.word(key);
    fact.type = read_fact_type(reader, reader.scalar(value, "a type, as in \"money\" or \"list of party\""));
    if (!set.facts.emplace(key.text, std::move(fact)).second) {
      reader.mistake(key.place,
                     "the fact " + key.text + " is there already, at " + set.facts[key.text].name.where());
    }
  }
}

void read_conditions(const NodeReader& reader, const Node& node,
                     std::map<std::string, Condition, std::less<>>& into) {
  if (!reader.is_map(node, "conditions by name, as in \"locked: state is issued\"")) return;
  for (const auto& [key, value] : node.entries) {
    Condition condition{reader.word(key), reader.lines(value)};
    const auto [at, is_new] = into.emplace(key.text, std::move(condition));
    if (!is_new) reader.mistake(key.place, key.text + " is there already, at " + at->second.name.where());
  }
}

UserEntry read_user(const NodeReader& reader, const Word& name, const Node& node) {
  UserEntry user;
  user.name = name;
  if (!reader.is_map(node, "what is said about " + name.text + ", as in {roles: [sales]}")) return user;
  for (const auto& [key, value] : node.entries) {
    if (key.text == "roles") {
      user.roles = reader.words(value, "a role or a list of roles");
    } else if (key.text == "grants") {
      if (!reader.is_sequence(value, "a list of grants")) continue;
      for (const Node& item : value.items) user.grants.push_back(read_grant(reader, item));
    } else if (key.text == "allow" || key.text == "deny") {
      if (!reader.is_sequence(value, "a list of personal rules")) continue;
      const Effect effect = key.text == "allow" ? Effect::Allow : Effect::Deny;
      for (const Node& item : value.items) read_personal_rule(reader, item, effect, user);
    } else if (key.text == "managed") {
      user.is_managed = value.text == "yaml";
      if (!user.is_managed) reader.mistake(value.place, "expected \"managed: yaml\"");
    } else if (key.text != "for user") {
      user.facts[key.text] = reader.words(value, "a value or a list of values");
      // The fact's own place stands for it when it has no value.
      if (user.facts[key.text].empty()) user.facts.erase(key.text);
    }
  }
  return user;
}

}  // namespace talon::access
