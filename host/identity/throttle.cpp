/// Rate limits by the generic cell rate algorithm.
#include "host/identity/throttle.hpp"

#include <algorithm>

namespace talon::identity {

int64_t Throttle::wait_of(int64_t arrival, int64_t now_us) const {
  return std::max<int64_t>(0, arrival - now_us - (rate_.burst - 1) * rate_.interval_us);
}

int64_t Throttle::take(std::string_view key, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  auto found = arrivals_.find(std::string(key));
  if (found == arrivals_.end()) {
    if (arrivals_.size() >= keys_max_) make_room(now_us);
    found = arrivals_.emplace(key, now_us).first;
  }
  const int64_t arrival = std::max(found->second, now_us);
  const int64_t wait = wait_of(arrival, now_us);
  if (wait == 0) found->second = arrival + rate_.interval_us;
  return wait;
}

int64_t Throttle::wait_us(std::string_view key, int64_t now_us) const {
  const std::lock_guard lock(mutex_);
  const auto found = arrivals_.find(std::string(key));
  return found == arrivals_.end() ? 0 : wait_of(std::max(found->second, now_us), now_us);
}

void Throttle::forget(std::string_view key) {
  const std::lock_guard lock(mutex_);
  arrivals_.erase(std::string(key));
}

std::size_t Throttle::size() const {
  const std::lock_guard lock(mutex_);
  return arrivals_.size();
}

void Throttle::make_room(int64_t now_us) {
  std::erase_if(arrivals_, [now_us](const auto& entry) { return entry.second <= now_us; });
  // All of them are under way: an attack with many keys. Half of them starts anew; memory stays bounded.
  if (arrivals_.size() < keys_max_) return;
  bool is_kept = false;
  std::erase_if(arrivals_, [&is_kept](const auto&) { return is_kept = !is_kept; });
}

}  // namespace talon::identity
