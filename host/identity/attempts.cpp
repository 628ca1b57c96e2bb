/// Limits on tries to sign in.
#include "host/identity/attempts.hpp"

#include <talon/date.hpp>

namespace talon::identity {

namespace {

constexpr std::size_t kKnownMax = 100'000;

std::string pair_of(const std::string& account, const std::string& address) {
  return account + "\n" + address;
}

}  // namespace

Attempts::Attempts(HasSignedIn has_signed_in, int64_t from_anywhere)
    : has_signed_in_(std::move(has_signed_in)),
      pairs_({5, 30 * kSecondUs}),
      addresses_({50, 3 * kSecondUs}),
      accounts_({from_anywhere, 30 * kSecondUs}),
      notes_({1, 60 * kSecondUs}) {}

Attempts::Verdict Attempts::take(const std::string& account, const std::string& address, int64_t now_us) {
  const Refusal refusal = refusal_of(account, address, now_us);
  if (refusal.wait_us == 0) return {};
  return {refusal.wait_us, notes_.take(refusal.limit, now_us) == 0};
}

Attempts::Refusal Attempts::refusal_of(const std::string& account, const std::string& address,
                                       int64_t now_us) {
  const std::string pair = pair_of(account, address);
  if (const int64_t wait = pairs_.take(pair, now_us); wait > 0) return {wait, "pair " + pair};
  if (const int64_t wait = addresses_.take(address, now_us); wait > 0) {
    return is_known(account, address) ? Refusal() : Refusal{wait, "address " + address};
  }
  if (const int64_t wait = accounts_.take(account, now_us); wait > 0) {
    return is_known(account, address) ? Refusal() : Refusal{wait, "account " + account};
  }
  return {};
}

void Attempts::succeeded(const std::string& account, const std::string& address) {
  pairs_.forget(pair_of(account, address));
  const std::lock_guard lock(known_mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert(pair_of(account, address));
}

bool Attempts::is_known(const std::string& account, const std::string& address) {
  {
    const std::lock_guard lock(known_mutex_);
    if (known_.contains(pair_of(account, address))) return true;
  }
  if (!has_signed_in_ || !has_signed_in_(account, address)) return false;
  const std::lock_guard lock(known_mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert(pair_of(account, address));
  return true;
}

}  // namespace talon::identity
