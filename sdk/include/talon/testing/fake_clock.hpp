/// A clock that stands still until a test moves it.
#pragma once

#include <talon/date.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace talon::testing {

/// Starts at 2026-11-21 10:00 UTC. The installation's zone is UTC. @threads any.
class FakeClock {
 public:
  int64_t now_us() const { return now_us_.load(); }
  Date today() const { return Timestamp(now_us()).date(); }
  void set(Timestamp at) { now_us_ = at.us(); }
  /// 10:00 UTC of that day.
  void set(Date day) {
    now_us_ = (std::chrono::microseconds(day.days().time_since_epoch()) + std::chrono::hours(10)).count();
  }
  void advance(std::chrono::microseconds by) { now_us_ += by.count(); }

 private:
  std::atomic<int64_t> now_us_{1795255200000000};  // 2026-11-21T10:00:00Z
};

}  // namespace talon::testing
