/// Sessions and API tokens: who a request comes from.
///
/// A token is 256 random bits; the database holds its SHA-256 alone. What was found is kept in memory for a
/// second at most, and no longer than the security epoch stands: a user who is disabled, or a session that is
/// ended, is out on the next request here, and within a second on other hosts.
#pragma once

#include "host/gate/gate.hpp"
#include "host/identity/attempts.hpp"
#include "host/identity/claims.hpp"
#include "host/identity/second_factor.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/seal.hpp"

#include <talon/changeset.hpp>
#include <talon/json.hpp>
#include <talon/result.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
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
  gate::Principal::Missing missing =
      gate::Principal::Missing::Nothing;  ///< before the session is good for more
};

inline constexpr std::size_t kTokenBytes = 32;  ///< of chance, in sessions and API tokens
/// API tokens begin with it, so that scanners for leaked secrets know one.
inline constexpr std::string_view kApiTokenMark = "talon_";

/// What an API token is to be.
struct TokenRequest {
  std::string name;
  std::vector<std::string> roles;  ///< narrower than the owner's; empty: all of them
  int64_t expires_us = 0;          ///< 0: as late as the settings allow
};

/// @threads any.
class Sessions {
 public:
  struct Parts {
    records::Records* records = nullptr;
    const runtime::Clock* clock = nullptr;
    /// Asks the login plugins (talon.login/1). @return the user's id, or a claim as JSON text.
    std::function<Result<std::string>(const Json& credentials)> verify;
    /// Asks one of them for a step of a sign-in by others (sdk/docs/abi.md). Empty: there is none (tests).
    std::function<Result<Json>(std::string_view plugin, const Json& step)> login;
    Claims* claims = nullptr;                 ///< null: no plugin gives claims (tests)
    const runtime::Sealer* sealer = nullptr;  ///< of what claims are renewed by; null as `claims`
    SessionTimes times;
    SecondFactor* second_factor = nullptr;  ///< null: nobody has one (tests)
    gate::Gate* gate = nullptr;  ///< says who needs one, and which roles somebody holds; null: tests
    int64_t token_us_max = 366LL * 24 * 3600 * 1'000'000;
  };
  explicit Sessions(Parts parts);

  /// Verifies {"email", "password", "code"…, "language"} and begins a session; with "second_factor" that is
  /// shown in the same go, else `Issued::missing` says whether it is still wanted. Refusals go into the audit
  /// log, with what the login plugin knows about them (an Unauthenticated error's details, {"user", "why"}).
  /// @param call  nobody's: where the request comes from.
  /// @errors Unauthenticated: without saying which part was wrong; ResourceExhausted: too many attempts for
  ///         this account from this address (or from this address at all), details {"retry_after_s"}.
  Result<Issued> sign_in(const Json& credentials, const gate::Call& call);
  /// Begins a session of somebody whom a login plugin vouches for.
  /// @param visit_hash  of the visit to the provider; a second session of the same one is refused.
  /// @errors Unauthenticated: nobody of ours, not active, or the visit was used.
  Result<Issued> sign_in_by(const Claim& claim, const gate::Call& call, std::string_view agent,
                            std::string_view visit_hash);
  /// Writes a refusal down (one that is Unauthenticated) and takes out of it what the caller must not learn.
  Error refused(Error error, const gate::Call& call);
  /// The person proves in their session once more who they are: {"code"} of the second factor, or
  /// {"password"} where they have none. @errors as sign_in; FailedPrecondition: the principal is an API
  /// token.
  Result<void> prove(const gate::Call& call, const Json& proof);
  /// Writes down that they did.
  Result<void> note_proof(const gate::Call& call, bool is_second_factor);
  /// Ends the principal's session, at once and everywhere. @errors FailedPrecondition: it has none.
  Result<void> sign_out(const gate::Call& call);

  /// Issues an API token for `user`; the caller has checked that this is allowed.
  /// @errors PermissionDenied: a role that the owner does not hold (logged); InvalidArgument: too long a
  /// life.
  Result<Issued> issue_token(const gate::Call& call, std::string_view user, const TokenRequest& request);
  /// A new token with the same name, roles and length of life; the old one ends after `overlap_us`.
  /// @param shown  what the caller came with: an API token rotates itself alone.
  /// @errors NotFound: not the caller's; FailedPrecondition: it has ended, or was rotated; PermissionDenied.
  Result<Issued> rotate_token(const gate::Call& call, std::string_view shown, std::string_view id,
                              int64_t overlap_us);
  Result<void> revoke_token(const gate::Call& call, std::string_view shown, std::string_view id);

  /// Whether somebody uses the session now, or a program looks if it still stands: that keeps none alive.
  enum class Use { Yes, No };
  /// Who holds this token. @errors Unauthenticated: unknown, ended, expired, or the user is not active.
  Result<gate::Principal> principal_of(std::string_view token, Use use = Use::Yes);

  /// Forgets what is kept: the security epoch moved. Takes effect on the next request.
  void invalidate() { epoch_.fetch_add(1); }
  uint64_t epoch() const { return epoch_.load(); }

 private:
  struct Holder {
    gate::Principal principal;
    std::string record;  // id of the session or token
    bool is_session = true;
    bool has_shown_second_factor = false;
    int64_t begun_us = 0;
    int64_t expires_us = 0;  // 0: never
    int64_t seen_us = 0;     // as written down
    int64_t loaded_us = 0;   // when it was read from the database
    int64_t renew_us = 0;    // when its login plugin is asked again; 0: never
    int64_t version = 0;     // of a session
    uint64_t epoch = 0;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Holder> holders;  // by the token's hash
  };

  /// How somebody came in.
  struct Beginning {
    int64_t checked_us = 0;  // when the check of who they are began
    std::string_view agent = {};
    bool has_shown_second_factor = false;
    const Claim* claim = nullptr;      // null: a login plugin named one of ours
    std::string_view visit_hash = {};  // empty: without a visit to a provider
  };
  /// Whom a login plugin's answer names.
  struct Named {
    int64_t user = 0;
    std::optional<Claim> claim;
  };

  Result<Issued> begin(int64_t user, const gate::Call& call, const Beginning& how);
  Result<Named> read_answer(const std::string& answer, const gate::Call& call);
  void add_claim(const Claim& claim, int64_t user, int64_t now_us, ChangeSet::Fields& fields) const;
  /// Asks the session's login plugin again; one that says no ends the session.
  Result<void> renew(const Holder& holder, int64_t now_us);
  Result<void> end_refused(const Holder& holder, Error error);
  Result<Holder> load_session(const std::string& hash);
  Result<Holder> load_token(const std::string& hash);
  /// What a person has and needs beside the password.
  struct Standing {
    bool has_second_factor = false;
    bool needs_second_factor = false;
  };

  Result<void> require_active(int64_t user, int64_t begun_us);
  Result<void> require_roles(const gate::Call& call, int64_t owner, const std::vector<std::string>& roles);
  Result<Standing> standing_of(int64_t user);
  static gate::Principal::Missing missing_of(const Standing& standing, bool has_shown_second_factor);
  Result<void> change(std::string_view type, int64_t id, const ChangeSet::Fields& fields,
                      const gate::Call& call, storage::Lane lane = storage::Lane::Interactive);
  Result<void> touch(const Holder& holder, int64_t now_us);
  Result<void> wait_for_turn(const std::string& account, std::string_view language, const gate::Call& call);
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
