/// The provider as it describes itself: its addresses (OpenID Connect Discovery 1.0) and its keys, kept.
#pragma once

#include "http.hpp"
#include "id_token.hpp"
#include "settings.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace talon::oidc {

/// Where the provider answers.
struct Addresses {
  std::string authorization;
  std::string token;
  std::string userinfo;  ///< empty: it has none
  std::string keys;
  bool names_itself = false;  ///< it says who it is when it sends the browser back (RFC 9207)
};

/// Asked at the first use, then once an hour; after a failure not for five seconds.
/// @threads any.
class Provider {
 public:
  Provider(Host& host, const Settings& settings, const Http& http)
      : host_(host), settings_(settings), http_(http) {}

  /// @errors Unavailable: the provider does not answer; FailedPrecondition: it is not the one of the
  ///         settings, or its addresses are not fit.
  Result<Addresses> addresses();
  /// Checks the signature. A token whose key is not known has the keys read anew: the provider may have
  /// changed them. That is done every ten seconds at most, so that made-up tokens do not make us ask.
  /// @errors Unauthenticated: not signed by the provider; as `addresses`.
  Result<void> check_signature(const Token& token);

 private:
  template <typename Kept>
  struct Cell {
    Kept value{};
    int64_t read_us = 0;    // 0: never
    int64_t failed_us = 0;  // 0: the last try went well
    Error failure{Code::Unavailable, {}};
  };

  Result<Addresses> read_addresses() const;
  Result<Json> read_keys(const std::string& address) const;
  /// For a key that the kept ones do not hold they are read anew, now and then.
  enum class Reading { Kept, Anew };
  Result<Json> keys(Reading reading);

  Host& host_;                // outlives this; owned by the plugin's instance
  const Settings& settings_;  // the same
  const Http& http_;          // the same
  std::mutex addresses_mutex_;
  Cell<Addresses> addresses_;
  std::mutex keys_mutex_;
  Cell<Json> keys_;
  int64_t anew_us_ = 0;  // when they were last read for an unknown key
};

}  // namespace talon::oidc
