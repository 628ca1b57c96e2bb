/// One at a time, of whom some have only idle moments.
#pragma once

#include <atomic>
#include <mutex>

namespace audit {

/// Work that a job does when the machine is idle, and that somebody may want done before. @threads any.
class Turns {
 public:
  /// Waits until whoever is at it has stopped.
  std::unique_lock<std::mutex> take() {
    ++waiting_;
    std::unique_lock turn(mutex_);
    --waiting_;
    return turn;
  }
  /// For a thread that may get hardly any time. @return a lock that is not held: somebody is at it.
  std::unique_lock<std::mutex> try_take() { return std::unique_lock(mutex_, std::try_to_lock); }
  /// Whoever has only idle moments stops at the next good point, and the other one goes on.
  bool is_wanted() const { return waiting_ > 0; }

 private:
  std::mutex mutex_;
  std::atomic<int> waiting_ = 0;
};

}  // namespace audit
