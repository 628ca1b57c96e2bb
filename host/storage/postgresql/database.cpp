/// PostgreSQL behind the storage interface: a pool of readers, and writers that commit in groups.
#include "host/storage/postgresql/database.hpp"

#include "host/storage/group_writer.hpp"
#include "host/storage/pool.hpp"
#include "host/storage/postgresql/connection.hpp"

#include <vector>

namespace talon::storage::postgresql {

namespace {

const Sql kBegin{"begin", {}};
const Sql kBeginRead{"begin isolation level repeatable read read only", {}};
const Sql kCommit{"commit", {}};
const Sql kRollback{"rollback", {}};
const Sql kSavepoint{"savepoint work", {}};
const Sql kRelease{"release savepoint work", {}};
const Sql kRollbackTo{"rollback to savepoint work", {}};

class SnapshotReader : public Reader {
 public:
  explicit SnapshotReader(Connection& connection) : connection_(connection) {}

  Result<void> begin() {
    TALON_DO(connection_.ensure());
    connection_.clear_failure();
    return connection_.post(kBeginRead, -1, 0);
  }

  Result<void> rows(const Sql& sql, const RowSink& sink) override {
    bool has_rows = false;
    const RowSink noting = [&](Row row) {
      has_rows = true;
      return sink(row);
    };
    auto done = connection_.run(sql, &noting, 0);
    if (!done && is_first_ && !has_rows && connection_.is_lost()) {
      TALON_DO(begin());  // a kept connection that the server has closed meanwhile
      done = connection_.run(sql, &noting, 0);
    }
    is_first_ = false;
    if (!done) return std::move(done).error();
    return {};
  }

  /// Sends the end without waiting for its answer: a read is one round trip.
  void end() {
    if (const auto sent = connection_.finish(kCommit); !sent) connection_.clear_failure();
  }

 private:
  Connection& connection_;
  bool is_first_ = true;
};

/// Statements of the works of a group; each failure is remembered with the work that queued it.
class WriterTransaction : public Transaction {
 public:
  explicit WriterTransaction(Connection& connection) : connection_(connection) {}

  Result<void> rows(const Sql& sql, const RowSink& sink) override {
    TALON_DO(connection_.run(sql, &sink, owner));
    return {};
  }
  Result<int64_t> run(const Sql& sql) override { return connection_.run(sql, nullptr, owner); }
  Result<void> post(const Sql& sql, int64_t expect_rows) override {
    return connection_.post(sql, expect_rows, owner);
  }

  std::size_t owner = 0;

 private:
  Connection& connection_;
};

class Writer : public GroupConnection {
 public:
  explicit Writer(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), transaction_(*connection_) {}

  Result<void> begin() override {
    TALON_DO(connection_->ensure());
    connection_->clear_failure();
    is_open_ = true;
    is_checking_ = false;
    is_committing_ = false;
    transaction_.owner = 0;
    return connection_->post(kBegin, -1, 0);
  }

  Result<void> start(std::size_t index, bool savepoint) override {
    transaction_.owner = index;
    has_savepoint_ = savepoint;
    may_run_again_ = false;
    return savepoint ? connection_->post(kSavepoint, -1, index) : Result<void>();
  }

  Transaction& transaction() override { return transaction_; }

  Result<void> keep(bool checked) override {
    if (checked) TALON_DO(connection_->flush());                       // while its savepoint is there
    if (connection_->failure()) return connection_->failure()->error;  // which the work kept to itself
    return has_savepoint_ ? connection_->post(kRelease, -1, transaction_.owner) : Result<void>();
  }

  Result<void> undo() override {
    // What the work had queued may fail too: that is its own matter now.
    if (const auto flushed = connection_->flush(); !flushed && late_failure()) return flushed;
    if (connection_->is_lost()) return unavailable("the connection is lost");
    if (connection_->failure()) may_run_again_ = connection_->failure()->may_run_again;
    connection_->clear_failure();
    if (!has_savepoint_) {
      is_open_ = false;
      TALON_DO(connection_->run(kRollback, nullptr, transaction_.owner));
      return {};
    }
    TALON_DO(connection_->post(kRollbackTo, -1, transaction_.owner));
    return connection_->post(kRelease, -1, transaction_.owner);
  }

  Result<void> commit() override {
    if (!is_open_) return {};  // the only work was undone
    // A count of rows that differs is no error for the server: it would commit.
    if (connection_->expects_rows()) {
      is_checking_ = true;
      TALON_DO(connection_->flush());
    }
    is_committing_ = true;
    TALON_DO(connection_->post(kCommit, -1, transaction_.owner));
    const auto done = connection_->flush();
    is_open_ = !done;
    if (!done && connection_->is_lost()) {
      return Error{Code::Unknown,
                   "PostgreSQL: the connection was lost while committing; whether the change is there is "
                   "not known: look, or send it again with the same key"};
    }
    if (done && connection_->tag() != "COMMIT") {
      return unavailable("PostgreSQL rolled the transaction back; try again");
    }
    return done;
  }

  void roll_back() override {
    connection_->clear_failure();
    if (is_open_ && !connection_->is_lost()) {
      // If it fails the connection is lost, and with it the transaction: `begin` connects again.
      if (const auto done = connection_->run(kRollback, nullptr, 0); !done) connection_->clear_failure();
    }
    is_open_ = false;
  }

  std::optional<LateFailure> late_failure() const override {
    const auto& failure = connection_->failure();
    if (!failure) return std::nullopt;
    // Lost while committing: nobody knows whether it is there, so nothing may run again.
    const bool is_own =
        is_committing_ ? connection_->is_lost() : !is_checking_ && failure->owner == transaction_.owner;
    if (is_own) return std::nullopt;
    return LateFailure{failure->owner, failure->error, failure->may_run_again};
  }
  bool may_run_again() const override { return may_run_again_; }

 private:
  std::unique_ptr<Connection> connection_;
  WriterTransaction transaction_;
  bool is_open_ = false;
  bool has_savepoint_ = false;
  bool may_run_again_ = false;
  bool is_checking_ = false;
  bool is_committing_ = false;
};

class PostgresqlDatabase : public Database {
 public:
  PostgresqlDatabase(const Options& options, std::vector<std::unique_ptr<Connection>> connections)
      : readers_(static_cast<std::size_t>(options.readers),
                 [url = options.url] { return Connection::open(url); }) {
    // A back end remembers 64 savepoints of a transaction cheaply (PGPROC_MAX_CACHED_SUBXIDS).
    // A work that meets a lock of another connection is put back after kLockTimeout, with this many runs.
    const GroupLimits limits{.writes = 60, .runs = 50};
    for (auto& connection : connections) {
      const int number = static_cast<int>(writers_.size());
      writers_.push_back(std::make_unique<GroupWriter>(
          queue_, number, std::make_unique<Writer>(std::move(connection)), limits));
    }
  }
  ~PostgresqlDatabase() override { queue_.close(); }

  Dialect dialect() const override { return Dialect::Postgresql; }

  Result<void> read(const ReadWork& work) override {
    return readers_.with([&](Connection& connection) -> Result<void> {
      SnapshotReader reader(connection);
      TALON_DO(reader.begin());
      auto outcome = work(reader);
      reader.end();
      return outcome;
    });
  }

  Result<void> write(Lane lane, std::string_view group, const WriteWork& work) override {
    return queue_.wait_for(lane, group, work);
  }

 private:
  WriteQueue queue_;
  Pool<Connection> readers_;
  std::vector<std::unique_ptr<GroupWriter>> writers_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_database(const Options& options) {
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < options.writers; ++i) {
    TALON_TRY(auto connection, Connection::open(options.url));
    connections.push_back(std::move(connection));
  }
  return std::unique_ptr<Database>(std::make_unique<PostgresqlDatabase>(options, std::move(connections)));
}

}  // namespace talon::storage::postgresql
