/// Time-ordered 63-bit ids.
#include "host/runtime/ids.hpp"

#include <algorithm>
#include <ctime>

namespace talon::runtime {

namespace {
constexpr int64_t kEpochMs = 1'577'836'800'000;  // 2020-01-01 00:00 UTC
constexpr unsigned kSequenceBits = 12;
constexpr unsigned kNodeBits = 10;
constexpr uint64_t kSequenceMask = (1U << kSequenceBits) - 1;
}  // namespace

int64_t IdGenerator::next(int64_t now_us) {
  const int64_t ms = std::max<int64_t>(now_us / 1000 - kEpochMs, 0);
  const uint64_t floor = static_cast<uint64_t>(ms) << kSequenceBits;
  uint64_t last = last_.load(std::memory_order_relaxed);
  uint64_t mine = 0;
  do {
    // A full sequence borrows from the next millisecond: ids stay unique and in order.
    mine = std::max(floor, last + 1);
  } while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
  return static_cast<int64_t>((mine >> kSequenceBits) << (kSequenceBits + kNodeBits) |
                              node_ << kSequenceBits | (mine & kSequenceMask));
}

int64_t IdGenerator::next() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return next(now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

int64_t IdGenerator::made_us(int64_t id) { return ((id >> (kSequenceBits + kNodeBits)) + kEpochMs) * 1000; }

}  // namespace talon::runtime
