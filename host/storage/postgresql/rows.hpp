/// Rows of libpq as cells.
#pragma once

#include <talon/result.hpp>
#include <talon/value.hpp>

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

namespace talon::storage::postgresql {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

/// Reads rows of one statement; keeps its memory from row to row. @threads one.
class RowReader {
 public:
  /// @return the row, borrowed until the next call, and only while `result` lives.
  /// @errors Internal: a binary float, or a number with decimals; OutOfRange: a sum beyond 64 bits.
  Result<Row> read(const PGresult* result, int row);

 private:
  Result<Cell> read_cell(const PGresult* result, int row, int column);

  std::vector<Cell> cells_;
  std::vector<std::string> bytes_;  // decoded, one per column
};

}  // namespace talon::storage::postgresql
