/// ID tokens: signature and claims.
#include "id_token.hpp"

#include "codec.hpp"

#include <talon/date.hpp>

#include <cjose/jwk.h>
#include <cjose/jws.h>

#include <algorithm>
#include <array>
#include <memory>

namespace talon::oidc {

namespace {

// Those with a public key (RFC 7518). With `none` or a shared secret anybody who knows our public data could
// write a token.
constexpr std::array<std::string_view, 9> kAlgorithms = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                                         "PS512", "ES256", "ES384", "ES512"};
constexpr int64_t kSkewUs = 60 * kSecondUs;  // clocks of two machines that are looked after
constexpr std::size_t kTokenBytesMax = 64 * 1024;
constexpr std::size_t kSubjectBytesMax = 255;  // OpenID Connect Core 1.0, section 2
constexpr std::size_t kRsaBitsMin = 2048;      // RFC 7518, section 3.3
constexpr std::size_t kShownMax = 200;

struct JwkRelease {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
struct JwsRelease {
  void operator()(cjose_jws_t* token) const { cjose_jws_release(token); }
};
using Jwk = std::unique_ptr<cjose_jwk_t, JwkRelease>;
using Jws = std::unique_ptr<cjose_jws_t, JwsRelease>;

Result<Json> read_part(std::string_view part) {
  TALON_TRY(const std::string text, from_base64url(part));
  TALON_TRY(Json json, Json::parse(text));
  if (!json.is_object()) return invalid("not an object");
  return json;
}

Jwk import_key(const Json& key) {
  cjose_err error{};
  const std::string text = key.to_string();
  return Jwk(cjose_jwk_import(text.data(), text.size(), &error));
}

bool names(const Json& audience, std::string_view client) {
  if (audience.is_string()) return audience.string() == client;
  return std::any_of(audience.items().begin(), audience.items().end(),
                     [client](const Json& one) { return one.string() == client; });
}

}  // namespace

Error refused(std::string_view why, std::string_view found) {
  Json details = Json::object({{"by", "oidc"}, {"user", ""}, {"why", why}});
  if (!found.empty()) details.set("found", found.substr(0, kShownMax));
  return {Code::Unauthenticated, "the provider's answer is not taken", details.to_string()};
}

Result<Token> read_token(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (text.size() > kTokenBytesMax || second == std::string_view::npos ||
      text.find('.', second + 1) != std::string_view::npos) {
    return refused("token_form");
  }
  const auto header = read_part(text.substr(0, first));
  auto claims = read_part(text.substr(first + 1, second - first - 1));
  if (!header || !claims) return refused("token_form");
  Token token{std::string(text), std::string((*header)["alg"].string()),
              std::string((*header)["kid"].string()), *std::move(claims)};
  if (std::find(kAlgorithms.begin(), kAlgorithms.end(), token.algorithm) == kAlgorithms.end())
    return refused("token_algorithm", token.algorithm);
  // Extensions that must be understood (RFC 7515, section 4.1.11): there are none here.
  if (header->find("crit") != nullptr) return refused("token_form", "crit");
  return token;
}

std::vector<Json> keys_for(const Json& set, const Token& token) {
  const std::string_view kind = token.algorithm.starts_with("ES") ? "EC" : "RSA";
  std::vector<Json> keys;
  for (const Json& key : set["keys"].items()) {
    if (key["kty"].string() != kind) continue;
    if (!token.key_id.empty() && key["kid"].string() != token.key_id) continue;
    if (!key["use"].is_null() && key["use"].string() != "sig") continue;
    if (!key["alg"].is_null() && key["alg"].string() != token.algorithm) continue;
    keys.push_back(key);
  }
  return keys;
}

bool is_signed_by(const Token& token, const std::vector<Json>& keys) {
  cjose_err error{};
  const Jws jws(cjose_jws_import(token.text.data(), token.text.size(), &error));
  if (jws == nullptr) return false;
  return std::any_of(keys.begin(), keys.end(), [&](const Json& json) {
    const Jwk key = import_key(json);
    if (key == nullptr) return false;
    if (cjose_jwk_get_kty(key.get(), &error) == CJOSE_JWK_KTY_RSA &&
        cjose_jwk_get_keysize(key.get(), &error) < kRsaBitsMin) {
      return false;
    }
    return cjose_jws_verify(jws.get(), key.get(), &error);
  });
}

Result<void> check_claims(const Json& claims, const Expected& expected) {
  if (claims["iss"].string() != expected.issuer) return refused("token_issuer", claims["iss"].string());
  const Json& audience = claims["aud"];
  if (!names(audience, expected.client_id)) return refused("token_audience", audience.to_string());
  const Json& party = claims["azp"];
  if (party.is_null() ? audience.items().size() > 1 : party.string() != expected.client_id)
    return refused("token_party", party.string());
  if (!claims["exp"].is_number() || claims["exp"].integer() <= (expected.now_us - kSkewUs) / kSecondUs)
    return refused("token_expired", claims["exp"].digits());
  if (!claims["iat"].is_number() || claims["iat"].integer() > (expected.now_us + kSkewUs) / kSecondUs)
    return refused("token_not_yet", claims["iat"].digits());
  if (!claims["nbf"].is_null() && claims["nbf"].integer() > (expected.now_us + kSkewUs) / kSecondUs)
    return refused("token_not_yet", claims["nbf"].digits());
  if (!expected.nonce.empty() && claims["nonce"].string() != expected.nonce) return refused("token_nonce");
  const std::string_view subject = claims["sub"].string();
  if (subject.empty() || subject.size() > kSubjectBytesMax) return refused("token_subject");
  if (!expected.subject.empty() && subject != expected.subject) return refused("token_subject", subject);
  return {};
}

}  // namespace talon::oidc
