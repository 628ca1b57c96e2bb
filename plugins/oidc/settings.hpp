/// The plugin's settings as a struct, every mistake with its place.
#pragma once

#include <talon/plugin.hpp>
#include <talon/sign_in_rules.hpp>

#include <string>
#include <string_view>

namespace talon::oidc {

struct Settings {
  std::string issuer;  ///< empty: off
  std::string client_id;
  std::string secret_name;  ///< empty: none
  std::string client_auth;  ///< "basic", "post" or "none"
  std::string address;      ///< ours, without a slash at its end; empty: this machine alone
  std::string scopes;
  std::string groups_claim;
  SignInRules rules;
  bool trusts_email = false;
  std::string authority;
  std::string button;
};

/// @errors FailedPrecondition: all mistakes, each with its key and what to write there.
Result<Settings> read_settings(const Json& json);

/// https, or http to this machine alone.
bool is_fit(std::string_view address);

}  // namespace talon::oidc
