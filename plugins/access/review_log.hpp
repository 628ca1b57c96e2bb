/// What the audit log and the host's records know about people's use of their rights.
#pragma once

#include "review.hpp"

#include <talon/plugin.hpp>

namespace talon::access {

/// One person of a review: their record, and what was found about them.
struct ReviewedPerson {
  int64_t id = 0;
  std::string key;  ///< e-mail address in small letters, by which policy files name them
  bool is_active = false;
  Reviewed found;
};

/// Reads what `people` (a page of them, at most 500) did and were given, by a handful of statements that the
/// database groups: what it takes in memory does not grow with the log. Fills in uses, when they were seen,
/// and by whom and when roles on their records were given.
///
/// What somebody did in another's place (`on_behalf_of`: a simulation) is nobody's use.
/// @param own  the plugin's own reading: the log answers with times alone.
/// @errors as the records answered.
/// @threads any.
Result<void> read_uses(const Records& own, std::vector<ReviewedPerson>& people);

/// Adds the roles on the people's records to their grants.
Result<void> read_record_roles(const Records& own, const CompiledSet& set, const RoleGives& roles,
                               std::vector<ReviewedPerson>& people);

}  // namespace talon::access
