/// Sessions and API tokens: who a request comes from.
///
/// A token is 256 random bits; the database holds its SHA-256 alone. What was found is kept in memory for a
/// second at most, and no longer than the security epoch stands: a user who is disabled, or a session that is
/// ended, is out on the next request here, and within a second on other hosts.
#pragma once

#include "host/gate/principal.hpp"
#include "host/identity/attempts.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace talon::identity {

struct SessionTimes {
  int64_t idle_us = 30LL * 60 * 1'000'000;        ///< without a request
  int64_t absolute_us = 12LL * 3600 * 1'000'000;  ///< in all
  int64_t touch_us = 60LL * 1'000'000;            ///< how often a use is written down; below idle_us
};

/// A new session or API token. The text is shown once and kept nowhere.
struct Issued {
  std::string token;
  std::string id;          ///< of the session or token record
  std::string user;        ///< id
  int64_t expires_us = 0;  ///< 0: never
};

/// @threads any.
class Sessions {
 public:
  struct Parts {
    records::Records* records = nullptr;
    const runtime::Clock* clock = nullptr;
    /// Asks the login plugins (talon.login/1). @return the user's id as text.
    std::function<Result<std::string>(const Json& credentials)> verify;
    SessionTimes times;
  };
  explicit Sessions(Parts parts);

  /// Verifies {"email", "password", "code"…, "language"} and begins a session. Refusals go into the audit
  /// log, with what the login plugin knows about them (an Unauthenticated error's details, {"user", "why"}).
  /// @param call  nobody's: where the request comes from.
  /// @errors Unauthenticated: without saying which part was wrong; ResourceExhausted: too many attempts for
  ///         this account from this address (or from this address at all), details {"retry_after_s"}.
  Result<Issued> sign_in(const Json& credentials, const gate::Call& call);
  /// Ends the principal's session, at once and everywhere. @errors FailedPrecondition: it has none.
  Result<void> sign_out(const gate::Call& call);

  /// Issues an API token for `user`. @param roles  narrower than the owner's; empty: all.
  /// @param expires_us  0: never. The caller has checked that this is allowed.
  Result<Issued> issue_token(const gate::Call& call, std::string_view user, std::string_view name,
                             const std::vector<std::string>& roles, int64_t expires_us);
  Result<void> revoke_token(const gate::Call& call, std::string_view id);

  /// Who holds this token. @errors Unauthenticated: unknown, ended, expired, or the user is not active.
  Result<gate::Principal> principal_of(std::string_view token);

  /// Forgets what is kept: the security epoch moved. Takes effect on the next request.
  void invalidate() { epoch_.fetch_add(1); }
  uint64_t epoch() const { return epoch_.load(); }

 private:
  struct Holder {
    gate::Principal principal;
    std::string record;  // id of the session or token
    bool is_session = true;
    int64_t expires_us = 0;  // 0: never
    int64_t seen_us = 0;     // as written down
    int64_t loaded_us = 0;   // when it was read from the database
    uint64_t epoch = 0;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Holder> holders;  // by the token's hash
  };

  Result<Holder> load_session(const std::string& hash);
  Result<Holder> load_token(const std::string& hash);
  Result<void> require_active(int64_t user);
  Result<void> touch(const Holder& holder, int64_t now_us);
  Result<void> wait_for_turn(const std::string& account, std::string_view language, const gate::Call& call);
  Error refused(Error error, const gate::Call& call);
  void note_refusal(std::string_view action, Json content, const gate::Call& call);
  void forget(std::string_view record);
  bool is_over(const Holder& holder, int64_t now_us) const;
  Shard& shard_of(const std::string& hash);

  Parts parts_;
  std::atomic<uint64_t> epoch_{1};
  std::array<Shard, 16> shards_;
  Attempts attempts_;
};

}  // namespace talon::identity
