/// Roles as small numbers, with all that each includes.
#pragma once

#include "policy_tree.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::access {

/// Sorted role numbers without doubles.
using RoleSet = std::vector<uint32_t>;

bool contains(const RoleSet& set, uint32_t role);
bool intersects(const RoleSet& a, const RoleSet& b);
void merge(RoleSet& into, const RoleSet& from);

/// @threads any, once built.
class RoleTable {
 public:
  /// Numbers the roles and follows `includes`; circles and unknown names are mistakes.
  static RoleTable build(const PolicySet& set, Mistakes& mistakes);

  /// The role's number, or -1.
  int find(std::string_view name) const;
  const std::string& name(uint32_t role) const { return names_[role]; }
  const std::vector<std::string>& names() const { return names_; }
  /// The role and all that it includes, directly or not.
  const RoleSet& with_included(uint32_t role) const { return included_[role]; }
  /// The set of roles named; unknown ones are mistakes with a suggestion.
  RoleSet resolve(const std::vector<Word>& words, Mistakes& mistakes) const;
  /// The sets of roles that one person may not hold whole.
  const std::vector<RoleSet>& never_together() const { return never_together_; }
  /// The sets of roles that one person may hold whole, and that a review tells.
  const std::vector<RoleSet>& risky_together() const { return risky_together_; }
  /// A set of `never together` that `roles` holds whole, or null.
  const RoleSet* forbidden(const RoleSet& roles) const;
  /// "payment_clerk and chief_accountant".
  std::string name_all(const RoleSet& roles) const;

 private:
  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::vector<std::string> names_;
  std::vector<RoleSet> included_;
  std::vector<RoleSet> never_together_;
  std::vector<RoleSet> risky_together_;
};

}  // namespace talon::access
