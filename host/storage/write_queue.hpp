/// Who waits to write: two lanes, and the groups that must share a connection.
#pragma once

#include "host/storage/database.hpp"

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace talon::storage {

/// One write that waits for its turn, then for its commit. It lives on the stack of the caller of
/// Database::write.
struct WaitingWrite {
  const WriteWork* work = nullptr;
  Lane lane = Lane::Interactive;
  std::string group;
  int runs = 0;  ///< how often the work has been run
  Result<void> outcome = {};
  bool is_done = false;          ///< guarded by the queue
  std::condition_variable done;  ///< its own: one commit must not wake everybody who waits
};

/// Hands waiting writes to writers. Interactive ones go first; a group that a writer is busy with waits for
/// that writer, so that two connections never fight for one counter row.
/// @threads any.
class WriteQueue {
 public:
  /// Queues the work and waits until it is done. @return its outcome.
  Result<void> wait_for(Lane lane, std::string_view group, const WriteWork& work);
  /// Waits for work. @param limit  how many at most. @return empty: the queue is closed and empty.
  std::vector<WaitingWrite*> take(int writer, std::size_t limit);
  /// What waits right now, possibly nothing.
  std::vector<WaitingWrite*> take_more(int writer, std::size_t limit);
  /// Wakes the callers of `done` writes; those whose group nobody else of this writer holds are free for
  /// others.
  void finish(int writer, const std::vector<WaitingWrite*>& done);
  /// Puts one back at the front of its lane, to run in a later transaction.
  void put_back(int writer, WaitingWrite& write);
  /// No new writes; those that wait are still served.
  void close();

 private:
  struct Holder {
    int writer = 0;
    int writes = 0;
  };
  std::vector<WaitingWrite*> take_locked(int writer, std::size_t limit);
  void let_go(int writer, const WaitingWrite& write);
  bool may_take(int writer, const WaitingWrite& write) const;
  bool has_work(int writer) const;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::array<std::deque<WaitingWrite*>, 2> lanes_;
  std::map<std::string, Holder, std::less<>> holders_;
  bool is_closed_ = false;
};

}  // namespace talon::storage
