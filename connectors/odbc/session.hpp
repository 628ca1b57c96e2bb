/// One connection to an external database, on unixODBC handles: connect, execute, cancel, classify errors.
#pragma once

#include "driver.hpp"
#include "watchdog.hpp"

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <sql.h>
#include <sqlext.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::odbc {

/// What went wrong on `handle`, by SQLSTATE: lost or busy peers (08, 57P0x, 40001, 40P01, HYT00, HYT01) are
/// Unavailable, a cancelled statement DeadlineExceeded, a missing table or column FailedPrecondition, a
/// refused sign-in Unauthenticated, a broken constraint AlreadyExists or InvalidArgument, the rest Internal.
Error odbc_error(SQLSMALLINT kind, SQLHANDLE handle, std::string_view what);

/// A statement handle that frees itself.
class Statement {
 public:
  static Result<Statement> open(SQLHDBC connection);
  Statement(Statement&& other) noexcept : handle_(other.handle_) { other.handle_ = SQL_NULL_HSTMT; }
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  SQLHSTMT handle() const { return handle_; }

 private:
  explicit Statement(SQLHSTMT handle) : handle_(handle) {}

  SQLHSTMT handle_;
};

/// A value to bind: always text, with the SQL type it stands for.
struct Bound {
  std::string text;
  bool is_null = false;
  SQLSMALLINT sql_type = SQL_VARCHAR;
  SQLULEN size = 0;
  SQLSMALLINT scale = 0;
};

/// One connection, for one thread. It is ended at once when it is dropped: what was not committed is rolled
/// back.
class Session {
 public:
  /// @return Unavailable: the peer cannot be reached; Unauthenticated; InvalidArgument: the connection is no
  /// such.
  static Result<std::unique_ptr<Session>> open(const Json& connection);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Dialect dialect() const { return dialect_; }
  SQLHDBC handle() const { return connection_; }
  std::size_t field_bytes_max() const { return field_bytes_max_; }

  /// Prepares, binds and executes under the watchdog. @return the open statement.
  Result<Statement> execute(const std::string& sql, std::vector<Bound>& parameters);
  /// Executes a writing statement. @return how many rows it changed.
  Result<int64_t> change(const std::string& sql, std::vector<Bound>& parameters);
  /// Ends the transaction that every statement is in; a failed statement has rolled it back already.
  enum class Ending { Commit, RollBack };
  Result<void> end(Ending ending);
  /// The watchdog's time for one statement.
  std::chrono::milliseconds statement_timeout() const { return statement_timeout_; }
  Watchdog& watchdog() { return watchdog_; }
  /// An error of `statement`, told apart from one that the watchdog or `cancel` caused.
  Error statement_error(const Statement& statement, std::string_view what, Watchdog::Outcome outcome) const;

 private:
  Session() = default;

  SQLHENV environment_ = SQL_NULL_HENV;
  SQLHDBC connection_ = SQL_NULL_HDBC;
  bool is_connected_ = false;
  Dialect dialect_ = Dialect::Generic;
  std::chrono::milliseconds statement_timeout_{300000};
  std::size_t field_bytes_max_ = 1048576;
  Watchdog watchdog_;
};

}  // namespace talon::odbc
