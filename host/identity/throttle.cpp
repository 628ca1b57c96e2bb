/// Rate limits by the generic cell rate algorithm.
#include "host/identity/throttle.hpp"

#include "host/runtime/digest.hpp"

#include <algorithm>

namespace talon::identity {

namespace {

/// Keys are what anybody sends, of any length; 120 bits of their digest are as good and fit into a text's own
/// room.
std::string short_key(std::string_view key) { return runtime::sha256(key).substr(0, 15); }

}  // namespace

int64_t Throttle::wait_of(int64_t arrival, int64_t now_us) const {
  return std::max<int64_t>(0, arrival - now_us - (rate_.burst - 1) * rate_.interval_us);
}

int64_t Throttle::take(std::string_view key, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  const std::string kept = short_key(key);
  auto found = arrivals_.find(kept);
  if (found == arrivals_.end()) {
    if (arrivals_.size() >= keys_max_) make_room(now_us);
    found = arrivals_.emplace(kept, now_us).first;
  }
  const int64_t arrival = std::max(found->second, now_us);
  const int64_t wait = wait_of(arrival, now_us);
  if (wait == 0) found->second = arrival + rate_.interval_us;
  return wait;
}

int64_t Throttle::wait_us(std::string_view key, int64_t now_us) const {
  const std::lock_guard lock(mutex_);
  const auto found = arrivals_.find(short_key(key));
  return found == arrivals_.end() ? 0 : wait_of(std::max(found->second, now_us), now_us);
}

void Throttle::forget(std::string_view key) {
  const std::lock_guard lock(mutex_);
  arrivals_.erase(short_key(key));
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
