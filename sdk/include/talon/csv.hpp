/// Cells of CSV (RFC 4180) that no spreadsheet takes for a formula, whoever wrote the text.
#pragma once

#include <string>
#include <string_view>

namespace talon {

/// Appends `text` as a cell: quoted where it must be, with an apostrophe before what a spreadsheet would
/// compute. For anybody's text; figures of our own, of which a minus is part, are appended as they are.
inline void append_csv_cell(std::string& out, std::string_view text) {
  constexpr std::string_view kFormula = "=+-@|";
  constexpr std::string_view kBlank = " \t\r\n";
  // Where the list separator is another one (";" in France and Germany, TAB), a spreadsheet begins a new cell
  // behind it, whatever the quotes say.
  constexpr std::string_view kSeparators = ";\t\r\n";
  const bool is_quoted = text.find_first_of(",;\"\t\r\n") != std::string_view::npos;
  if (is_quoted) out.push_back('"');
  // White space at the beginning is skipped by some, and TAB and the ends of lines begin formulas for others.
  const std::size_t first = text.find_first_not_of(kBlank);
  const bool is_formula =
      !text.empty() &&
      (kSeparators.find(text.front()) != std::string_view::npos ||
       (first != std::string_view::npos && kFormula.find(text[first]) != std::string_view::npos));
  if (is_formula) out.push_back('\'');
  bool begins_cell = !is_formula;
  for (const char c : text) {
    if (begins_cell && kFormula.find(c) != std::string_view::npos) out.push_back('\'');
    if (kSeparators.find(c) != std::string_view::npos)
      begins_cell = true;
    else if (c != ' ' && c != '"')
      begins_cell = false;
    out.append(c == '"' ? 2 : 1, c);
  }
  if (is_quoted) out.push_back('"');
}

}  // namespace talon
