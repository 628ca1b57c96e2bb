/// What somebody holds, roles and facts, judged against the policies and the records that its writer sees:
/// the same for an invitation and for a person's record.
#pragma once

#include "compile.hpp"
#include "people.hpp"

#include <talon/faults.hpp>
#include <talon/records.hpp>

namespace talon::access {

/// What somebody is to hold.
struct Holdings {
  std::vector<std::string> roles;
  std::map<std::string, std::vector<std::string>, std::less<>> facts = {};
};

/// @threads one at a time.
class HoldingsJudge {
 public:
  /// All outlive this. @param records  of the caller: a fact that names a record names one that they may see.
  HoldingsJudge(const CompiledSet& set, const Records& records, People& people, Faults& faults)
      : set_(set), records_(records), people_(people), faults_(faults) {}

  /// The role's number. @param place  of what was sent, for the mistake.
  std::optional<uint32_t> role(std::string_view name, const std::string& place);
  /// Roles that one person may not hold together. @param with_included  all that the held ones include.
  void together(const RoleSet& with_included, const std::string& place);
  /// The fact's type; null: there is no such fact.
  const expression::FactType* fact(std::string_view name, const std::string& place);
  /// Whether somebody may have so many values of it.
  bool is_count_right(const std::string& name, const expression::FactType& type, std::size_t count,
                      const std::string& place);
  /// The value as it is kept: a record's, named by id or number, is its id.
  std::optional<std::string> value(const std::string& name, const expression::FactType& type,
                                   const std::string& text, const std::string& place);

 private:
  const CompiledSet& set_;
  const Records& records_;
  People& people_;
  Faults& faults_;
};

}  // namespace talon::access
