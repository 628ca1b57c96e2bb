/// SQLite's extended result codes as the sixteen codes.
#include "host/storage/errors.hpp"
#include "host/storage/names.hpp"
#include "host/storage/sqlite/connection.hpp"

#include <algorithm>
#include <vector>

namespace talon::storage::sqlite {

namespace {

/// "UNIQUE constraint failed: invoices.series, invoices.number" → the key's name, as PostgreSQL would tell
/// it.
Error duplicate(std::string_view message) {
  const std::size_t colon = message.find(": ");
  std::string_view rest = colon == std::string_view::npos ? "" : message.substr(colon + 2);
  std::string table;
  std::vector<std::string> columns;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(", "), rest.size());
    const std::string_view column = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 2, rest.size()));
    const std::size_t dot = column.find('.');
    if (dot == std::string_view::npos) continue;
    table = column.substr(0, dot);
    columns.emplace_back(column.substr(dot + 1));
  }
  const bool is_id = columns.size() == 1 && columns[0] == "id";
  return duplicate_key(is_id ? table + "_pkey" : unique_index_name(table, columns));
}

}  // namespace

Error to_error(int extended_code, std::string_view message, std::string_view sql) {
  const std::string text = "SQLite: " + std::string(message);
  switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return duplicate(message);
    case SQLITE_CONSTRAINT_TRIGGER:
      return failed_precondition(std::string(message));
    case SQLITE_BUSY_SNAPSHOT:
      return unavailable(text + "; another write came first, try again");
    case SQLITE_INTERRUPT:
      return {Code::Cancelled, text};
    default:
      break;
  }
  // sum() has no code of its own for this.
  if (extended_code == SQLITE_ERROR && message == "integer overflow") return sum_too_large();
  switch (extended_code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return failed_precondition(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return unavailable(text + "; another program holds the file, try again");
    case SQLITE_FULL:
      return {Code::ResourceExhausted, text + "; free space on the database's disk"};
    case SQLITE_NOMEM:
      return {Code::ResourceExhausted, text};
    case SQLITE_TOOBIG:
      return invalid(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::DataLoss, text + "; restore the last backup"};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return unavailable(text + "; check the file, its folder and their owner");
    default:
      return internal(text + " in: " + std::string(sql.substr(0, 500)));
  }
}

}  // namespace talon::storage::sqlite
