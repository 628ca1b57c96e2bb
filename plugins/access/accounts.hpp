/// Sign-in by password, invitations, passwords and the first administrator.
#pragma once

#include "authority.hpp"
#include "password.hpp"

namespace talon::access {

/// Slows down guessing: from the sixth wrong try for one address on, each needs a longer pause. @threads any.
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

  /// {"email","password"}, or with {"code"} to take an invitation up with a first password.
  /// @return the user's id, "usr_…".
  /// @errors Unauthenticated: not that password, not that code, no such user, or not active, without saying
  /// which.
  ///         InvalidArgument: the new password is too weak. ResourceExhausted: too many tries.
  Result<std::string> verify(const Json& credentials);

  // Commands: args → answer.

  /// {"email","name","roles":[…],"facts":{NAME:[…]},"language"} → {"user","code"}. The inviter's roles say
  /// which roles may be given (`may invite:`). @param inviter  as records name the caller.
  Result<Json> invite(const Json& args, const Json& inviter);
  /// {"current","password"} of the caller's own account.
  Result<Json> set_password(const Json& args, const Json& caller);
  /// {"user" (id or e-mail), "password"}: for somebody who lost theirs; an invited one becomes active by it.
  Result<Json> reset_password(const Json& args);
  /// {"email","name","password"}: the first administrator, while there is no user at all.
  Result<Json> bootstrap(const Json& args);

 private:
  Result<std::string> take_up(const Person& person, std::string_view code, std::string_view password);
  Result<void> store_password(const Person& person, std::string_view password);
  Result<Record> secrets_of(int64_t user);
  Result<std::string> create_user(const Json& args, const ChangeSet::Fields& more,
                                  const std::vector<std::string>& roles);

  Host& host_;  // outlives this; owned by the plugin's instance
  Authority& authority_;
  PasswordHasher hasher_;
  Throttle throttle_;
};

}  // namespace talon::access
