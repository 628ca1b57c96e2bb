/// An event loop with two threads that change places. Included by the listener's own files only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace talon::http {

class Connection;

/// The sockets of some connections, driven by one thread at a time. Connections keep it alive.
///
/// The driver answers brief requests itself: to hand one to a worker and its answer back costs more than most
/// answers do. Whether they are brief is not taken on trust: the other thread watches, and where the driver
/// is at one for too long (a lock, a cold page, a plan that has to be made) it takes the loop over. The old
/// driver then ends its task beside the loop and becomes the watcher.
class Loop {
 public:
  ~Loop() { stop(); }

  boost::asio::io_context io;
  boost::asio::steady_timer sweeper{io};
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;  // the driver's only

  /// Starts both threads. `io` needs a work guard until `stop`.
  void start();
  /// Ends both threads, after the tasks that they are at. Twice does no harm.
  void stop();

  /// The driver is about to do what may take its time. @return false: nobody watches (the other thread is
  /// still at its own task), so let a worker do it. @threads the driver.
  bool begin_task();
  /// It is done. @return false: the loop was taken over, so that only `io`'s queue leads back to it.
  /// @threads that of `begin_task`.
  bool end_task();

 private:
  enum class Role { Driver, Watcher };
  void run(Role first);
  void drive();
  bool watch();
  bool take_over(uint64_t turn);

  std::atomic<uint64_t> turn_{0};  // grows with each beginning and each end of a task: odd while one is run
  std::atomic<bool> is_watched_{false};
  std::atomic<bool> is_watcher_asleep_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_stopping_ = false;  // guarded by mutex_
  std::array<std::thread, 2> threads_;
};

}  // namespace talon::http
