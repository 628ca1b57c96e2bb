/// The host's own storage: one interface, two databases. Rows are written by `records`, tables by this room.
#pragma once

#include <talon/result.hpp>
#include <talon/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::storage {

enum class Dialect { Sqlite, Postgresql };

/// A statement: text with `?` for each bound value. Text is made of checked names only; values are always
/// bound. Prepared once per connection and kept, by its text.
struct Sql {
  std::string text;
  std::vector<Value> binds;
};

/// Receives rows; an error ends the statement and is passed on. Cells are borrowed for the call.
using RowSink = std::function<Result<void>(Row)>;

/// Reads in one snapshot.
class Reader {
 public:
  virtual ~Reader() = default;
  /// @errors Unavailable (retry): connection lost, database busy; Internal: the statement is wrong.
  virtual Result<void> rows(const Sql& sql, const RowSink& sink) = 0;
};

/// Writes inside one savepoint of a group that is committed together. @threads the writer's only.
class Transaction : public Reader {
 public:
  /// Runs a change now. @return rows affected.
  /// @errors AlreadyExists: a unique key (message names the constraint); FailedPrecondition: a freeze trigger
  /// or another
  ///         constraint; Aborted: serialisation, dead-lock (the work runs again).
  virtual Result<int64_t> run(const Sql& sql) = 0;
  /// Queues a change whose result nobody waits for; on PostgreSQL it shares a round trip with its neighbours.
  /// @param expect_rows  rows that must be affected, −1: any. A difference fails the transaction with
  /// Aborted.
  virtual Result<void> post(const Sql& sql, int64_t expect_rows = -1) = 0;
};

/// Interactive writes go before batches when both wait.
enum class Lane { Interactive, Batch };

using ReadWork = std::function<Result<void>(Reader&)>;
/// May run more than once (after a roll-back); must not call into plugins or wait for anything but the
/// database.
using WriteWork = std::function<Result<void>(Transaction&)>;

/// A database. @threads any.
class Database {
 public:
  virtual ~Database() = default;
  virtual Dialect dialect() const = 0;
  /// Runs `work` on a reader's connection in one snapshot; many at once.
  virtual Result<void> read(const ReadWork& work) = 0;
  /// Runs `work` in a transaction and returns after it is durable (one fsync for all that waited together).
  /// An error of `work` rolls back only its own savepoint and is returned.
  /// @param group  writes with the same non-empty group share a connection while they wait
  /// ("number_series/…").
  /// @errors Unavailable: the commit failed; nothing of it is there (retry). Unknown: the connection was lost
  /// during
  ///         the commit itself (PostgreSQL); it may be there. Internal: called from inside a write.
  virtual Result<void> write(Lane lane, std::string_view group, const WriteWork& work) = 0;
};

struct Options {
  std::string url =
      {};  ///< "sqlite:/path/talon.db" or "postgresql://…"; migrations need `owner_url` on PostgreSQL
  std::string owner_url = {};  ///< the migrating role; empty: the same as `url`
  int readers = 4;             ///< connections for reading
  int writers = 2;             ///< connections for writing (PostgreSQL; SQLite has one)
};

/// Opens or makes the database. @errors InvalidArgument: url; Unavailable: cannot connect or open, with the
/// reason.
Result<std::unique_ptr<Database>> open(const Options& options);

/// The failing of the n-th call, for tests: wraps `database` so that call n (reads, runs, posts and commits
/// count, from 1) fails with Unavailable.
std::unique_ptr<Database> failing_nth(Database& database, int64_t n);

}  // namespace talon::storage
