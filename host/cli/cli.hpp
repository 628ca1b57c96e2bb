/// The command `talon`: an API client, plus the checks that need no server.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace talon::cli {

/// Runs one command line. Data goes to `out`, messages to `err`.
/// @param arguments  without the program's name.
/// @return the exit code: 0 ok, 1 failed, 2 wrong use, 3 invalid configuration, 4 partly done, 5 refused by
/// policy,
///         75 try later.
int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace talon::cli
