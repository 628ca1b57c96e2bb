/// `rules:` and `fields:` of a record type.
#include "reader.hpp"

namespace talon::access {

namespace {

Audience audience(const NodeReader& reader, const Node& node) {
  Audience result;
  result.roles = reader.words(node, "a role, a list of roles, or everyone");
  if (result.roles.empty())
    reader.mistake(node.place, "names nobody: expected a role, a list of roles, or everyone");
  if (result.roles.size() == 1 && result.roles[0].text == "everyone") return {true, {}};
  return result;
}

void read_actions(const NodeReader& reader, const Node& node, Rule& rule) {
  rule.actions = reader.words(node, "an action, a list of actions, or everything");
  if (rule.actions.size() == 1 && rule.actions[0].text == "everything") {
    rule.has_all_actions = true;
    rule.actions.clear();
  } else if (rule.actions.empty()) {
    reader.mistake(node.place, "the rule names no action");
  }
}

const std::vector<std::string> kRuleWords = {"allow",   "deny",       "to",    "except", "within",
                                             "when",    "from",       "until", "id",     "because",
                                             "columns", "drill down", "reason"};
const std::vector<std::string> kFieldWords = {"hide", "mask",   "lock", "only", "as",     "from",
                                              "for",  "except", "when", "id",   "because"};

bool read_field_head(const NodeReader& reader, const Node& key, const Node& value, FieldRule& rule) {
  if (key.text == "hide")
    rule.effect = FieldEffect::Hide;
  else if (key.text == "mask")
    rule.effect = FieldEffect::Mask;
  else if (key.text == "lock")
    rule.effect = FieldEffect::Lock;
  else if (key.text == "only")
    rule.effect = FieldEffect::Only;
  else
    return false;
  if (!rule.fields.empty()) reader.mistake(key.place, "a field rule has one of hide, mask, lock and only");
  rule.fields = reader.words(value, "a field, a group of fields, or a list of them");
  if (rule.fields.empty()) reader.mistake(value.place, "the rule names no field");
  rule.head = {rule.head.text, reader.file(), key.place};
  return true;
}

FieldRule read_field_rule(const NodeReader& reader, const Node& node, const std::string& default_id) {
  FieldRule rule;
  rule.head = {default_id, reader.file(), node.place};
  if (!reader.is_entry(node, "a field rule, as in \"hide: figures\"")) return rule;
  bool has_audience = false;
  for (const auto& [key, value] : node.entries) {
    if (read_field_head(reader, key, value, rule)) continue;
    if (key.text == "from" || key.text == "for") {
      if (has_audience) reader.mistake(key.place, "a field rule has one of from and for");
      rule.of = audience(reader, value);
      has_audience = true;
    } else if (key.text == "as") {
      rule.as = reader.scalar(value, "last N, initials, year or rounded N");
    } else if (key.text == "except") {
      rule.except = reader.words(value, "a role or a list of roles");
    } else if (key.text == "when") {
      rule.when = reader.lines(value);
    } else if (key.text == "id") {
      rule.head.text = reader.scalar(value, "a name").text;
      rule.is_numbered = false;
    } else if (key.text == "because") {
      rule.because = reader.scalar(value, "a sentence").text;
    } else {
      reader.unknown_word(key, kFieldWords);
    }
  }
  if (rule.fields.empty()) reader.mistake(node.place, "a field rule says hide, mask, lock or only");
  if (!has_audience)
    reader.mistake(node.place, "the field rule does not say for whom: from: ROLES or for: ROLES");
  if (rule.effect == FieldEffect::Mask && rule.as.text.empty()) {
    reader.mistake(rule.head.place, "mask needs as: last N, initials, year or rounded N");
  }
  if (rule.effect != FieldEffect::Mask && !rule.as.text.empty()) {
    reader.mistake(rule.as.place, "only mask takes as:");
  }
  if (rule.effect == FieldEffect::Only && rule.when.kind != expression::Expression::Kind::Always) {
    reader.mistake(rule.head.place,
                   "only: holds for every record of the type; write hide: with when: instead");
  }
  return rule;
}

}  // namespace

bool read_rule_word(const NodeReader& reader, const Node& key, const Node& value, Rule& rule) {
  if (key.text == "within") {
    rule.within = reader.scalar(value, "the name of a scope");
    if (value.is_scalar() && value.text.empty()) reader.mistake(value.place, "expected the name of a scope");
  } else if (key.text == "when") {
    rule.when = reader.lines(value);
  } else if (key.text == "from") {
    rule.time.from = reader.date(value);
  } else if (key.text == "until") {
    rule.time.until = reader.date(value);
  } else if (key.text == "id") {
    rule.head.text = reader.scalar(value, "a name").text;
    rule.is_numbered = false;
  } else if (key.text == "because" || key.text == "reason") {
    rule.because = reader.scalar(value, "a sentence").text;
  } else if (key.text == "columns") {
    rule.columns = reader.words(value, "a column or a list of columns");
    rule.has_columns = true;
  } else if (key.text == "drill down") {
    rule.may_drill_down = reader.boolean(value, true);
  } else {
    return false;
  }
  return true;
}

Rule read_rule(const NodeReader& reader, const Node& node, const std::string& default_id) {
  Rule rule;
  rule.head = {default_id, reader.file(), node.place};
  if (!reader.is_entry(node, "a rule, as in \"allow: view\"")) return rule;
  bool has_effect = false;
  bool has_audience = false;
  for (const auto& [key, value] : node.entries) {
    if (key.text == "allow" || key.text == "deny") {
      if (has_effect) reader.mistake(key.place, "a rule has one of allow and deny");
      has_effect = true;
      rule.effect = key.text == "allow" ? Effect::Allow : Effect::Deny;
      rule.head.place = key.place;
      read_actions(reader, value, rule);
    } else if (key.text == "to") {
      has_audience = true;
      rule.to = audience(reader, value);
    } else if (key.text == "except") {
      rule.except = reader.words(value, "a role or a list of roles");
    } else if (!read_rule_word(reader, key, value, rule)) {
      reader.unknown_word(key, kRuleWords);
    }
  }
  if (!has_effect) reader.mistake(node.place, "a rule says allow: or deny:");
  if (!has_audience) reader.mistake(node.place, "the rule does not say to whom: to: ROLES or to: everyone");
  if (rule.effect == Effect::Deny && (rule.has_columns || !rule.may_drill_down)) {
    reader.mistake(rule.head.place, "columns: and drill down: go with allow");
  }
  if (rule.time.from && rule.time.until && *rule.time.until < *rule.time.from) {
    reader.mistake(rule.head.place, "the rule ends before it begins");
  }
  return rule;
}

void read_type_rules(const NodeReader& reader, const Node& node, TypeRules& rules) {
  if (!reader.is_map(node, "rules: and fields: of " + rules.type.text)) return;
  for (const auto& [key, value] : node.entries) {
    const std::string stem = (rules.partner.empty() ? "" : rules.partner + "-") + rules.type.text;
    if (key.text == "rules") {
      if (!reader.is_sequence(value, "a list of rules")) continue;
      for (const Node& item : value.items) {
        rules.rules.push_back(read_rule(reader, item, stem + "-" + std::to_string(rules.rules.size() + 1)));
        if (!rules.partner.empty() && rules.rules.back().effect == Effect::Allow) {
          reader.mistake(rules.rules.back().head.place, "a partner file may only deny, hide, mask or lock");
        }
      }
    } else if (key.text == "fields") {
      if (!reader.is_sequence(value, "a list of field rules")) continue;
      for (const Node& item : value.items) {
        const std::string id = stem + "-field-" + std::to_string(rules.fields.size() + 1);
        rules.fields.push_back(read_field_rule(reader, item, id));
        if (!rules.partner.empty() && rules.fields.back().effect == FieldEffect::Only) {
          reader.mistake(rules.fields.back().head.place, "a partner file may only deny, hide, mask or lock");
        }
      }
    } else {
      reader.unknown_word(key, {"rules", "fields"});
    }
  }
}

}  // namespace talon::access
