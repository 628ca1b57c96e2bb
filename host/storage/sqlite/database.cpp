/// The embedded database behind the storage interface.
#include "host/storage/sqlite/database.hpp"

#include "host/storage/errors.hpp"
#include "host/storage/group_writer.hpp"
#include "host/storage/sqlite/connection.hpp"
#include "host/storage/sqlite/readers.hpp"

namespace talon::storage::sqlite {

namespace {

class WriterTransaction : public Transaction {
 public:
  explicit WriterTransaction(Connection& connection) : connection_(connection) {}

  Result<void> rows(const Sql& sql, const RowSink& sink) override {
    TALON_DO(connection_.run(sql, &sink));
    return {};
  }
  Result<int64_t> run(const Sql& sql) override { return connection_.run(sql, nullptr); }
  Result<void> post(const Sql& sql, int64_t expect_rows) override {
    TALON_TRY(const int64_t changed, connection_.run(sql, nullptr));
    if (expect_rows >= 0 && changed != expect_rows) return unexpected_rows(expect_rows, changed);
    return {};
  }

 private:
  Connection& connection_;
};

/// The one that writes. From the beginning of a transaction to its end no idle reader keeps a snapshot.
class Writer : public GroupConnection {
 public:
  Writer(std::unique_ptr<Connection> connection, Readers& readers)
      : connection_(std::move(connection)), transaction_(*connection_), readers_(readers) {}

  Result<void> begin() override {
    readers_.must_let_go();
    auto begun = plain("begin immediate");
    if (!begun) readers_.may_keep();
    return begun;
  }
  Result<void> start(std::size_t, bool savepoint) override {
    has_savepoint_ = savepoint;
    return savepoint ? plain("savepoint work") : Result<void>();
  }
  Transaction& transaction() override { return transaction_; }
  Result<void> keep(bool) override { return has_savepoint_ ? plain("release work") : Result<void>(); }
  Result<void> undo() override {
    // Some failures (disk full, I/O) end the transaction by themselves.
    if (connection_->is_idle()) return unavailable("the transaction has ended");
    if (!has_savepoint_) return plain("rollback");
    TALON_DO(plain("rollback to work"));
    return plain("release work");
  }
  Result<void> commit() override {
    // Idle already: the only work was undone.
    auto committed = connection_->is_idle() ? Result<void>() : plain("commit");
    if (!committed) end();
    readers_.may_keep();
    return committed;
  }
  void roll_back() override {
    end();
    readers_.may_keep();
  }

 private:
  Result<void> plain(const char* text) {
    TALON_DO(connection_->run({text, {}}, nullptr));
    return {};
  }
  void end() {
    if (connection_->is_idle()) return;
    if (const auto ended = plain("rollback"); !ended) TALON_CHECK(connection_->is_idle());
  }

  std::unique_ptr<Connection> connection_;
  WriterTransaction transaction_;
  Readers& readers_;
  bool has_savepoint_ = false;
};

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(std::unique_ptr<Connection> writer, const std::string& path, int readers)
      : readers_(path, readers),
        writer_(queue_, 0, std::make_unique<Writer>(std::move(writer), readers_), {}) {}
  ~SqliteDatabase() override { queue_.close(); }

  Dialect dialect() const override { return Dialect::Sqlite; }

  Result<void> read(const ReadWork& work) override { return readers_.read(work); }

  Result<void> write(Lane lane, std::string_view group, const WriteWork& work) override {
    return queue_.wait_for(lane, group, work);
  }

 private:
  WriteQueue queue_;
  Readers readers_;
  GroupWriter writer_;
};

}  // namespace

Result<std::string> path_of(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:";
  std::string path = url.substr(kScheme.size());
  if (path.rfind("///", 0) == 0) path.erase(0, 2);
  if (path.empty() || path.find(":memory:") != std::string::npos || path.find('?') != std::string::npos) {
    return invalid("storage.url: \"" + url + "\" names no file; write sqlite:/path/talon.db");
  }
  return path;
}

Result<std::unique_ptr<Database>> open_database(const std::string& path, int readers) {
  // Counting every byte takes a lock around each allocation. Refused where SQLite runs already; no harm then.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  TALON_TRY(auto writer, Connection::open(path, Access::Write));
  return std::unique_ptr<Database>(std::make_unique<SqliteDatabase>(std::move(writer), path, readers));
}

}  // namespace talon::storage::sqlite
