/// Rate limits by the generic cell rate algorithm: a burst, then one per interval.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace talon::identity {

/// Counts by key. Bounded: the oldest keys are forgotten first. @threads any.
class Throttle {
 public:
  struct Rate {
    int64_t burst = 5;        ///< at once
    int64_t interval_us = 0;  ///< then one in this time
  };
  explicit Throttle(Rate rate, std::size_t keys_max = 100'000) : rate_(rate), keys_max_(keys_max) {}

  /// Takes one. @return 0, or after how many microseconds the next one may be taken.
  int64_t take(std::string_view key, int64_t now_us);
  /// The same without taking.
  int64_t wait_us(std::string_view key, int64_t now_us) const;
  /// Gives all of the key's back: a success shows that its failures were typing mistakes.
  void forget(std::string_view key);
  std::size_t size() const;

 private:
  int64_t wait_of(int64_t arrival, int64_t now_us) const;
  void make_room(int64_t now_us);

  Rate rate_;
  std::size_t keys_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, int64_t> arrivals_;  // by digest: theoretical arrival time of the next one
};

}  // namespace talon::identity
