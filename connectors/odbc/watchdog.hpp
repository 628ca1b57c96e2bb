/// Cancels a statement that runs over its time, from another thread: some drivers ignore
/// SQL_ATTR_QUERY_TIMEOUT.
#pragma once

#include <sql.h>
#include <sqlext.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace talon::odbc {

/// Watches one statement at a time. @threads `arm` and `disarm` from the session's thread, `cancel` from any.
class Watchdog {
 public:
  enum class Outcome { InTime, TimedOut, Cancelled };

  Watchdog() : thread_([this](const std::stop_token& stop) { watch(stop); }) {}

  void arm(SQLHSTMT statement, std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    statement_ = statement;
    deadline_ = std::chrono::steady_clock::now() + time;
    outcome_ = Outcome::InTime;
    changed_.notify_all();
  }
  /// The statement may be freed afterwards. @return what happened to it.
  Outcome disarm() {
    const std::lock_guard lock(mutex_);
    statement_ = SQL_NULL_HSTMT;
    return outcome_;
  }
  void cancel() {
    const std::lock_guard lock(mutex_);
    end(Outcome::Cancelled);
  }

 private:
  void end(Outcome outcome) {
    if (statement_ == SQL_NULL_HSTMT || outcome_ != Outcome::InTime) return;
    outcome_ = outcome;
    SQLCancel(statement_);
  }
  void watch(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      if (statement_ == SQL_NULL_HSTMT || outcome_ != Outcome::InTime) {
        changed_.wait(lock, stop,
                      [this] { return statement_ != SQL_NULL_HSTMT && outcome_ == Outcome::InTime; });
      } else if (std::chrono::steady_clock::now() >= deadline_) {
        end(Outcome::TimedOut);
      } else {
        changed_.wait_until(lock, stop, deadline_, [this] { return statement_ == SQL_NULL_HSTMT; });
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  SQLHSTMT statement_ = SQL_NULL_HSTMT;
  std::chrono::steady_clock::time_point deadline_;
  Outcome outcome_ = Outcome::InTime;
  std::jthread thread_;  // last: it uses what stands above
};

}  // namespace talon::odbc
