/// Sign-in by password, passwords and the first administrator.
#pragma once

#include "authority.hpp"
#include "invitations.hpp"
#include "password.hpp"

namespace talon::access {

/// Slows down guessing of the current password by whoever sits at somebody's open session: from the sixth
/// wrong try on, each needs a longer pause. Tries to sign in are the host's to slow down. @threads any.
class Throttle {
 public:
  /// Seconds to wait before `key` may try again; 0: now.
  int64_t wait_s(const std::string& key, int64_t now_us);
  void failed(const std::string& key, int64_t now_us);
  void succeeded(const std::string& key);

 private:
  struct Tries {
    int count = 0;
    int64_t last_us = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Tries> tries_;
};

/// @threads any.
class Accounts {
 public:
  Accounts(Host& host, Authority& authority) : host_(host), authority_(authority) {}

  /// {"email","password"}, or with {"code"} to take an invitation or a reset up with a new password.
  /// @return the user's id, "usr_…".
  /// @errors Unauthenticated: not that password, not that code, no such user, or not active, without saying
  ///         which; the details, {"by", "user", "why"}, are for the audit log. InvalidArgument: the new
  ///         password is refused. ResourceExhausted: too many sign-ins at once.
  Result<std::string> verify(const Json& credentials);

  // Commands: args → answer.

  /// {"current","password"} of the caller's own account. Their other sessions end.
  Result<Json> set_password(const Json& args, const Json& caller);
  /// {"user" (id or e-mail), "password"}: for somebody who lost theirs; an invited one becomes active by it.
  Result<Json> reset_password(const Json& args);
  /// {"password","name","email","language"} → {"strength" (0 to 4),"good","code","message"}. Changes nothing.
  Result<Json> measure_password(const Json& args) const;
  /// {"email","name","password"}: the first administrator, while there is no user at all.
  Result<Json> bootstrap(const Json& args);

 private:
  Result<std::string> take_up(const Person& person, const Json& credentials);
  enum class Sessions { Keep, End };
  /// @param user  the person's secrets as they were checked: nothing is stored when they changed since.
  Result<void> store_password(const Person& person, const Record& user, std::string_view password,
                              Sessions sessions);
  /// Whoever knew the old password may sit in one. @param own  the session that stays; empty: none.
  Result<void> end_other_sessions(const Person& person, std::string_view own);
  Result<Record> secrets_of(int64_t user);
  Result<PasswordRules> password_rules() const;

  Host& host_;  // outlives this; owned by the plugin's instance
  Authority& authority_;
  PasswordHasher hasher_;
  Throttle throttle_;
};

}  // namespace talon::access
