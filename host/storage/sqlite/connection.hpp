/// One SQLite connection: settings, kept statements, errors as codes.
#pragma once

#include "host/storage/database.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace talon::storage::sqlite {

enum class Access { Write, Read };

/// @threads one at a time.
class Connection {
 public:
  /// Opens (and for Write makes, mode 0600) the file, with WAL, synchronous FULL and a busy time-out of 5 s.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement to its end, rows into `sink` (null: they are dropped).
  /// @return rows changed.
  Result<int64_t> run(const Sql& sql, const RowSink* sink);
  /// Runs a text of several statements without values; not kept.
  Result<void> script(const std::string& text);
  /// False inside BEGIN … COMMIT.
  bool is_idle() const { return sqlite3_get_autocommit(database_) != 0; }
  /// SQLite's own; this connection's.
  sqlite3* handle() const { return database_; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit Connection(sqlite3* database) : database_(database) {}
  Result<Statement> prepare(const std::string& text);
  Result<int64_t> step_all(sqlite3_stmt* statement, const Sql& sql, const RowSink* sink);
  Error error(const Sql& sql) const;

  sqlite3* database_;
  std::unordered_map<std::string, Statement> kept_;
};

/// What SQLite's extended result code and message mean for the caller.
Error to_error(int extended_code, std::string_view message, std::string_view sql);

}  // namespace talon::storage::sqlite
