/// The published pages of rights: for every role one, to be read by somebody who never saw the language.
#pragma once

#include "compile.hpp"

namespace talon::access {

/// One file of the folder `config/policies/rights`.
struct RightsPage {
  std::string file;  ///< "accountant.md"; "README.md" is the index
  std::string text;  ///< Markdown
};

/// The first line of each page: by it a page is known that may be replaced or, with its role gone, removed.
inline constexpr std::string_view kRightsMark = "<!-- Made by `talon policy table`. -->";

/// The index, then a page a role in the order of their names: who holds it, what it includes, and by record
/// type what it may do, on which rows, what of the fields it sees, each with file and line of its rule. Equal
/// sets give equal pages. Personal rules and partners' files are not in them: they are about people and
/// partners, not about roles.
/// @threads any; pure.
std::vector<RightsPage> rights_pages(const CompiledSet& set);

}  // namespace talon::access
