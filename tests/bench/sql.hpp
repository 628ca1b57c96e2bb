/// Statements straight into an installation's SQLite file, past talond.
#pragma once

#include "tests/support/business.hpp"

#include <cstdio>
#include <string>

namespace talon::bench {

/// @return what the statement printed, without the last line's end; "" and a line on stderr: it failed.
inline std::string sql(const support::Business& business, const std::string& statement) {
  const auto run =
      support::run_program({"sqlite3", "-cmd", ".timeout 60000", business.talon.data("talon.db"), statement});
  if (!run || run->code != 0) {
    std::fprintf(stderr, "sqlite3: %s\n", run ? run->errors.c_str() : run.error().message.c_str());
    return {};
  }
  std::string out = run->output;
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace talon::bench
