/// Rows in arrays of text, exactly: the indicator of every cell is tested, a value is whole or named as a
/// fault.
#include "fetch.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace talon::odbc {
namespace {

constexpr std::size_t kRowsetRows = 1000;           // the knee in the measurements (connectors.md section 1)
constexpr std::size_t kRowsetBytesMax = 8U << 20U;  // a rowset's buffers
constexpr std::size_t kFirstTextBytes = 1024;       // for texts of unknown length; grown when one is longer
constexpr std::size_t kPageBytesMax = 1U << 30U;

bool is_character(SQLSMALLINT type) {
  return type == SQL_CHAR || type == SQL_VARCHAR || type == SQL_LONGVARCHAR || type == SQL_WCHAR ||
         type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR || type == SQL_BINARY || type == SQL_VARBINARY ||
         type == SQL_LONGVARBINARY;
}

/// Sized by policy: drivers report 28 digits for an unconstrained numeric, 255 or 8190 for a text.
std::size_t first_capacity(const Column& column, std::size_t field_bytes_max) {
  if (!is_character(column.sql_type)) return 72;
  const std::size_t in_characters = std::min<std::size_t>(column.size, 1U << 20U) * 4 + 1;
  const std::size_t wanted = column.size == 0 ? kFirstTextBytes : std::min(in_characters, kFirstTextBytes);
  return std::min(wanted, field_bytes_max + 1);
}

/// One column's buffers for a rowset.
struct Buffer {
  std::size_t capacity = 0;  // bytes a cell, the terminator included
  std::vector<char> data;
  std::vector<SQLLEN> indicators;
};

class Reader {
 public:
  Reader(Session& session, Rows& rows) : session_(session), rows_(rows) {}

  /// @return false: a value was longer than its buffer; the capacities have grown, read again.
  Result<bool> read(const Statement& statement) {
    if (buffers_.empty()) {
      for (const Column& column : rows_.columns) {
        buffers_.emplace_back().capacity = first_capacity(column, session_.field_bytes_max());
      }
    }
    TALON_DO(bind(statement));
    has_grown_ = false;
    for (;;) {
      session_.watchdog().arm(statement.handle(), session_.statement_timeout());
      const SQLRETURN fetched = SQLFetch(statement.handle());
      const Watchdog::Outcome outcome = session_.watchdog().disarm();
      if (fetched == SQL_NO_DATA) break;
      if (!SQL_SUCCEEDED(fetched)) {
        Error error = session_.statement_error(statement, "reading rows failed", outcome);
        if (const auto ended = session_.end(Session::Ending::RollBack); !ended) error = ended.error();
        return error;
      }
      for (std::size_t row = 0; row < row_count_; ++row) take_row(row);
      if (rows_.bytes() > kPageBytesMax) {
        return Error{Code::ResourceExhausted, "a page does not fit 1 GiB; lower `page_rows`"};
      }
      if (row_count_ < rowset_ && has_grown_) break;
    }
    return !has_grown_;
  }

 private:
  Result<void> bind(const Statement& statement) {
    std::size_t row_bytes = 0;
    for (const Buffer& buffer : buffers_) row_bytes += buffer.capacity + sizeof(SQLLEN);
    rowset_ = std::clamp<std::size_t>(kRowsetBytesMax / std::max<std::size_t>(row_bytes, 1), 1, kRowsetRows);
    SQLHSTMT handle = statement.handle();
    SQLSetStmtAttr(handle, SQL_ATTR_ROW_BIND_TYPE, reinterpret_cast<SQLPOINTER>(SQL_BIND_BY_COLUMN), 0);
    SQLSetStmtAttr(handle, SQL_ATTR_ROW_ARRAY_SIZE, reinterpret_cast<SQLPOINTER>(rowset_), 0);
    SQLSetStmtAttr(handle, SQL_ATTR_ROWS_FETCHED_PTR, &row_count_, 0);
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      Buffer& buffer = buffers_[i];
      buffer.data.resize(buffer.capacity * rowset_);
      buffer.indicators.resize(rowset_);
      if (!SQL_SUCCEEDED(SQLBindCol(handle, static_cast<SQLUSMALLINT>(i + 1), SQL_C_CHAR, buffer.data.data(),
                                    static_cast<SQLLEN>(buffer.capacity), buffer.indicators.data()))) {
        return odbc_error(SQL_HANDLE_STMT, handle, "cannot bind column " + rows_.columns[i].name);
      }
    }
    return {};
  }

  void take_row(std::size_t row) {
    const std::size_t at = rows_.count();
    for (std::size_t column = 0; column < buffers_.size(); ++column) {
      Buffer& buffer = buffers_[column];
      const SQLLEN indicator = buffer.indicators[row];
      if (indicator == SQL_NULL_DATA) {
        rows_.add_null();
      } else if (indicator >= 0 && static_cast<std::size_t>(indicator) < buffer.capacity) {
        rows_.add({buffer.data.data() + row * buffer.capacity, static_cast<std::size_t>(indicator)});
      } else {
        rows_.add_null();
        take_long(buffer, column, at, indicator);
      }
    }
  }

  /// A value that its buffer does not hold (01004, which no driver reports alike).
  void take_long(Buffer& buffer, std::size_t column, std::size_t row, SQLLEN indicator) {
    const std::size_t most = session_.field_bytes_max() + 1;
    const bool is_known = indicator >= 0;
    if ((is_known && static_cast<std::size_t>(indicator) >= most) || buffer.capacity >= most) {
      rows_.faults.push_back({row, column,
                              "longer than max_field_bytes (" + std::to_string(session_.field_bytes_max()) +
                                  (is_known ? "): " + std::to_string(indicator) + " bytes" : ")")});
      return;
    }
    has_grown_ = true;
    std::size_t wanted = buffer.capacity * 4;
    while (is_known && wanted <= static_cast<std::size_t>(indicator)) wanted *= 2;
    grown_.emplace_back(column, std::min(wanted, most));
  }

 public:
  /// Takes over what `read` found too small.
  void grow() {
    for (const auto& [column, capacity] : grown_) {
      buffers_[column].capacity = std::max(buffers_[column].capacity, capacity);
    }
    grown_.clear();
  }

 private:
  Session& session_;
  Rows& rows_;
  std::vector<Buffer> buffers_;
  std::vector<std::pair<std::size_t, std::size_t>> grown_;
  std::size_t rowset_ = 0;
  SQLULEN row_count_ = 0;
  bool has_grown_ = false;
};

}  // namespace

Result<std::vector<Column>> describe_columns(const Statement& statement) {
  SQLSMALLINT count = 0;
  if (!SQL_SUCCEEDED(SQLNumResultCols(statement.handle(), &count)) || count == 0) {
    return invalid("the statement gives no rows");
  }
  std::vector<Column> columns;
  for (SQLSMALLINT i = 1; i <= count; ++i) {
    Column column;
    std::array<SQLCHAR, 256> name{};
    SQLSMALLINT length = 0;
    SQLSMALLINT nullable = 0;
    if (!SQL_SUCCEEDED(SQLDescribeCol(statement.handle(), static_cast<SQLUSMALLINT>(i), name.data(),
                                      static_cast<SQLSMALLINT>(name.size()), &length, &column.sql_type,
                                      &column.size, &column.scale, &nullable))) {
      return odbc_error(SQL_HANDLE_STMT, statement.handle(), "cannot describe the columns");
    }
    column.name = reinterpret_cast<const char*>(name.data());
    std::array<SQLCHAR, 64> native{};
    if (SQL_SUCCEEDED(SQLColAttribute(statement.handle(), static_cast<SQLUSMALLINT>(i), SQL_DESC_TYPE_NAME,
                                      native.data(), static_cast<SQLSMALLINT>(native.size()), &length,
                                      nullptr))) {
      column.native = reinterpret_cast<const char*>(native.data());
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<Rows> fetch(Session& session, const std::string& sql, std::vector<Bound>& parameters) {
  Rows rows;
  Reader reader(session, rows);
  for (;;) {
    TALON_TRY(const Statement statement, session.execute(sql, parameters));
    TALON_TRY(rows.columns, describe_columns(statement));
    TALON_TRY(const bool is_whole, reader.read(statement));
    if (is_whole) return rows;
    reader.grow();
    rows.clear();
  }
}

std::string fingerprint(const std::vector<Column>& columns) {
  uint64_t hash = 1469598103934665603U;  // FNV-1a
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  };
  for (const Column& column : columns) add(column.name + " " + type_name(column) + ";");
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

std::string type_name(const Column& column) {
  const std::string size = std::to_string(column.size);
  switch (column.sql_type) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
      return "varchar(" + size + ")";
    case SQL_LONGVARCHAR:
    case SQL_WLONGVARCHAR:
      return "text";
    case SQL_DECIMAL:
    case SQL_NUMERIC:
      return "decimal(" + size + "," + std::to_string(column.scale) + ")";
    case SQL_SMALLINT:
    case SQL_TINYINT:
    case SQL_INTEGER:
      return "integer";
    case SQL_BIGINT:
      return "bigint";
    case SQL_BIT:
      return "boolean";
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
      return "binary float";
    case SQL_TYPE_DATE:
    case SQL_DATE:
      return "date";
    case SQL_TYPE_TIME:
    case SQL_TIME:
      return "time";
    case SQL_TYPE_TIMESTAMP:
    case SQL_TIMESTAMP:
      return "timestamp";
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY:
      return "bytes";
    default:
      return "type " + std::to_string(column.sql_type);
  }
}

}  // namespace talon::odbc
