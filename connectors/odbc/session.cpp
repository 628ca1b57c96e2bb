/// One connection to an external database, on unixODBC handles: connect, execute, cancel, classify errors.
#include "session.hpp"

#include <array>
#include <utility>

namespace talon::odbc {
namespace {

SQLCHAR* odbc_text(const std::string& text) {
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));  // ODBC's inputs are not const
}

Code code_of(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  if (group == "08" || state.substr(0, 4) == "57P0" || state == "40001" || state == "40P01" ||
      state == "HYT00" || state == "HYT01" || group == "53") {
    return Code::Unavailable;
  }
  if (group == "28") return Code::Unauthenticated;
  if (state == "HY008" || state == "57014") return Code::DeadlineExceeded;
  if (state == "42S02" || state == "42S22" || state == "42P01" || state == "42703")
    return Code::FailedPrecondition;
  if (state == "23505") return Code::AlreadyExists;
  if (group == "23" || group == "22") return Code::InvalidArgument;
  if (state == "42501") return Code::PermissionDenied;
  return Code::Internal;
}

/// Drivers that say HY000 for all (SQLite's): their words decide.
Code code_of_words(std::string_view message) {
  const auto has = [&](const char* words) { return message.find(words) != std::string_view::npos; };
  if (has("no such table") || has("no such column")) return Code::FailedPrecondition;
  if (has("database is locked") || has("unable to open database") || has("busy")) return Code::Unavailable;
  if (has("UNIQUE constraint")) return Code::AlreadyExists;
  if (has("constraint failed")) return Code::InvalidArgument;
  return Code::Internal;
}

std::chrono::milliseconds milliseconds_or(const Json& json, int64_t otherwise) {
  return std::chrono::milliseconds(json.integer(otherwise));
}

}  // namespace

Error odbc_error(SQLSMALLINT kind, SQLHANDLE handle, std::string_view what) {
  std::string message;
  std::string first_state;
  for (SQLSMALLINT record = 1; record <= 3; ++record) {
    std::array<SQLCHAR, 6> state{};
    std::array<SQLCHAR, 1024> text{};
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    if (!SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, record, state.data(), &native, text.data(),
                                     static_cast<SQLSMALLINT>(text.size()), &length))) {
      break;
    }
    const std::string_view words(reinterpret_cast<const char*>(text.data()));
    if (first_state.empty()) first_state = reinterpret_cast<const char*>(state.data());
    if (message.find(words) == std::string::npos)
      message += (message.empty() ? "" : "; ") + std::string(words);
  }
  Code code = code_of(first_state);
  if (code == Code::Internal) code = code_of_words(message);
  return {code, std::string(what) + ": " + (message.empty() ? "the driver gave no reason" : message) +
                    " (SQLSTATE " + (first_state.empty() ? "none" : first_state) + ")"};
}

Result<Statement> Statement::open(SQLHDBC connection) {
  SQLHANDLE handle = SQL_NULL_HSTMT;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, connection, &handle))) {
    return odbc_error(SQL_HANDLE_DBC, connection, "cannot make a statement");
  }
  return Statement(handle);
}

Statement::~Statement() {
  if (handle_ != SQL_NULL_HSTMT) SQLFreeHandle(SQL_HANDLE_STMT, handle_);
}

Result<std::unique_ptr<Session>> Session::open(const Json& connection) {
  TALON_TRY(const std::string text, connection_string(connection));
  std::unique_ptr<Session> session(new Session);
  session->dialect_ = dialect_of(connection["dialect"].is_string() ? connection["dialect"].string()
                                                                   : connection["driver"].string());
  session->statement_timeout_ = milliseconds_or(connection["statement_timeout_ms"], 300000);
  session->field_bytes_max_ = static_cast<std::size_t>(connection["max_field_bytes"].integer(1048576));
  SQLHANDLE handle = SQL_NULL_HANDLE;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &handle)))
    return internal("unixODBC does not start");
  session->environment_ = handle;
  SQLSetEnvAttr(handle, SQL_ATTR_ODBC_VERSION,
                reinterpret_cast<SQLPOINTER>(static_cast<intptr_t>(SQL_OV_ODBC3)), 0);
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, session->environment_, &handle))) {
    return odbc_error(SQL_HANDLE_ENV, session->environment_, "cannot make a connection");
  }
  session->connection_ = handle;
  const int64_t seconds = connection["connect_timeout_ms"].integer(10000) / 1000;
  SQLSetConnectAttr(handle, SQL_ATTR_LOGIN_TIMEOUT,
                    reinterpret_cast<SQLPOINTER>(static_cast<intptr_t>(seconds)), 0);
  if (!SQL_SUCCEEDED(SQLDriverConnect(handle, nullptr, odbc_text(text), SQL_NTS, nullptr, 0, nullptr,
                                      SQL_DRIVER_NOPROMPT))) {
    const auto name =
        connection["driver"].is_string() ? connection["driver"].string() : connection["dsn"].string();
    return odbc_error(SQL_HANDLE_DBC, handle, "cannot connect by ODBC driver \"" + std::string(name) + "\"");
  }
  session->is_connected_ = true;
  SQLSetConnectAttr(handle, SQL_ATTR_AUTOCOMMIT, reinterpret_cast<SQLPOINTER>(SQL_AUTOCOMMIT_OFF), 0);
  std::vector<Bound> none;
  if (const char* sql = session_sql(session->dialect_); sql != nullptr) TALON_DO(session->change(sql, none));
  for (const Json& sql : connection["session_sql"].items()) {
    TALON_DO(session->change(std::string(sql.string()), none));
  }
  TALON_DO(session->end(Ending::Commit));
  return session;
}

Session::~Session() {
  if (is_connected_) {
    SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_ROLLBACK);
    SQLDisconnect(connection_);
  }
  if (connection_ != SQL_NULL_HDBC) SQLFreeHandle(SQL_HANDLE_DBC, connection_);
  if (environment_ != SQL_NULL_HENV) SQLFreeHandle(SQL_HANDLE_ENV, environment_);
}

Result<void> Session::end(Ending ending) {
  if (SQL_SUCCEEDED(
          SQLEndTran(SQL_HANDLE_DBC, connection_, ending == Ending::Commit ? SQL_COMMIT : SQL_ROLLBACK))) {
    return {};
  }
  return odbc_error(SQL_HANDLE_DBC, connection_, "cannot end the transaction");
}

Result<Statement> Session::execute(const std::string& sql, std::vector<Bound>& parameters) {
  TALON_TRY(Statement statement, Statement::open(connection_));
  SQLHSTMT handle = statement.handle();
  watchdog_.arm(handle, statement_timeout_);
  std::vector<SQLLEN> lengths(parameters.size());
  bool is_ok = SQL_SUCCEEDED(SQLPrepare(handle, odbc_text(sql), static_cast<SQLINTEGER>(sql.size())));
  for (std::size_t i = 0; is_ok && i < parameters.size(); ++i) {
    Bound& value = parameters[i];
    lengths[i] = value.is_null ? SQL_NULL_DATA : static_cast<SQLLEN>(value.text.size());
    const SQLULEN size = value.size != 0 ? value.size : std::max<SQLULEN>(value.text.size(), 1);
    is_ok = SQL_SUCCEEDED(SQLBindParameter(handle, static_cast<SQLUSMALLINT>(i + 1), SQL_PARAM_INPUT,
                                           SQL_C_CHAR, value.sql_type, size, value.scale, value.text.data(),
                                           static_cast<SQLLEN>(value.text.size() + 1), &lengths[i]));
  }
  if (is_ok) {
    const SQLRETURN outcome = SQLExecute(handle);
    is_ok = SQL_SUCCEEDED(outcome) || outcome == SQL_NO_DATA;
  }
  const Watchdog::Outcome outcome = watchdog_.disarm();
  if (!is_ok) {
    Error error = statement_error(statement, "statement failed", outcome);
    if (const auto ended = end(Ending::RollBack); !ended) error.message += "; " + ended.error().message;
    return error;
  }
  return statement;
}

Result<int64_t> Session::change(const std::string& sql, std::vector<Bound>& parameters) {
  TALON_TRY(const Statement statement, execute(sql, parameters));
  SQLLEN rows = 0;
  if (!SQL_SUCCEEDED(SQLRowCount(statement.handle(), &rows)))
    return internal("the driver gives no row count");
  return static_cast<int64_t>(rows);
}

Error Session::statement_error(const Statement& statement, std::string_view what,
                               Watchdog::Outcome outcome) const {
  if (outcome == Watchdog::Outcome::TimedOut) {
    return {Code::Unavailable,
            std::string(what) + ": stopped after " + std::to_string(statement_timeout_.count()) +
                " ms; raise `statement_timeout`, lower `page_rows`, or index the cursor columns"};
  }
  if (outcome == Watchdog::Outcome::Cancelled) return {Code::Cancelled, std::string(what) + ": cancelled"};
  return odbc_error(SQL_HANDLE_STMT, statement.handle(), what);
}

}  // namespace talon::odbc
