/// An event loop with two threads that change places.
#include "host/http/loop.hpp"

#include <chrono>

namespace talon::http {

namespace {

/// Who is seen at the same task twice, so far apart, loses the loop.
constexpr std::chrono::milliseconds kLookAgain{1};
/// How often the watcher looks while it finds nobody at a task. A look wakes a thread and sends it back to
/// sleep: each millisecond that was 3 to 6 % of what brief requests cost. Without a task between two looks it
/// sleeps until there is one.
constexpr std::chrono::milliseconds kLookEvery{3};

thread_local const Loop* driven = nullptr;

bool is_at_task(uint64_t turn) { return turn % 2 == 1; }

}  // namespace

void Loop::start() {
  is_watched_ = true;  // as good as: the watcher looks as soon as it runs
  threads_[0] = std::thread([this] { run(Role::Driver); });
  threads_[1] = std::thread([this] { run(Role::Watcher); });
}

void Loop::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  io.stop();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Loop::run(Role first) {
  if (first == Role::Driver) drive();
  while (watch()) drive();
}

void Loop::drive() {
  driven = this;
  while (driven == this && !io.stopped()) io.run_one();
}

bool Loop::begin_task() {
  if (!is_watched_) return false;
  ++turn_;
  if (is_watcher_asleep_) {
    const std::lock_guard lock(mutex_);  // it is about to sleep, or sleeps: not between the two
    wake_.notify_one();
  }
  return true;
}

bool Loop::end_task() {
  uint64_t turn = turn_;  // even when it was taken over: nobody watches the new driver, so it begins no task
  if (is_at_task(turn) && turn_.compare_exchange_strong(turn, turn + 1)) return true;
  driven = nullptr;
  return false;
}

bool Loop::watch() {
  std::unique_lock lock(mutex_);
  is_watched_ = true;
  uint64_t seen = turn_;
  for (bool is_quiet = false; !is_stopping_;) {
    if (!is_quiet) {
      wake_.wait_for(lock, is_at_task(seen) ? kLookAgain : kLookEvery);
    } else {
      is_watcher_asleep_ = true;
      wake_.wait(lock, [&] { return is_stopping_ || turn_ != seen; });
      is_watcher_asleep_ = false;
    }
    const uint64_t turn = turn_;
    is_quiet = turn == seen;
    if (is_quiet && is_at_task(turn) && take_over(turn)) return true;
    seen = turn;
  }
  is_watched_ = false;
  return false;
}

bool Loop::take_over(uint64_t turn) {
  is_watched_ = false;  // before the old driver can be the watcher
  if (turn_.compare_exchange_strong(turn, turn + 1)) return true;
  is_watched_ = true;
  return false;
}

}  // namespace talon::http
