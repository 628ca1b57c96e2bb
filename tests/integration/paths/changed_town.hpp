/// A copy of the town in which everything differs that somebody may not see.
#pragma once

#include "tests/integration/paths/sights.hpp"

#include <random>
#include <string>

namespace talon::paths {

/// Changes what `sight` does not hold: values of hidden fields in seen rows, everything in rows out of sight,
/// and which of the other side's rows there are. What a rule's condition reads, and what a view adds up for
/// them, stays.
/// @return how many values were changed, added or taken away.
int change_unseen(Database& database, const Town& town, const Subject& subject, const Sight& sight,
                  uint64_t seed);

/// The same for people inside, who see whole types but for some fields: "TYPE.FIELD", or "TYPE" for all of
/// it.
int change_fields(Database& database, const Town& town, const std::vector<std::string>& fields,
                  uint64_t seed);

}  // namespace talon::paths
