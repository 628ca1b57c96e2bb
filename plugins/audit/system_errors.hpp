/// What the operating system refused, in words.
#pragma once

#include <talon/result.hpp>

#include <cerrno>
#include <string>
#include <system_error>

namespace audit {

/// "cannot write PATH: No space left on device".
inline talon::Error cannot(const std::string& what, int code = errno) {
  return talon::unavailable("cannot " + what + ": " + std::generic_category().message(code));
}

/// Both errors, if there are two.
inline talon::Result<void> both(const talon::Result<void>& outcome, const talon::Result<void>& another) {
  if (outcome) return another;
  if (another) return outcome;
  return talon::unavailable(outcome.error().message + "; " + another.error().message);
}

}  // namespace audit
