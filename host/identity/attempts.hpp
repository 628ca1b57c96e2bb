/// Slows down guessing at sign-in without locking anybody out: who guesses is slowed down, not who is guessed
/// at.
#pragma once

#include "host/identity/throttle.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace talon::identity {

/// Three limits, each a burst and then one try in an interval:
/// - of an account from one address: five, then one in 30 s;
/// - of an address: fifty, then one in 3 s; only tries that the first limit let through count;
/// - of an account from addresses where it never signed in: a hundred, then one in 30 s.
/// An account at an address where it signed in before knows the first limit alone: neither an attack on it
/// from elsewhere nor one on others from its own office shuts it out.
///
/// @threads any.
class Attempts {
 public:
  /// Whether the account ever signed in from the address; asked when a limit is reached.
  using HasSignedIn = std::function<bool(const std::string& account, const std::string& address)>;
  /// @param from_anywhere  the burst of the third limit.
  explicit Attempts(HasSignedIn has_signed_in, int64_t from_anywhere = 100);

  struct Verdict {
    int64_t wait_us = 0;  ///< 0: the try may be made
    /// The first refusal by this limit (of this pair, address or account) in a minute.
    bool is_worth_note = false;
  };
  Verdict take(const std::string& account, const std::string& address, int64_t now_us);
  /// The try was right: what went before were typing mistakes.
  void succeeded(const std::string& account, const std::string& address);

 private:
  bool is_known(const std::string& account, const std::string& address);
  struct Refusal {
    int64_t wait_us = 0;
    std::string limit;  // which of them, and whose
  };
  Refusal refusal_of(const std::string& account, const std::string& address, int64_t now_us);

  HasSignedIn has_signed_in_;
  Throttle pairs_;
  Throttle addresses_;
  Throttle accounts_;
  Throttle notes_;
  std::mutex known_mutex_;
  std::unordered_set<std::string> known_;  // pairs that signed in, as far as they were looked for
};

}  // namespace talon::identity
