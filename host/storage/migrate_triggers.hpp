/// The second line behind the gate: the database's own triggers for frozen and append-only records.
#pragma once

#include "host/storage/triggers_sql.hpp"

#include <talon/model.hpp>

#include <set>
#include <string>
#include <vector>

namespace talon::storage {

/// Appends what makes the triggers of `after` out of those that the database holds. A frozen record keeps all
/// but its excepted fields, and its child rows; an append-only one keeps every value that it has.
/// @errors InvalidArgument: a freeze condition is wrong, or asks for today (a record must not thaw by
/// itself).
/// @param before  names the guards that may not be wanted any more; what else the database has stays.
/// @param held    what its catalogue says: a guard that is missing, switched off, or of an earlier form of
///                this code is made anew.
Result<void> plan_triggers(const model::Model& before, const model::Model& after,
                           const std::set<Trigger>& held, Dialect dialect,
                           std::vector<std::string>& statements);

}  // namespace talon::storage
