/// The table of rights out of the compiled rules.
#include "rights_table.hpp"

#include <talon/expression/parse.hpp>

#include <algorithm>

namespace talon::access {

namespace {

using Lines = std::map<std::string, std::vector<std::string>>;

/// "view, edit" for everybody with the role, and when.
std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string days(const TimeBox& time) {
  std::string text;
  if (time.from) text += " from " + time.from->to_string();
  if (time.until) text += " until " + time.until->to_string();
  return text;
}

/// A rule of a partner's file begins with the partner; its table is that partner's own.
bool is_of_partner(const CompiledRule& rule) { return rule.place.find("partners/") != std::string::npos; }

std::string condition_of(const CompiledRule& rule) {
  const bool is_always = rule.where.tree.kind == expression::Expression::Kind::Always;
  std::string text = is_always ? std::string() : expression::print(rule.where.tree);
  if (rule.has_columns) text += (text.empty() ? "" : "; ") + std::string("columns ") + join(rule.columns);
  return text + days(rule.time);
}

/// What one role is told about one type.
class Section {
 public:
  Section(const TypePolicy& policy, const RoleSet& held, const model::RecordType& type)
      : policy_(policy), held_(held), type_(type) {}

  std::string may() const {
    Lines by_condition;
    std::vector<std::string> order;
    for (const std::string& action : actions()) {
      const std::string conditions = allowed(action);
      if (conditions == kNever) continue;
      if (by_condition[conditions].empty()) order.push_back(conditions);
      by_condition[conditions].push_back(action);
    }
    std::string text;
    for (const std::string& condition : order) {
      text += (text.empty() ? "" : "<br>") + join(by_condition[condition]) +
              (condition.empty() ? "" : ": " + condition);
    }
    return text;
  }

  std::string fields() const {
    Lines by_level;
    for (const CompiledField& rule : policy_.fields) {
      const bool is_partners = rule.place.find("partners/") != std::string::npos;
      if (is_partners || !rule.binding.binds(held_)) continue;
      std::string level = rule.effect == FieldEffect::Mask   ? "masked as " + rule.as
                          : rule.effect == FieldEffect::Lock ? "locked"
                                                             : "hidden";
      if (rule.where.tree.kind != expression::Expression::Kind::Always)
        level += " where " + expression::print(rule.where.tree);
      std::vector<std::string>& names = by_level[level];
      for (const std::string& field : rule.fields) {
        if (std::find(names.begin(), names.end(), field) == names.end()) names.push_back(field);
      }
    }
    std::string text;
    for (auto& [level, names] : by_level) {
      std::sort(names.begin(), names.end());
      text += (text.empty() ? "" : "<br>") + level + ": " + join(names);
    }
    return text;
  }

 private:
  static constexpr const char* kNever = "\n";

  std::vector<std::string> actions() const {
    std::vector<std::string> names = type_.base_actions;
    for (const model::Action& action : type_.actions) names.push_back(action.name);
    return names;
  }

  /// The conditions of the action's allows and denies; "" is always, kNever never.
  std::string allowed(const std::string& action) const {
    const auto list = policy_.by_action.find(action);
    if (list == policy_.by_action.end()) return kNever;
    std::vector<std::string> allows;
    std::vector<std::string> denies;
    bool is_always = false;
    for (const uint32_t index : list->second) {
      const CompiledRule& rule = policy_.rules[index];
      if (!rule.binding.binds(held_) || is_of_partner(rule)) continue;
      const std::string condition = condition_of(rule);
      if (rule.effect == Effect::Deny && condition.empty()) return kNever;
      if (rule.effect == Effect::Deny) {
        denies.push_back(condition);
      } else {
        is_always = is_always || condition.empty();
        allows.push_back(condition);
      }
    }
    if (allows.empty()) return kNever;
    std::string text;
    for (const std::string& allow : allows) {
      if (!is_always) text += (text.empty() ? "" : " **or** ") + allow;
    }
    for (const std::string& deny : denies) text += (text.empty() ? "**not** " : " **not** ") + deny;
    return text;
  }

  const TypePolicy& policy_;
  const RoleSet& held_;
  const model::RecordType& type_;
};

/// What stands in a cell of Markdown.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

}  // namespace

std::string rights_table(const CompiledSet& set) {
  std::string text;
  for (const std::string& role : set.roles.names()) {
    const RoleSet& held = set.roles.with_included(static_cast<uint32_t>(set.roles.find(role)));
    text += "\n## " + role + "\n\n";
    std::vector<std::string> included;
    for (const uint32_t other : held) {
      if (set.roles.name(other) != role) included.push_back(set.roles.name(other));
    }
    if (!included.empty()) text += "Includes " + join(included) + ".\n\n";
    std::string rows;
    for (const model::RecordType& type : set.model->types) {
      const TypePolicy* policy = set.policy_of(type.name);
      if (policy == nullptr) continue;
      const Section section(*policy, held, type);
      const std::string may = section.may();
      if (may.empty()) continue;
      rows += "| " + type.name + " | " + cell(may) + " | " + cell(section.fields()) + " |\n";
    }
    text +=
        rows.empty() ? "Nothing by itself.\n" : "| on | may | of its fields |\n| --- | --- | --- |\n" + rows;
  }
  return text;
}

}  // namespace talon::access
