/// JSON for a person: tables and lines.
#pragma once

#include <talon/json.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace talon::cli {

/// One value in one cell: money as "12.30 EUR", empty for null, lists and objects as compact JSON.
std::string cell_text(const Json& value);

/// A table of however many rows, printed as they come: a column is as wide as the widest cell so far (60
/// characters at most), looked for in some hundred rows together, so that memory does not grow with them.
class TablePrinter {
 public:
  /// @param out  outlives this. @param together  how many rows are looked at before they are printed.
  TablePrinter(std::ostream& out, std::vector<std::string> headings, std::size_t together = 500);
  /// As many cells as headings.
  void add(std::vector<std::string> row);
  /// Prints what waits; the headings alone where no row came.
  void finish();
  bool is_empty() const { return is_empty_; }

 private:
  void print(const std::vector<std::string>& row);

  std::ostream& out_;
  std::size_t together_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> waiting_;  // the headings first
  bool is_empty_ = true;
};

/// Columns as wide as their widest cell (60 characters at most), a heading, two spaces between.
void print_table(std::ostream& out, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows);

/// A list of objects, or an object with "items", as a table; an object as lines of NAME  VALUE; others as
/// they are.
void print_json(std::ostream& out, const Json& json);

}  // namespace talon::cli
