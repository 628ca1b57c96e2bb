/// The second line behind the gate: the database's own triggers for frozen and append-only records.
#pragma once

#include "host/storage/database.hpp"

#include <talon/model.hpp>

#include <string>
#include <vector>

namespace talon::storage {

/// Appends what makes the triggers of `after` out of those of `before`. A frozen record keeps all but its
/// excepted fields, and its child rows; an append-only one keeps every value that it has.
/// @errors InvalidArgument: a freeze condition is wrong, or asks for today (a record must not thaw by
/// itself).
Result<void> plan_triggers(const model::Model& before, const model::Model& after, Dialect dialect,
                           std::vector<std::string>& statements);

}  // namespace talon::storage
