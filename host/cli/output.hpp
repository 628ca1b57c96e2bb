/// JSON for a person: tables and lines.
#pragma once

#include <talon/json.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace talon::cli {

/// One value in one cell: money as "12.30 EUR", empty for null, lists and objects as compact JSON.
std::string cell_text(const Json& value);

/// Columns as wide as their widest cell (60 characters at most), a heading, two spaces between.
void print_table(std::ostream& out, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows);

/// A list of objects, or an object with "items", as a table; an object as lines of NAME  VALUE; others as
/// they are.
void print_json(std::ostream& out, const Json& json);

}  // namespace talon::cli
