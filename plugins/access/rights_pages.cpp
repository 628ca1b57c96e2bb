/// The pages of rights out of the compiled rules.
#include "rights_pages.hpp"

#include "condition_words.hpp"

#include <algorithm>

namespace talon::access {

namespace {

/// Places below the folder that holds all of the rules: pages are the same wherever the files lie.
class Places {
 public:
  explicit Places(const CompiledSet& set) {
    bool is_first = true;
    const auto add = [&](const std::string& place) {
      const std::string folder = place.substr(0, place.rfind('/') + 1);
      if (is_first) common_ = folder;
      is_first = false;
      while (!folder.starts_with(common_)) {
        common_.pop_back();
        common_.resize(common_.rfind('/') + 1);  // none: nothing is left
      }
    };
    for (const auto& [name, role] : set.source.roles) add(role.name.file);
    for (const auto& [type, policy] : set.types) {
      for (const CompiledRule& rule : policy.rules) add(rule.place());
      for (const CompiledField& rule : policy.fields) add(rule.place());
    }
  }
  std::string operator()(const std::string& place) const {
    return "`" + (place.starts_with(common_) ? place.substr(common_.size()) : place) + "`";
  }

 private:
  std::string common_;
};

std::string days(const TimeBox& time) {
  std::string text;
  if (time.from) text += ", from " + time.from->to_string();
  if (time.until) text += ", until " + time.until->to_string();
  return text;
}

bool is_always(const CompiledRule& rule) {
  return rule.where.is_always() && !rule.terms->time.from && !rule.terms->time.until;
}

/// What one role is told about one type.
class Section {
 public:
  Section(const CompiledSet& set, const Places& places, const RoleSet& held, const model::RecordType& type,
          const TypePolicy& policy)
      : model_(*set.model), places_(places), held_(held), type_(type), policy_(policy) {
    for (const std::string& action : actions()) judge(action);
  }

  /// Empty: the role may do nothing with it.
  std::string text() const {
    const std::string may = rules(Effect::Allow);
    if (may.empty()) return may;
    std::string text = "\n## " + type_words(type_) + " (`" + type_.name + "`)\n\nMay:\n\n" + may;
    if (const std::string never = rules(Effect::Deny); !never.empty()) {
      text += "\nNever, whatever else is held:\n\n" + never;
    }
    if (const std::string fields = this->fields(); !fields.empty()) {
      text += "\nOf the fields:\n\n" + fields;
    }
    return text;
  }

  void add_facts(std::set<std::string>& facts) const {
    for (const auto& [index, names] : by_rule_) facts_in(*policy_.rules[index].where.tree(), facts);
  }

 private:
  std::vector<std::string> actions() const {
    std::vector<std::string> names = type_.base_actions;
    for (const model::Action& action : type_.actions) names.push_back(action.name);
    return names;
  }

  bool binds(uint32_t index) const {
    const CompiledRule& rule = policy_.rules[index];
    return rule.binding().binds(held_) && !rule.where.has_partner();
  }

  /// Keeps the action at the rules that give or take it; what is never allowed stands nowhere.
  void judge(const std::string& action) {
    const auto list = policy_.by_action.find(action);
    if (list == policy_.by_action.end()) return;
    bool is_allowed = false;
    for (const uint32_t index : list->second) {
      const CompiledRule& rule = policy_.rules[index];
      if (!binds(index)) continue;
      if (rule.effect == Effect::Deny && is_always(rule)) return;
      is_allowed = is_allowed || rule.effect == Effect::Allow;
    }
    if (!is_allowed) return;
    for (const uint32_t index : list->second) {
      if (binds(index)) by_rule_[index].push_back(action_words(type_, action));
    }
  }

  std::string rows_of(const CompiledRule& rule) const {
    std::string words = condition_words(model_, type_, *rule.where.tree());
    if (!words.empty())
      words = " on those where " + words;
    else if (type_.kind != model::Kind::Virtual)
      words = " on all";
    if (rule.terms->has_columns) {
      std::vector<std::string> columns;
      for (const std::string& column : rule.terms->columns)
        columns.push_back(field_words(model_, type_, column));
      words += "; only the columns " + listed(columns);
    }
    if (!rule.terms->may_drill_down) words += "; no way to the rows behind a figure";
    return words + days(rule.terms->time);
  }

  std::string rules(Effect effect) const {
    std::string text;
    for (const auto& [index, names] : by_rule_) {
      const CompiledRule& rule = policy_.rules[index];
      if (rule.effect != effect) continue;
      const std::string rows = rows_of(rule);
      text += "- **" + listed(names) + "**" + rows + " — " + places_(rule.place()) + ", for " +
              rule.audience() + "\n";
      if (!rule.because.empty()) text += "  *" + std::string(rule.because) + "*\n";
    }
    return text;
  }

  static std::string level_of(const CompiledField& rule) {
    if (!rule.kept.empty()) return "Sees only";
    if (rule.effect == FieldEffect::Mask) return "Masked (" + rule.as + ")";
    return rule.effect == FieldEffect::Lock ? "Seen but not changed" : "Hidden";
  }

  std::string fields() const {
    std::string text;
    for (const CompiledField& rule : policy_.fields) {
      if (rule.where.has_partner() || !rule.binding().binds(held_)) continue;
      std::vector<std::string> names;
      for (const std::string& field : rule.kept.empty() ? rule.fields : rule.kept) {
        const std::string words = field_words(model_, type_, field);
        if (std::find(names.begin(), names.end(), words) == names.end()) names.push_back(words);
      }
      const std::string where = condition_words(model_, type_, *rule.where.tree());
      text += "- " + level_of(rule) + ": **" + listed(names) + "**" +
              (where.empty() ? "" : " where " + where) + " — " + places_(rule.place()) + "\n";
      if (!rule.because.empty()) text += "  *" + std::string(rule.because) + "*\n";
    }
    return text;
  }

  const model::Model& model_;
  const Places& places_;
  const RoleSet& held_;
  const model::RecordType& type_;
  const TypePolicy& policy_;
  std::map<uint32_t, std::vector<std::string>> by_rule_;  // in the order of the files
};

std::string texts(const std::vector<Word>& words) {
  std::vector<std::string> names;
  for (const Word& word : words) names.push_back(word.text);
  return listed(names);
}

std::string description(const Role& role, std::string_view language) {
  const auto found = role.description.find(language);
  return found == role.description.end() ? std::string() : found->second.text;
}

/// One role's page.
class Page {
 public:
  Page(const CompiledSet& set, const Places& places, uint32_t role)
      : set_(set),
        places_(places),
        role_(role),
        held_(set.roles.with_included(role)),
        written_(set.source.roles.at(set.roles.name(role))) {}

  std::string text() const {
    const std::string& name = written_.name.text;
    std::string text = std::string(kRightsMark) + "\n# " + spelled(name) + " (`" + name + "`)\n\n";
    if (const std::string en = description(written_, "en"); !en.empty()) text += en + "\n\n";
    if (const std::string fr = description(written_, "fr"); !fr.empty()) text += "*" + fr + "*\n\n";
    std::string sections;
    std::vector<std::string> nothing;
    std::set<std::string> facts;
    for (const model::RecordType& type : set_.model->types) {
      if (type.kind == model::Kind::Child) continue;  // judged with its parent
      const TypePolicy* policy = set_.policy_of(type.name);
      std::string part;
      if (policy != nullptr) {
        const Section section(set_, places_, held_, type, *policy);
        part = section.text();
        section.add_facts(facts);
      }
      if (part.empty()) nothing.push_back(type_words(type));
      sections += part;
    }
    text += head(facts) + (sections.empty() ? "\nIt may do nothing by itself.\n" : sections);
    if (!nothing.empty()) text += "\n## Nothing at all\n\n" + listed(nothing) + ".\n";
    return text;
  }

 private:
  std::string head(const std::set<std::string>& facts) const {
    std::string text = "- Declared at " + places_(written_.name.where()) + "\n";
    std::vector<std::string> included;
    for (const uint32_t other : held_) {
      if (other != role_) included.push_back(set_.roles.name(other));
    }
    if (!included.empty()) text += "- Holds everything of: " + listed(included) + "\n";
    text += "- May invite people as: " +
            (written_.may_invite.empty() ? std::string("nobody") : texts(written_.may_invite)) +
            (written_.hands_on_own_facts ? ", for their own parties alone" : "") + "\n";
    std::vector<std::string> inviters;
    for (const auto& [name, other] : set_.source.roles) {
      const auto is_this = [&](const Word& word) { return word.text == written_.name.text; };
      if (std::any_of(other.may_invite.begin(), other.may_invite.end(), is_this)) inviters.push_back(name);
    }
    text += "- Is handed on by: " + (inviters.empty() ? std::string("nobody") : listed(inviters)) + "\n";
    text += never_together();
    if (!facts.empty()) {
      std::vector<std::string> names;
      for (const std::string& fact : facts) names.push_back("`" + fact + "`");
      text += "- Its rules ask for these facts about the person: " + listed(names) +
              "; without one, what depends on it is not allowed\n";
    }
    return text;
  }

  std::string never_together() const {
    std::string text;
    for (const RoleSet& set : set_.roles.never_together()) {
      std::vector<std::string> others;
      std::vector<std::string> through;
      for (const uint32_t role : set) {
        if (!contains(held_, role))
          others.push_back(set_.roles.name(role));
        else if (role != role_)
          through.push_back(set_.roles.name(role));
      }
      if (others.size() == set.size()) continue;
      text += "- Never together with: " + listed(others) +
              (through.empty() ? "" : " (because it is " + listed(through) + ")") + "\n";
    }
    return text;
  }

  const CompiledSet& set_;
  const Places& places_;
  uint32_t role_;
  const RoleSet& held_;
  const Role& written_;
};

/// What stands in a cell of a table.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

std::string index_page(const CompiledSet& set) {
  std::string text =
      std::string(kRightsMark) +
      "\n# What each role may do\n\nA page a role. What a page does not name is not allowed; a "
      "\"never\" wins over whatever allows.\nSingle people's own rules (`users.yaml`) and "
      "partners' files come on top: `talon policy explain` answers for one person.\n\n"
      "| role | who holds it | |\n| --- | --- | --- |\n";
  for (const std::string& name : set.roles.names()) {
    const Role& role = set.source.roles.at(name);
    text += "| [" + name + "](" + name + ".md) | " + cell(description(role, "en")) + " | " +
            cell(description(role, "fr")) + " |\n";
  }
  return text;
}

}  // namespace

std::vector<RightsPage> rights_pages(const CompiledSet& set) {
  std::vector<RightsPage> pages = {{"README.md", index_page(set)}};
  const Places places(set);
  for (uint32_t role = 0; role < set.roles.names().size(); ++role) {
    pages.push_back({set.roles.name(role) + ".md", Page(set, places, role).text()});
  }
  return pages;
}

}  // namespace talon::access
