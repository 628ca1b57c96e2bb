/// Two versions of a text as a unified diff, for `patch` and `git apply`.
#pragma once

#include <string>
#include <string_view>

namespace talon::cli {

/// Empty where they are equal. @param file  stands behind a/ and b/.
/// @threads any; pure.
std::string unified_diff(std::string_view file, std::string_view before, std::string_view after);

}  // namespace talon::cli
