/// Time-ordered 63-bit ids: 41 bits of milliseconds since 2020, 10 of the node, 12 of a sequence.
#pragma once

#include <atomic>
#include <cstdint>

namespace talon::runtime {

/// Gives ids that grow, also when the clock is set back; two generators with different nodes never give the
/// same.
/// @threads any; lock-free.
class IdGenerator {
 public:
  static constexpr int kNodes = 1024;

  /// @param node  0..1023, unique among the hosts of one database.
  explicit IdGenerator(int node) : node_(static_cast<uint64_t>(node) % kNodes) {}

  /// @param now_us  microseconds since 1970-01-01 UTC. @return > 0, greater than every earlier one.
  int64_t next(int64_t now_us);
  /// The same by the machine's clock.
  int64_t next();

  /// The instant that an id was made at, to the millisecond, in microseconds since 1970-01-01 UTC.
  static int64_t made_us(int64_t id);

 private:
  uint64_t node_;
  std::atomic<uint64_t> last_{0};  // milliseconds since 2020, then the sequence's 12 bits
};

}  // namespace talon::runtime
