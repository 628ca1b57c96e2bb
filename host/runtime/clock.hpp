/// Time: now in UTC, and today in the installation's time zone. Handed in, so that tests can fix it.
#pragma once

#include <talon/result.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace talon::runtime {

/// @threads any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t now_us() const = 0;  ///< microseconds since 1970-01-01 UTC
  virtual int64_t today() const = 0;   ///< in the installation's zone, yyyymmdd
};

/// The machine's clock with the installation's zone (the system's zone database).
class SystemClock : public Clock {
 public:
  /// Fixes the process' zone. Call once, before other threads start.
  /// @param zone  an IANA name, "Europe/Paris"; empty: the machine's own.
  /// @errors InvalidArgument: the zone database has no such zone.
  /// @threads main, at start.
  static Result<void> set_zone(const std::string& zone);

  int64_t now_us() const override;
  int64_t today() const override;

 private:
  mutable std::atomic<uint64_t> kept_{0};  // minute since 1970 in the high half, its yyyymmdd in the low half
};

/// A clock that stands where it was put; for tests.
class FixedClock : public Clock {
 public:
  explicit FixedClock(int64_t now_us) : now_us_(now_us) {}
  int64_t now_us() const override { return now_us_.load(); }
  int64_t today() const override;  ///< in UTC
  void advance_us(int64_t us) { now_us_ += us; }
  void set_us(int64_t us) { now_us_ = us; }

 private:
  std::atomic<int64_t> now_us_;
};

/// The day of an instant in the process' zone, yyyymmdd.
int64_t local_day(int64_t now_us);

/// Nanoseconds of a clock that never goes back; for durations.
int64_t steady_ns();

/// The same clock as of the kernel's last tick, up to 10 ms ago, for a fifth of the price: for deadlines.
int64_t coarse_steady_ns();

}  // namespace talon::runtime
