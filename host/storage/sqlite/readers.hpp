/// The embedded database's connections for reading, which keep their snapshots while nobody writes.
#pragma once

#include "host/storage/pool.hpp"
#include "host/storage/sqlite/connection.hpp"
#include "host/storage/sqlite/log_index.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace talon::storage::sqlite {

/// A connection for reading. Between two reads it may keep its snapshot, an open transaction: to begin and to
/// end one takes two statements and four locks, two of them calls of the kernel, which is more than a brief
/// question to the database itself.
/// @threads one at a time.
class ReadConnection {
 public:
  static Result<std::unique_ptr<ReadConnection>> open(const std::string& path);

  /// Begins a read: in the kept snapshot if nobody has committed since it was taken and it is not too old,
  /// else in a new one. @return whether it is a new one.
  Result<bool> begin();
  Result<void> rows(const Sql& sql, const RowSink& sink);
  /// Ends the read. @param may_keep  keep the snapshot, if reads follow each other closely.
  Result<void> finish(bool may_keep);

  bool is_kept() const { return is_kept_; }
  /// Ends the snapshot, if there is one. @return false: the connection is of no use any more.
  bool let_go();
  /// The same, if it was taken so long ago that it is in the way of others.
  void let_go_if_old();

 private:
  explicit ReadConnection(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  std::unique_ptr<Connection> connection_;
  LogIndex index_;
  LogIndex::Header taken_ = {};  ///< what the index said before the snapshot was taken
  int64_t taken_ms_ = 0;         ///< when, by the coarse monotonic clock
  int64_t finished_ms_ = 0;      ///< when the last read ended
  bool has_taken_ = false;       ///< whether `taken_` is of the open snapshot
  bool is_kept_ = false;         ///< a snapshot is open, and no read uses it
};

/// All of them. @threads any.
class Readers {
 public:
  Readers(std::string path, int limit);

  Result<void> read(const ReadWork& work);

  /// A write begins: no idle connection keeps its snapshot, nor will one until `may_keep()`. So what a commit
  /// copies back into the database (its checkpoint) waits for no idle connection, and the log starts afresh.
  void must_let_go();
  /// The write is over, whatever became of it.
  void may_keep() { may_keep_ = true; }

 private:
  std::atomic<bool> may_keep_{true};
  Pool<ReadConnection> pool_;
};

}  // namespace talon::storage::sqlite
