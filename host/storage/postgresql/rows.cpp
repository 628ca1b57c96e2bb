/// Rows of libpq (in text) as cells.
#include "host/storage/postgresql/rows.hpp"

#include "host/storage/errors.hpp"
#include "host/storage/postgresql/types.hpp"

#include <charconv>
#include <limits>

namespace talon::storage::postgresql {

namespace {

Result<Cell> read_integer(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return sum_too_large();
  if (error != std::errc() || end != text.data() + text.size()) {
    return internal("a number with decimals; cast it to bigint in the query");
  }
  return Cell(number);
}

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/// PostgreSQL writes bytea as \x and two hexadecimal digits a byte.
void decode(std::string_view text, std::string& bytes) {
  bytes.clear();
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(hex_digit(text[i]) * 16 + hex_digit(text[i + 1])));
  }
}

}  // namespace

Result<Cell> RowReader::read_cell(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return Cell();
  const std::string_view text(PQgetvalue(result, row, column),
                              static_cast<std::size_t>(PQgetlength(result, row, column)));
  switch (PQftype(result, column)) {
    case kInt8:
    case kInt4:
    case kInt2:
    case kOid:
    case kXid8:
    case kNumeric:
      return read_integer(text);
    case kBool:
      return Cell(static_cast<int64_t>(text == "t" ? 1 : 0));
    case kBytea: {
      std::string& bytes = bytes_[static_cast<std::size_t>(column)];
      decode(text, bytes);
      return Cell::bytes(bytes);
    }
    case kFloat4:
    case kFloat8:
      return internal(std::string("column ") + PQfname(result, column) +
                      " is a binary float; cast it to bigint in the query");
    default:
      return Cell(text);
  }
}

Result<Row> RowReader::read(const PGresult* result, int row) {
  const int columns = PQnfields(result);
  cells_.clear();
  bytes_.resize(static_cast<std::size_t>(columns));
  for (int column = 0; column < columns; ++column) {
    TALON_TRY(const Cell cell, read_cell(result, row, column));
    cells_.push_back(cell);
  }
  return Row(cells_);
}

}  // namespace talon::storage::postgresql
