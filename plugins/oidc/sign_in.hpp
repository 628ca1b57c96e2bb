/// The steps of a sign-in by the provider: the way there, the way back, and asking again later.
#pragma once

#include "codec.hpp"
#include "provider.hpp"

#include <string>

namespace talon::oidc {

/// The authorization code flow with PKCE (RFC 7636) and a nonce. Keeps nothing of a visit: that is the
/// browser's, sealed by the host. @threads any.
class SignIn {
 public:
  SignIn(Host& host, Settings settings)
      : host_(host),
        settings_(std::move(settings)),
        http_(settings_.authority),
        provider_(host_, settings_, http_) {}

  bool is_on() const { return !settings_.issuer.empty(); }
  Json way() const { return Json::object({{"label", settings_.button}}); }

  /// {"origin", "return", "state", "again", "language"} → {"go_to", "secret"}.
  Result<Json> begin(const Json& step);
  /// {"parameters", "secret"} → the claim. @errors Unauthenticated: refused, with the reason in the details.
  Result<Json> finish(const Json& step);
  /// {"kept"} → the claim as it is now. @errors as finish.
  Result<Json> renew(const Json& step);

 private:
  struct Tokens {
    std::string id;       // empty: none
    std::string access;   // empty: none
    std::string refresh;  // empty: none
  };
  Result<Tokens> ask(Form form);
  Result<Json> read_id_token(const std::string& text, const std::string& nonce, const std::string& subject);
  Result<void> add_userinfo(const Tokens& tokens, Json& claims);
  Json claim_of(const Json& claims, const Tokens& tokens) const;

  Host& host_;  // outlives this; owned by the plugin's instance
  Settings settings_;
  Http http_;
  Provider provider_;
};

/// The groups at `path` of the claims: a text or a list of texts; by its whole name, else inwards by dots.
std::vector<std::string> groups_of(const Json& claims, std::string_view path);

}  // namespace talon::oidc
