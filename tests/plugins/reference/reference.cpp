/// The reference's reading of roles, rules and field rules: "Meaning", line by line.
#include "tests/plugins/reference/reference.hpp"

#include "tests/plugins/reference/values.hpp"

#include <algorithm>

namespace talon::reference {

namespace {

/// The texts of one scalar or a list of them; nothing for a word that is not there.
std::vector<std::string> words(const Node* node) {
  std::vector<std::string> all;
  if (node == nullptr) return all;
  if (node->is_scalar()) all.push_back(node->text);
  for (const Node& item : node->items) all.push_back(item.text);
  return all;
}

bool has(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string text_of(const Node& node, const char* key) {
  const Node* found = node.find(key);
  return found == nullptr ? "" : found->text;
}

/// Line 8: a date is the whole day.
bool is_in_force(const std::string& from, const std::string& until, const std::string& today) {
  return (from.empty() || from <= today) && (until.empty() || today <= until);
}

}  // namespace

std::set<std::string> Reference::with_included(const std::string& role) const {
  std::set<std::string> all = {role};
  for (const Document& document : documents_) {
    const Node* roles = document.root.find("roles");
    const Node* written = roles == nullptr || !roles->is_map() ? nullptr : roles->find(role);
    if (written == nullptr) continue;
    for (const std::string& included : words(written->find("includes"))) all.merge(with_included(included));
  }
  return all;
}

bool Reference::is_forbidden(const std::set<std::string>& roles) const {
  for (const Document& document : documents_) {
    const Node* never = document.root.find("never together");
    if (never == nullptr) continue;
    for (const Node& pair : never->items) {
      const std::vector<std::string> names = words(&pair);
      if (std::all_of(names.begin(), names.end(), [&](const auto& name) { return roles.count(name) > 0; }))
        return true;
    }
  }
  return false;
}

const Node* Reference::entry_of(const User& user) const {
  for (const Document& document : documents_) {
    const Node* users = document.root.find("users");
    if (users != nullptr && users->find(user.email) != nullptr) return users->find(user.email);
  }
  return nullptr;
}

std::set<std::string> Reference::roles_of(const User& user, const std::string& today) const {
  std::set<std::string> held;
  // Line 9: a grant that would complete a forbidden set does not begin.
  const auto hold = [&](const std::string& role, const std::string& from, const std::string& until) {
    if (!is_in_force(from, until, today)) return;
    std::set<std::string> with = with_included(role);
    with.insert(held.begin(), held.end());
    if (!is_forbidden(with)) held = with;
  };
  const Node* entry = entry_of(user);
  const bool is_managed = entry != nullptr && text_of(*entry, "managed") == "yaml";
  if (!is_managed) {
    for (const Grant& grant : user.roles) hold(grant.role, grant.from, grant.until);
  }
  if (entry == nullptr) return held;
  for (const std::string& role : words(entry->find("roles"))) hold(role, "", "");
  if (const Node* grants = entry->find("grants")) {
    for (const Node& grant : grants->items)
      hold(text_of(grant, "role"), text_of(grant, "from"), text_of(grant, "until"));
  }
  return held;
}

std::vector<std::string> Reference::fact_of(const User& user, const std::string& fact) const {
  const Node* entry = entry_of(user);
  std::vector<std::string> written;
  if (entry != nullptr && entry->find(fact) != nullptr) {
    written = words(entry->find(fact));
  } else if (entry == nullptr || text_of(*entry, "managed") != "yaml") {
    const auto found = user.facts.find(fact);
    if (found != user.facts.end()) written = found->second;
  }
  if (fact != "partners") return written;
  // Partners are named by their number; with one that nobody has nothing is known.
  std::vector<std::string> ids;
  for (const std::string& number : written) {
    const std::size_t known = ids.size();
    for (const auto& [id, record] : world_) {
      const auto has = record.fields.find("number");
      if (record.type == "partner" && has != record.fields.end() && has->second == number) ids.push_back(id);
    }
    if (ids.size() == known) return {};
  }
  return ids;
}

bool Reference::is_about_other_partner(const Node& document, const Record& record) const {
  const Node* partner = document.find("for partner");
  if (partner == nullptr) return false;
  return read(record, "partner.number").value_or("") != partner->text;
}

bool Reference::binds(const Node& rule, const char* audience, const Asked& asked) const {
  const auto holds = [&](const std::string& role) { return asked.roles.count(role) > 0; };
  const std::vector<std::string> to = words(rule.find(audience));
  const std::vector<std::string> except = words(rule.find("except"));
  if (!has(to, "everyone") && std::none_of(to.begin(), to.end(), holds)) return false;
  return std::none_of(except.begin(), except.end(), holds);
}

bool Reference::names_action(const Node& actions, const std::string& action) const {
  const std::vector<std::string> all = words(&actions);
  return has(all, "everything") || has(all, action);
}

Truth Reference::rule_truth(const Node& rule, const Asked& asked) const {
  Truth truth = Truth::Yes;
  if (const Node* within = rule.find("within")) truth = lines(*named("scopes", within->text), asked);
  if (const Node* when = rule.find("when")) truth = both(truth, lines(*when, asked));
  return truth;
}

bool Reference::may(const User& user, const std::string& action, const Record& record,
                    const std::string& today) const {
  if (!user.is_active) return false;
  const std::set<std::string> roles = roles_of(user, today);
  const Asked asked{user, roles, record, today};
  bool is_allowed = false;  // line 1
  bool is_denied = false;   // line 2
  const auto take = [&](bool is_allow, const Node& rule) {
    if (!is_in_force(text_of(rule, "from"), text_of(rule, "until"), today)) return;
    const Truth truth = rule_truth(rule, asked);
    // Line 3: an allow matches only on true; a deny unless it is false.
    if (is_allow && truth == Truth::Yes) is_allowed = true;
    if (!is_allow && truth != Truth::No) is_denied = true;
  };
  for (const Document& document : documents_) {
    const Node* type = document.root.find(record.type);
    const Node* rules = type == nullptr ? nullptr : type->find("rules");
    if (rules == nullptr || is_about_other_partner(document.root, record)) continue;
    for (const Node& rule : rules->items) {
      for (const char* effect : {"allow", "deny"}) {
        const Node* actions = rule.find(effect);
        if (actions == nullptr || !names_action(*actions, action) || !binds(rule, "to", asked)) continue;
        take(effect[0] == 'a', rule);
      }
    }
  }
  if (const Node* entry = entry_of(user)) {
    for (const char* effect : {"allow", "deny"}) {
      const Node* own = entry->find(effect);
      if (own == nullptr) continue;
      for (const Node& rule : own->items) {
        const bool is_it =
            text_of(rule, action.c_str()) == record.type || text_of(rule, "everything") == record.type;
        if (is_it) take(effect[0] == 'a', rule);
      }
    }
  }
  return is_allowed && !is_denied;
}

bool Reference::covers(const Node& names, const std::string& type, const std::string& field) const {
  const std::vector<std::string> all = words(&names);
  const std::size_t dot = field.find('.');
  if (has(all, field) || (dot != std::string::npos && has(all, field.substr(0, dot)))) return true;
  const model::Field* found = nullptr;
  if (dot == std::string::npos) {
    found = model_.find(type)->find_field(field);
  } else {
    for (const model::ChildList& list : model_.find(type)->lists) {
      if (list.name == field.substr(0, dot))
        found = model_.find(list.type)->find_field(field.substr(dot + 1));
    }
  }
  return found != nullptr && std::any_of(found->groups.begin(), found->groups.end(),
                                         [&](const std::string& group) { return has(all, group); });
}

Level Reference::level(const User& user, const std::string& field, const Record& record,
                       const std::string& today) const {
  const std::set<std::string> roles = roles_of(user, today);
  const Asked asked{user, roles, record, today};
  Level least = Level::Edit;  // line 5: the least of what the rules say
  for (const Document& document : documents_) {
    const Node* type = document.root.find(record.type);
    const Node* rules = type == nullptr ? nullptr : type->find("fields");
    if (rules == nullptr || is_about_other_partner(document.root, record)) continue;
    for (const Node& rule : rules->items) {
      if (!binds(rule, rule.find("from") != nullptr ? "from" : "for", asked)) continue;
      if (rule_truth(rule, asked) == Truth::No) continue;
      const auto says = [&](const char* word, Level level) {
        const Node* names = rule.find(word);
        if (names != nullptr && covers(*names, record.type, field)) least = std::min(least, level);
      };
      says("hide", Level::Hidden);
      says("mask", Level::Masked);
      says("lock", Level::ReadOnly);
      const Node* only = rule.find("only");
      if (only != nullptr && !covers(*only, record.type, field)) least = Level::Hidden;
    }
  }
  return least;
}

}  // namespace talon::reference
