/// Sign-in with the directory's password: search, then bind as whom was found.
#pragma once

#include "directory.hpp"

#include <talon/plugin.hpp>

#include <string>

namespace talon::ldap {

/// @threads any.
class SignIn {
 public:
  SignIn(Host& host, Settings settings) : host_(host), settings_(std::move(settings)) {}

  bool is_on() const { return !settings_.server.empty(); }
  /// {"email", "password"} → the claim. @errors Unauthenticated: refused, with the reason in the details;
  ///        Unavailable, FailedPrecondition: the directory cannot be asked.
  Result<Json> verify(const Json& credentials);
  /// {"kept"} → the claim as it is now. @errors as verify.
  Result<Json> renew(const Json& step);

 private:
  struct Found {
    Entry person;
    std::vector<std::string> groups;  // in small letters
  };
  bool is_looked_for(const std::string& login) const;
  Result<Directory> open();
  Result<Found> find(Directory& directory, const std::string& login);
  Result<Json> claim_of(const Found& found, const std::string& login) const;

  Host& host_;  // outlives this; owned by the plugin's instance
  Settings settings_;
};

}  // namespace talon::ldap
