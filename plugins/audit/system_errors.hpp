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

}  // namespace audit
