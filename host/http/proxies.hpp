/// Proxies in front of us whose word about the caller counts: who connects to them, and whether by TLS.
#pragma once

#include "host/http/message.hpp"

#include <memory>
#include <string>
#include <vector>

namespace talon::http {

/// Networks whose X-Forwarded-For and X-Forwarded-Proto are believed; from anywhere else they are not.
/// Immutable. @threads any.
class Proxies {
 public:
  /// @param networks  addresses ("10.0.0.7") or networks ("10.0.0.0/8", "fd00::/8").
  /// @errors InvalidArgument: one is neither; it is named.
  static Result<std::shared_ptr<const Proxies>> read(const std::vector<std::string>& networks);

  /// Sets the request's peer to the last address before the trusted proxies, and `is_tls` to what the nearest
  /// one says. Each proxy appends whom it saw to X-Forwarded-For, so what stands further left may be
  /// anybody's invention.
  void apply(Request& request) const;
  bool trusts(const std::string& address) const;

 private:
  struct Networks;
  explicit Proxies(std::shared_ptr<const Networks> networks) : networks_(std::move(networks)) {}

  std::shared_ptr<const Networks> networks_;
};

}  // namespace talon::http
