/// The commands of `talon sync`: text for people, JSON with {"json": true}.
#pragma once

#include "service.hpp"

namespace talon::sync {

/// Runs `request.command`. Arguments: {"connector": NAME, "stream": NAME, "plan": ID, "json": true}; or the
/// same by position in "args" (connector, then stream or plan).
Result<void> run_command(Service& service, CommandRequest& request, Output& output);

}  // namespace talon::sync
