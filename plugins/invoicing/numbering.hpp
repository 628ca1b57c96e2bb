/// The form of invoice numbers: "INV-{year}-{n:5}".
#pragma once

#include <talon/result.hpp>

#include <string>
#include <string_view>

namespace talon::invoicing {

inline constexpr std::size_t kNumberMax = 35;  // characters; the French form of BT-1

/// Fills `{year}` and `{yy}` in and leaves the counter as the deferred `%{NAME}` or `%{NAME:5}` of change
/// sets.
///
/// @param format  A-Z a-z 0-9 + - _ / and exactly one of {n} and {n:WIDTH} (1..12).
/// @errors  InvalidArgument: any other character, no counter or two, or more than 35 characters.
/// @threads any; pure.
Result<std::string> number_pattern(std::string_view format, int year, std::string_view counter);

}  // namespace talon::invoicing
