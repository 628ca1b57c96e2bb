/// Rows in arrays of text, exactly: the indicator of every cell is tested, a value is whole or named as a
/// fault.
#pragma once

#include "session.hpp"

#include <talon/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace talon::odbc {

struct Column {
  std::string name;
  std::string native;  ///< the peer's own word for the type: "decimal"
  SQLSMALLINT sql_type = SQL_VARCHAR;
  SQLULEN size = 0;  ///< characters or digits, as the driver says; 0 or huge: it does not know
  SQLSMALLINT scale = 0;
};

/// A cell that could not be read whole.
struct Fault {
  std::size_t row = 0;
  std::size_t column = 0;
  std::string reason;
};

/// All rows of one statement, as text. Memory: the texts, and 8 bytes a cell.
class Rows {
 public:
  std::vector<Column> columns;
  std::vector<Fault> faults;

  std::size_t count() const { return columns.empty() ? 0 : cells_.size() / columns.size(); }
  /// Null for NULL and for a fault. Borrowed until this is dropped.
  Cell cell(std::size_t row, std::size_t column) const {
    const Span& span = cells_[row * columns.size() + column];
    return span.size < 0 ? Cell()
                         : Cell(std::string_view(text_).substr(span.at, static_cast<std::size_t>(span.size)));
  }
  void add(std::string_view text) {
    cells_.push_back({static_cast<uint32_t>(text_.size()), static_cast<int32_t>(text.size())});
    text_ += text;
  }
  void add_null() { cells_.push_back({0, -1}); }
  void clear() {
    faults.clear();
    cells_.clear();
    text_.clear();
  }
  std::size_t bytes() const { return text_.size(); }

 private:
  struct Span {
    uint32_t at;
    int32_t size;
  };
  std::string text_;
  std::vector<Span> cells_;
};

/// The columns of an executed statement.
Result<std::vector<Column>> describe_columns(const Statement& statement);

/// Executes `sql` and reads all of its rows. Values longer than the session's `max_field_bytes` become
/// faults.
/// @return ResourceExhausted: the page does not fit 1 GiB; else as Session::execute.
Result<Rows> fetch(Session& session, const std::string& sql, std::vector<Bound>& parameters);

/// 64 hex digits' worth of shape: names, types, scales. It changes when the peer's columns do.
std::string fingerprint(const std::vector<Column>& columns);

/// "decimal(18,4)", "varchar(10)", "timestamp": for people and for `describe`.
std::string type_name(const Column& column);

}  // namespace talon::odbc
