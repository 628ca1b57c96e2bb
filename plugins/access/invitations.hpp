/// Invitations: who may bring whom in, as what.
#pragma once

#include "authority.hpp"
#include "invitation_reader.hpp"

namespace talon::access {

/// Makes the user {"email","name","language"} of `args`. @return the id.
/// @errors InvalidArgument: no address, no name; AlreadyExists: the address is taken.
Result<std::string> create_user(Host& host, const Json& args, const ChangeSet::Fields& more,
                                const Holdings& holdings);

/// @threads any.
class Invitations {
 public:
  Invitations(Host& host, Authority& authority) : host_(host), authority_(authority) {}

  /// {"email","name","roles":[…],"facts":{NAME:[…]},"language"} → {"user", "sent_to" or "code"}; "user" where
  /// the inviter may see them. The inviter's roles say which roles may be given (`may invite:`); a fact that
  /// names a record names one that the inviter may see; `require_bounds` says which facts.
  /// Asked again with the same roles and facts for somebody who has not come yet: a new link or code.
  /// @param records  as the inviter. @errors InvalidArgument: each mistake at its place, all of them at once;
  ///        PermissionDenied: a role or fact that the inviter may not hand on; AlreadyExists: the address is
  ///        taken, told to those who may see whose it is; others get the answer of a new one.
  Result<Json> invite(const Json& args, const Records& records);
  /// For commands that take over an account: a person who calls must be able to edit the user, and to hand on
  /// every role that the user holds or will hold.
  /// @param user  id or e-mail. @param records  as the caller.
  /// @errors NotFound: no such user, or none whom the caller may see; PermissionDenied.
  Result<void> require_reach(std::string_view user, const Records& records);

 private:
  Result<Json> invite_known(const Person& person, const Holdings& holdings, const Records& records);
  /// By letter where mail is configured; else the inviter hands the code over.
  Result<Json> hand_over(const std::string& user, const std::string& code, const Records& records);
  ChangeSet::Fields code_fields(const std::string& code) const;

  Host& host_;  // outlives this; owned by the plugin's instance
  Authority& authority_;
};

}  // namespace talon::access
