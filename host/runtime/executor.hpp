/// A bounded pool of worker threads with a bounded queue: too much work is refused, not piled up.
#pragma once

#include <talon/result.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace talon::runtime {

/// @threads any, except `stop` and the destructor: the owner's.
class Executor {
 public:
  struct Options {
    int threads = 4;
    std::size_t queue_max = 1024;  ///< tasks that wait
  };
  explicit Executor(Options options);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Queues `task`. An exception that leaves it is logged as an error; the worker goes on.
  /// @errors ResourceExhausted: the queue is full (retry later); Unavailable: stopped.
  Result<void> submit(std::function<void()> task);
  /// Takes no more, finishes what was queued, joins the threads. Twice does no harm.
  void stop();

  std::size_t waiting() const;               ///< tasks in the queue
  int busy() const { return busy_.load(); }  ///< workers at work

 private:
  /// A worker that waits.
  struct Idle {
    std::condition_variable wake;
    bool is_called = false;
  };
  void work();
  bool call_one();  ///< with the lock held. @return false: nobody waits

  Options options_;
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> queue_;
  /// The one that fell idle last is called first: what it needs is still in the caches, and under a light
  /// load the others sleep on.
  std::vector<Idle*> idle_;
  bool is_stopping_ = false;
  std::atomic<int> busy_{0};
  std::vector<std::thread> threads_;
};

}  // namespace talon::runtime
