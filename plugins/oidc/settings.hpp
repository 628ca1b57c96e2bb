/// The plugin's settings as a struct, every mistake with its place.
#pragma once

#include <talon/plugin.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::oidc {

struct Settings {
  std::string issuer;  ///< empty: off
  std::string client_id;
  std::string secret_name;  ///< empty: none
  std::string client_auth;  ///< "basic", "post" or "none"
  std::string address;      ///< ours, without a slash at its end; empty: this machine alone
  std::string scopes;
  std::string groups_claim;
  std::vector<std::pair<std::string, std::string>> roles;  ///< group, role
  std::string link;
  bool makes_people = false;
  bool trusts_email = false;
  int64_t roles_days = 0;
  int64_t session_s = 0;
  int64_t renew_s = 0;
  std::string authority;
  std::string button;
};

/// @errors FailedPrecondition: all mistakes, each with its key and what to write there.
Result<Settings> read_settings(const Json& json);

/// Whether only this machine can be behind the address: http is fit for that alone.
bool is_loopback(std::string_view address);
/// https, or this machine's.
bool is_fit(std::string_view address);

}  // namespace talon::oidc
