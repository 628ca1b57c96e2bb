/// Time: now in UTC, and today in the installation's time zone.
#include "host/runtime/clock.hpp"

#include <talon/date.hpp>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace talon::runtime {

namespace {
constexpr int64_t kMinuteUs = 60'000'000;
}

Result<void> SystemClock::set_zone(const std::string& zone) {
  if (zone.empty()) {
    ::tzset();
    return {};
  }
  const bool is_plain = zone.find("..") == std::string::npos && zone.front() != '/' && zone.front() != ':';
  std::error_code error;
  if (!is_plain || !std::filesystem::is_regular_file("/usr/share/zoneinfo/" + zone, error)) {
    if (zone != "UTC") {
      return invalid("the system's zone database has no zone \"" + zone + "\"; name one as in Europe/Paris");
    }
  }
  if (::setenv("TZ", zone.c_str(), 1) != 0) return internal("cannot set the zone: no memory");
  ::tzset();
  return {};
}

int64_t local_day(int64_t now_us) {
  const auto seconds = static_cast<std::time_t>(now_us / 1'000'000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return (parts.tm_year + 1900LL) * 10000 + (parts.tm_mon + 1) * 100 + parts.tm_mday;
}

int64_t SystemClock::now_us() const {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

int64_t SystemClock::today() const {
  // localtime_r takes a lock of the C library; a day never changes within a minute, in any zone.
  const int64_t now = now_us();
  const auto minute = static_cast<uint64_t>(now / kMinuteUs);
  const uint64_t kept = kept_.load(std::memory_order_relaxed);
  if (kept >> 32U == minute) return static_cast<int64_t>(kept & 0xFFFFFFFFU);
  const int64_t day = local_day(now);
  kept_.store(minute << 32U | static_cast<uint64_t>(day), std::memory_order_relaxed);
  return day;
}

int64_t FixedClock::today() const { return Timestamp(now_us()).date().packed(); }

int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t coarse_steady_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace talon::runtime
