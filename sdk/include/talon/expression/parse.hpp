/// Text to tree.
#pragma once

#include <talon/expression/tree.hpp>

#include <string>
#include <string_view>

namespace talon::expression {

/// Reads the inline form: comparisons joined by `and`, `or`, `not (…)`, parentheses. Lists are [a, b]; texts with
/// spaces, commas, brackets or reserved words are quoted "…" (\" and \\ inside).
/// @param origin  where `text` begins in its file; places in the tree and in errors count from there.
/// @return InvalidArgument; `details` is [{"line","column","message"}].
/// @threads any; pure.
Result<Expression> parse(std::string_view text, Place origin = {1, 1});

/// Reads one policy line: one comparison, `is [not] NAME`, or `user has [not] role NAME`.
Result<Expression> parse_line(std::string_view line, Place origin = {1, 1});

/// Writes the inline form; parse(print(e)) equals e but for places. A checked tree prints ids, dates and decimals in
/// their text forms.
std::string print(const Expression& expression);

}  // namespace talon::expression
