/// One SQLite connection.
#include "host/storage/sqlite/connection.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>

namespace talon::storage::sqlite {

namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr std::size_t kStatementsMax =
    500;  // kept; a program has fewer texts unless something makes them without end

constexpr const char* kWriterSettings =
    "pragma journal_mode = wal;"
    "pragma synchronous = full;"
    "pragma wal_autocheckpoint = 4000;"  // pages of 4 KiB: a checkpoint syncs twice, so not too often
    "pragma cache_size = -16000;"
    "pragma temp_store = memory;"
    "pragma trusted_schema = off;"
    "pragma recursive_triggers = on;";  // or REPLACE would delete frozen rows without asking their trigger
constexpr const char* kReaderSettings =
    "pragma query_only = on;"
    "pragma cache_size = -4000;"
    "pragma temp_store = memory;"
    "pragma trusted_schema = off;";

int bind_one(sqlite3_stmt* statement, int at, const Value& value) {
  const std::string_view text = value.text();
  if (value.is_integer()) return sqlite3_bind_int64(statement, at, value.integer());
  if (value.is_text()) {
    return sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  if (!value.is_bytes()) return sqlite3_bind_null(statement, at);
  if (text.empty()) return sqlite3_bind_zeroblob(statement, at, 0);
  return sqlite3_bind_blob64(statement, at, text.data(), text.size(), SQLITE_STATIC);
}

/// @return false: the column is a binary float.
bool read_cell(sqlite3_stmt* statement, int column, Cell& cell) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      cell = Cell(static_cast<int64_t>(sqlite3_column_int64(statement, column)));
      return true;
    case SQLITE_NULL:
      cell = Cell();
      return true;
    case SQLITE_TEXT: {
      const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      cell = Cell(std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))));
      return true;
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      cell = Cell::bytes({data, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))});
      return true;
    }
    default:
      return false;
  }
}

/// Gives the statement back for its next use, whatever happened.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(sqlite3_stmt* statement) : statement_(statement) {}
  ~ResetAtEnd() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  sqlite3_stmt* statement_;
};

/// SQLite's count of its own memory takes one lock for all connections at each allocation, and nobody reads
/// it. No effect (and no harm) where something has used SQLite before.
void stop_counting_memory() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

/// Makes the file before SQLite does, so that nobody else can read it (the log and its index take its mode).
Result<void> make_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return unavailable("cannot open the database file " + path + ": " + std::strerror(errno) +
                       "; check the folder and its owner");
  }
  ::close(file);
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access) {
  if (access == Access::Write) TALON_DO(make_private(path));
  stop_counting_memory();
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(database));
  if (code != SQLITE_OK) return to_error(code, sqlite3_errmsg(database), path);
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  TALON_DO(connection->script(access == Access::Write ? kWriterSettings : kReaderSettings));
  return connection;
}

Connection::~Connection() {
  kept_.clear();
  sqlite3_close_v2(database_);
}

Error Connection::error(const Sql& sql) const {
  return to_error(sqlite3_extended_errcode(database_), sqlite3_errmsg(database_), sql.text);
}

Result<void> Connection::script(const std::string& text) {
  if (sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error({text, {}});
  return {};
}

Result<Connection::Statement> Connection::prepare(const std::string& text) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(database_, text.c_str(), static_cast<int>(text.size() + 1),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  Statement prepared(statement);
  if (code != SQLITE_OK) return error({text, {}});
  if (!prepared || *rest != '\0') return internal("not one SQL statement: " + text.substr(0, 500));
  return prepared;
}

Result<int64_t> Connection::run(const Sql& sql, const RowSink* sink) {
  auto found = kept_.find(sql.text);
  if (found != kept_.end() && sqlite3_stmt_busy(found->second.get()) != 0) {
    TALON_TRY(const Statement own, prepare(sql.text));  // a sink runs the statement that feeds it
    return step_all(own.get(), sql, sink);
  }
  if (found == kept_.end()) {
    TALON_TRY(Statement statement, prepare(sql.text));
    if (kept_.size() >= kStatementsMax) {
      std::erase_if(kept_, [](const auto& entry) { return sqlite3_stmt_busy(entry.second.get()) == 0; });
    }
    found = kept_.emplace(sql.text, std::move(statement)).first;
  }
  return step_all(found->second.get(), sql, sink);
}

Result<int64_t> Connection::step_all(sqlite3_stmt* statement, const Sql& sql, const RowSink* sink) {
  const ResetAtEnd reset(statement);
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != sql.binds.size()) {
    return internal("the statement and its values do not match: " + sql.text.substr(0, 500));
  }
  int at = 0;
  for (const Value& value : sql.binds) {
    if (bind_one(statement, ++at, value) != SQLITE_OK) return error(sql);
  }
  std::vector<Cell> cells;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    if (sink == nullptr) continue;
    cells.resize(static_cast<std::size_t>(sqlite3_column_count(statement)));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto column = static_cast<int>(i);
      if (read_cell(statement, column, cells[i])) continue;
      return internal(std::string("column ") + sqlite3_column_name(statement, column) +
                      " is a binary float; cast it to integer in the query");
    }
    TALON_DO((*sink)(Row(cells)));
  }
  if (code != SQLITE_DONE) return error(sql);
  return sqlite3_changes64(database_);
}

}  // namespace talon::storage::sqlite
