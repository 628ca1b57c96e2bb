/// How many connections each peer holds, so that one address cannot take all of them.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace talon::http {

/// Counts by peer; bounded by the connections that are open. @threads any.
class PeerShares {
 public:
  /// What one peer may hold of `connections_max`: a quarter, yet enough for an office behind one address.
  static std::size_t most_of(std::size_t connections_max) {
    constexpr std::size_t kLeast = 64;
    return std::max(connections_max / 4, kLeast);
  }

  /// What an address is counted as: an IPv6 one by its /64, for whoever has one of these has all of it; one
  /// that is a mapped IPv4 address as that.
  static std::string key_of(const boost::asio::ip::address& address) {
    namespace ip = boost::asio::ip;
    if (address.is_v4()) return address.to_string();
    const ip::address_v6 v6 = address.to_v6();
    if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return ip::address_v6(bytes).to_string() + "/64";
  }

  /// Counts one more. @return false: it holds `most` already, nothing was counted.
  bool enter(const std::string& key, std::size_t most) {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(key);
    if (found == held_.end()) {
      held_.emplace(key, 1);
      return true;
    }
    if (found->second >= most) return false;
    ++found->second;
    return true;
  }

  void leave(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(key);
    if (found != held_.end() && --found->second == 0) held_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> held_;
};

}  // namespace talon::http
