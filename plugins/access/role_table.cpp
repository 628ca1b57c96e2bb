/// Roles as small numbers, with all that each includes.
#include "role_table.hpp"

#include "node_reader.hpp"

#include <algorithm>

namespace talon::access {

bool contains(const RoleSet& set, uint32_t role) { return std::binary_search(set.begin(), set.end(), role); }

bool intersects(const RoleSet& a, const RoleSet& b) {
  return std::any_of(a.begin(), a.end(), [&](uint32_t role) { return contains(b, role); });
}

void merge(RoleSet& into, const RoleSet& from) {
  into.insert(into.end(), from.begin(), from.end());
  std::sort(into.begin(), into.end());
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

RoleTable RoleTable::build(const PolicySet& set, Mistakes& mistakes) {
  RoleTable table;
  for (const auto& [name, role] : set.roles) {
    table.numbers_[name] = static_cast<uint32_t>(table.names_.size());
    table.names_.push_back(name);
  }
  std::vector<RoleSet> direct;
  for (const auto& [name, role] : set.roles) {
    direct.push_back(table.resolve(role.includes, mistakes));
    static_cast<void>(table.resolve(role.may_invite, mistakes));
  }
  for (uint32_t role = 0; role < direct.size(); ++role) {
    RoleSet reached = {role};
    std::vector<uint32_t> open = {role};
    while (!open.empty()) {
      const uint32_t next = open.back();
      open.pop_back();
      for (const uint32_t included : direct[next]) {
        if (included == role) {
          const Role& written = set.roles.at(table.names_[role]);
          mistakes.push_back(
              {written.name.file, written.name.place,
               "the role " + written.name.text + " includes itself, over " + table.names_[next]});
        }
        if (contains(reached, included)) continue;
        merge(reached, {included});
        open.push_back(included);
      }
    }
    table.included_.push_back(std::move(reached));
  }
  const auto number = [&](const std::vector<std::vector<Word>>& written, std::vector<RoleSet>& sets) {
    for (const std::vector<Word>& roles : written) {
      sets.push_back(table.resolve(roles, mistakes));
      if (sets.back().size() < 2) sets.pop_back();
    }
  };
  number(set.never_together, table.never_together_);
  number(set.risky_together, table.risky_together_);
  return table;
}

int RoleTable::find(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? -1 : static_cast<int>(found->second);
}

RoleSet RoleTable::resolve(const std::vector<Word>& words, Mistakes& mistakes) const {
  RoleSet roles;
  for (const Word& word : words) {
    const int role = find(word.text);
    if (role >= 0)
      merge(roles, {static_cast<uint32_t>(role)});
    else
      mistakes.push_back(
          {word.file, word.place, "there is no role \"" + word.text + "\"" + suggestion(word.text, names_)});
  }
  return roles;
}

const RoleSet* RoleTable::forbidden(const RoleSet& roles) const {
  for (const RoleSet& set : never_together_) {
    if (std::includes(roles.begin(), roles.end(), set.begin(), set.end())) return &set;
  }
  return nullptr;
}

std::string RoleTable::name_all(const RoleSet& roles) const {
  std::string text;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (i > 0) text += i + 1 == roles.size() ? " and " : ", ";
    text += names_[roles[i]];
  }
  return text;
}

}  // namespace talon::access
