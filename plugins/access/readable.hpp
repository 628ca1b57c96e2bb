/// Whether whoever judges a plan can read its conditions: texts have limits that trees do not have.
#pragma once

#include <talon/expression/parse.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace talon::access {

/// True for what has neither 1,000 comparisons nor 30 nested parentheses, as nearly all conditions: also
/// twice in one text, of a token and of its owner, it is read.
inline bool is_surely_readable(std::string_view text) {
  constexpr std::size_t kBytes = 8000;
  constexpr std::ptrdiff_t kDepth = 28;
  return text.size() < kBytes && std::count(text.begin(), text.end(), '(') < kDepth;
}

/// Why the gate could not read the condition; empty: it can.
inline std::string reading_fault(std::string_view text) {
  if (is_surely_readable(text)) return {};
  const auto read = expression::parse(text);
  return read ? std::string() : read.error().message;
}

}  // namespace talon::access
