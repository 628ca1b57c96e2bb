/// Text to tree.
#pragma once

#include <talon/expression/tree.hpp>

#include <string>
#include <string_view>

namespace talon::expression {

/// Reads the inline form: comparisons joined by `and`, `or`, `not (…)`, parentheses. Lists are [a, b]; texts
/// with spaces, commas, brackets or reserved words are quoted "…" (\" and \\ inside). `none of (a, b)` is not
/// (a or b); `always` and an empty text hold for every record; `PATH is unknown` never says.
/// @param text    UTF-8, at most 1 MiB, nested at most 32 deep, at most 2,000 comparisons; it may come from
/// anyone.
/// @param origin  where `text` begins in its file; places in the tree and in errors count from there.
/// @return InvalidArgument; `details` is [{"line","column","message"}].
/// @threads any; pure.
Result<Expression> parse(std::string_view text, Place origin = {1, 1});

/// Reads one policy line: one comparison, `is [not] NAME`, or `user has [not] role NAME`.
Result<Expression> parse_line(std::string_view line, Place origin = {1, 1});

/// Writes the inline form; parse(print(e)) equals e but for places. A checked tree prints ids, dates and
/// decimals in their text forms.
std::string print(const Expression& expression);

}  // namespace talon::expression

#ifndef TALON_SDK_LIBRARY
#include <talon/expression/print.hpp>

namespace talon::expression {

TALON_INLINE Result<Expression> parse(std::string_view text, Place origin) {
  TALON_TRY(const std::vector<detail::Token> tokens, detail::Tokenizer(text, origin).read());
  return detail::Parser(text, tokens).inline_form();
}

TALON_INLINE Result<Expression> parse_line(std::string_view line, Place origin) {
  TALON_TRY(const std::vector<detail::Token> tokens, detail::Tokenizer(line, origin).read());
  return detail::Parser(line, tokens).line();
}

}  // namespace talon::expression
#endif
