/// Group commit: one thread and one connection that run what waits as savepoints of one transaction.
#pragma once

#include "host/storage/write_queue.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace talon::storage {

/// What a database must offer for group commit. Calls come from the writer's thread only.
class GroupConnection {
 public:
  virtual ~GroupConnection() = default;
  /// Opens a transaction; opens the connection again where it was lost.
  virtual Result<void> begin() = 0;
  /// The next work starts. @param savepoint  others share the transaction.
  virtual Result<void> start(std::size_t index, bool savepoint) = 0;
  virtual Transaction& transaction() = 0;
  /// The work that was started succeeded. @param checked  wait for the results of all that it posted.
  virtual Result<void> keep(bool checked) = 0;
  /// The work that was started failed: undoes only that. @return an error: the whole transaction is lost.
  virtual Result<void> undo() = 0;
  /// @return an error: nothing is committed. Either way the transaction is over.
  virtual Result<void> commit() = 0;
  virtual void roll_back() = 0;

  /// A posted statement of an earlier work turned out to have failed: whose, and why. The transaction must be
  /// rolled back and the others run again.
  struct LateFailure {
    std::size_t index = 0;
    Error error;
    bool may_run_again = false;  ///< in another transaction: it was a dead-lock
  };
  virtual std::optional<LateFailure> late_failure() const { return std::nullopt; }
  /// The last failure was a dead-lock or a serialisation failure: the work may be run again in another
  /// transaction.
  virtual bool may_run_again() const { return false; }
};

struct GroupLimits {
  std::size_t writes = 256;  ///< in one transaction
  int64_t hold_us =
      20'000;    ///< others (readers of the log, other processes) wait at most this long for a commit
  int runs = 5;  ///< of one work, on dead-locks
};

/// The thread that serves `queue` through `connection`. The destructor serves what still waits once the queue
/// is closed, then joins.
class GroupWriter {
 public:
  GroupWriter(WriteQueue& queue, int number, std::unique_ptr<GroupConnection> connection, GroupLimits limits);
  ~GroupWriter() = default;
  /// Whether a writer's thread calls: it would wait for itself.
  static bool is_own_thread();

 private:
  void serve();
  void run_group(std::vector<WaitingWrite*>& writes);
  /// @return whether `writes` (what is left of them) must be run again.
  bool run_once(std::vector<WaitingWrite*>& writes, bool checked);
  void run_one(WaitingWrite& write, std::size_t index, bool savepoint, bool checked);
  bool redo_without(std::vector<WaitingWrite*>& writes, const GroupConnection::LateFailure& failure);

  WriteQueue& queue_;
  int number_;
  std::unique_ptr<GroupConnection> connection_;
  GroupLimits limits_;
  bool is_lost_ = false;  ///< the transaction under way cannot be saved
  std::vector<WaitingWrite*> done_;
  std::jthread thread_;
};

}  // namespace talon::storage
