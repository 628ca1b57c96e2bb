/// ID tokens: signature and claims, as OpenID Connect Core 1.0 section 3.1.3.7 has them checked.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace talon::oidc {

/// A refused token or answer. The details say why, for the audit log: {"by": "oidc", "why", "found"}.
Error refused(std::string_view why, std::string_view found = {});

/// A token taken apart; nothing in it has been checked but its form.
struct Token {
  std::string text;
  std::string algorithm;
  std::string key_id;  ///< empty: it names none
  Json claims;
};
/// @errors Unauthenticated: not three parts of JSON ("token_form"); an algorithm that is not of the list,
/// such
///         as none or one with a shared secret ("token_algorithm").
Result<Token> read_token(std::string_view text);

/// The keys of a set (RFC 7517) that may have signed the token: by id where it names one, of its algorithm's
/// kind, for signatures, strong enough.
std::vector<Json> keys_for(const Json& set, const Token& token);
/// Whether one of the keys signed it.
bool is_signed_by(const Token& token, const std::vector<Json>& keys);

struct Expected {
  std::string issuer;
  std::string client_id;
  std::string nonce;    ///< empty: none was asked for (a renewal)
  std::string subject;  ///< empty: anybody
  int64_t now_us = 0;
};
/// Issuer, audience, times, nonce, subject. @errors Unauthenticated: the first that is not right.
Result<void> check_claims(const Json& claims, const Expected& expected);

}  // namespace talon::oidc
