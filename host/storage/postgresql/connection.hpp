/// One connection to PostgreSQL in pipeline mode: statements are queued, results are read in order.
#pragma once

#include "host/storage/postgresql/errors.hpp"
#include "host/storage/postgresql/statements.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace talon::storage::postgresql {

/// A queued statement turned out to have failed.
struct Failure {
  std::size_t owner = 0;  ///< who queued it, as given to `post` and `run`
  Error error;
  bool may_run_again = false;
};

/// @threads one at a time.
class Connection {
 public:
  /// @errors Unavailable: cannot connect, with the server's words but without a password.
  static Result<std::unique_ptr<Connection>> open(const std::string& url);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Connects again if the connection is lost, or was idle and does not answer.
  Result<void> ensure();

  /// Queues a statement. @param expect_rows  −1: any. @errors only what happens here; the server's come
  /// later.
  Result<void> post(const Sql& sql, int64_t expect_rows, std::size_t owner);
  /// Runs a statement and waits for it and all before it. @param sink  null: rows are dropped.
  /// @return rows affected, or the first failure, which then stands in `failure()`.
  Result<int64_t> run(const Sql& sql, const RowSink* sink, std::size_t owner);
  /// Sends a last statement; its answer is read with the next use.
  Result<void> finish(const Sql& sql);
  /// Waits for all that is queued. @return the first failure.
  Result<void> flush();

  /// A queued statement may meet another number of rows than it must.
  bool expects_rows() const;
  const std::optional<Failure>& failure() const { return failure_; }
  void clear_failure() { failure_.reset(); }
  /// Of the last statement: "COMMIT", "UPDATE 1".
  const std::string& tag() const { return tag_; }
  bool is_lost() const { return is_lost_; }

 private:
  struct Pending {
    enum class Kind { Prepare, Execute, Sync };
    Kind kind = Kind::Execute;
    std::size_t owner = 0;
    int64_t expect_rows = -1;
    const Prepared* prepared = nullptr;
    const std::string* text = nullptr;  ///< of the statement, kept by `statements_`
  };
  struct Stream;

  explicit Connection(std::string url) : url_(std::move(url)) {}
  Result<void> connect();
  Result<void> send(const Sql& sql, int64_t expect_rows, std::size_t owner);
  Result<void> sync();
  /// Reads results until only `leave` queued statements are left.
  void collect(std::size_t leave);
  void take(const Pending& pending, PGresult* result);
  void fail(const Pending& pending, Error error, bool may_run_again);
  Result<void> stream_rows(const RowSink& sink);
  PGresult* next_of(Stream& stream);
  void spool(Stream& stream);
  void discard(Stream& stream);
  Error lost();

  std::string url_;
  PGconn* handle_ = nullptr;
  Statements statements_;
  std::deque<Pending> pending_;
  std::optional<Failure> failure_;
  std::string tag_;
  int64_t affected_ = 0;
  bool is_lost_ = true;
  Stream* stream_ = nullptr;  ///< whose rows are being read
  std::chrono::steady_clock::time_point last_used_;
};

}  // namespace talon::storage::postgresql
