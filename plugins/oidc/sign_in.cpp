/// The steps of a sign-in by the provider.
#include "sign_in.hpp"

#include <talon/date.hpp>
#include <talon/loopback.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::oidc {

namespace {

constexpr int64_t kAuthTimeMax = INT64_C(100) * 366 * 86400;  // seconds: no clock is there yet

bool is_true(const Json& json) { return json.boolean() || json.string() == "true"; }

}  // namespace

std::vector<std::string> groups_of(const Json& claims, std::string_view path) {
  const Json* at = claims.find(path);
  if (at == nullptr) {
    at = &claims;
    while (at != nullptr && !path.empty()) {
      const std::size_t dot = std::min(path.find('.'), path.size());
      at = at->is_object() ? at->find(path.substr(0, dot)) : nullptr;
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
  }
  std::vector<std::string> groups;
  if (at == nullptr) return groups;
  if (at->is_string()) groups.emplace_back(at->string());
  for (const Json& group : at->items()) {
    if (group.is_string()) groups.emplace_back(group.string());
  }
  return groups;
}

Result<Json> SignIn::begin(const Json& step) {
  std::string address = settings_.address;
  if (address.empty()) {
    address = step["origin"].string();
    // Whoever sends a request may write any name into it; only this machine's leads nobody astray.
    if (!is_loopback_url(address)) {
      return failed_precondition(
          "config/talon.yaml, plugins.settings.oidc.address is missing: Talon's own address, as in "
          "https://billing.example.com");
    }
  }
  TALON_TRY(const Addresses addresses, provider_.addresses());
  TALON_TRY(const std::string nonce, random_text());
  TALON_TRY(const std::string verifier, random_text());
  const std::string back = address + std::string(step["return"].string());
  Form form = {{"response_type", "code"},
               {"client_id", settings_.client_id},
               {"redirect_uri", back},
               {"scope", settings_.scopes},
               {"state", std::string(step["state"].string())},
               {"nonce", nonce},
               {"code_challenge", base64url(sha256(verifier))},
               {"code_challenge_method", "S256"},
               {"ui_locales", std::string(step["language"].string())}};
  if (step["again"].boolean()) {
    form.emplace_back("prompt", "login");
    form.emplace_back("max_age", "0");
  }
  const char* mark = addresses.authorization.find('?') == std::string::npos ? "?" : "&";
  return Json::object({{"go_to", addresses.authorization + mark + form_encoded(form)},
                       {"secret", Json::object({{"nonce", nonce}, {"verifier", verifier}, {"back", back}})}});
}

Result<Json> SignIn::finish(const Json& step) {
  const Json& parameters = step["parameters"];
  TALON_TRY(const Addresses addresses, provider_.addresses());
  // Another provider's answer at our door (RFC 9207).
  const std::string_view issuer = parameters["iss"].string();
  if (issuer.empty() ? addresses.names_itself : issuer != settings_.issuer)
    return refused("answer_issuer", issuer);
  if (!parameters["error"].string().empty()) return refused("provider_refused", parameters["error"].string());
  if (parameters["code"].string().empty()) return refused("code_missing");
  const Json& secret = step["secret"];
  TALON_TRY(const Tokens tokens, ask({{"grant_type", "authorization_code"},
                                      {"code", std::string(parameters["code"].string())},
                                      {"redirect_uri", std::string(secret["back"].string())},
                                      {"code_verifier", std::string(secret["verifier"].string())}}));
  const std::string nonce(secret["nonce"].string());
  if (nonce.empty()) return refused("token_nonce");
  TALON_TRY(Json claims, read_id_token(tokens.id, nonce, {}));
  TALON_DO(add_userinfo(tokens, claims));
  return claim_of(claims, tokens);
}

Result<Json> SignIn::renew(const Json& step) {
  TALON_TRY(const Json kept, Json::parse(step["kept"].string()));
  const std::string before(kept["refresh"].string());
  const std::string subject(kept["subject"].string());
  if (kept["issuer"].string() != settings_.issuer) return refused("answer_issuer", kept["issuer"].string());
  TALON_TRY(Tokens tokens, ask({{"grant_type", "refresh_token"}, {"refresh_token", before}}));
  if (tokens.refresh.empty()) tokens.refresh = before;
  TALON_TRY(const Addresses addresses, provider_.addresses());
  if (tokens.id.empty() && (tokens.access.empty() || addresses.userinfo.empty()))
    return unavailable("the provider renewed its tokens and did not say who the person is now");
  Json claims = Json::object({{"sub", subject}, {"iss", settings_.issuer}});
  if (!tokens.id.empty()) {
    TALON_TRY(claims, read_id_token(tokens.id, {}, subject));
  }
  TALON_DO(add_userinfo(tokens, claims));
  return claim_of(claims, tokens);
}

Result<SignIn::Tokens> SignIn::ask(Form form) {
  TALON_TRY(const Addresses addresses, provider_.addresses());
  std::string authorization;
  if (settings_.client_auth == "none") {
    form.emplace_back("client_id", settings_.client_id);
  } else {
    TALON_TRY(const std::string secret, host_.secret(settings_.secret_name));
    if (settings_.client_auth == "post") {
      form.emplace_back("client_id", settings_.client_id);
      form.emplace_back("client_secret", secret);
    } else {
      // RFC 6749, section 2.3.1: both are encoded first.
      authorization = "Basic " + base64(percent_encoded(settings_.client_id) + ":" + percent_encoded(secret));
    }
  }
  TALON_TRY(const Answer answer, http_.post(addresses.token, form_encoded(form), authorization));
  const std::string_view error = answer.json["error"].string();
  if (error == "invalid_grant") return refused("code_refused", answer.json["error_description"].string());
  if (error == "invalid_client" || error == "unauthorized_client") {
    return failed_precondition(
        "the provider does not take our client_id and client_secret (config/talon.yaml, "
        "plugins.settings.oidc)");
  }
  if (answer.status != 200 || !answer.json.is_object()) {
    return unavailable(addresses.token + ": the provider answers with status " +
                       std::to_string(answer.status) + " " + std::string(error.substr(0, 100)));
  }
  return Tokens{std::string(answer.json["id_token"].string()),
                std::string(answer.json["access_token"].string()),
                std::string(answer.json["refresh_token"].string())};
}

Result<Json> SignIn::read_id_token(const std::string& text, const std::string& nonce,
                                   const std::string& subject) {
  TALON_TRY(const Token token, read_token(text));
  TALON_DO(provider_.check_signature(token));
  TALON_DO(
      check_claims(token.claims, {settings_.issuer, settings_.client_id, nonce, subject, host_.now_us()}));
  return token.claims;
}

Result<void> SignIn::add_userinfo(const Tokens& tokens, Json& claims) {
  TALON_TRY(const Addresses addresses, provider_.addresses());
  const bool is_told = claims.find("email") != nullptr && claims.find(settings_.groups_claim) != nullptr;
  if (is_told || addresses.userinfo.empty() || tokens.access.empty()) return {};
  TALON_TRY(const Answer answer, http_.get(addresses.userinfo, "Bearer " + tokens.access));
  if (answer.status == 401 || answer.status == 403) return refused("userinfo_refused");
  if (answer.status != 200 || !answer.json.is_object()) {
    return unavailable(addresses.userinfo + ": the provider answers with status " +
                       std::to_string(answer.status));
  }
  // Somebody else's (OpenID Connect Core 1.0, section 5.3.2).
  if (answer.json["sub"].string() != claims["sub"].string()) return refused("userinfo_subject");
  for (const auto& [name, value] : answer.json.members()) {
    if (claims.find(name) == nullptr) claims.set(name, value);
  }
  return {};
}

Json SignIn::claim_of(const Json& claims, const Tokens& tokens) const {
  const std::vector<std::string> groups = groups_of(claims, settings_.groups_claim);
  const Json& name = claims["name"].is_string() ? claims["name"] : claims["preferred_username"];
  Json claim = Json::object({{"issuer", settings_.issuer},
                             {"subject", claims["sub"]},
                             {"email", claims["email"].string()},
                             {"email_verified", is_true(claims["email_verified"]) || settings_.trusts_email},
                             {"name", name.string()},
                             {"language", claims["locale"].string()}});
  add_rules(settings_.rules, groups, claim);
  const int64_t shown = claims["auth_time"].integer();
  if (shown > 0 && shown < kAuthTimeMax) claim.set("proved_us", shown * kSecondUs);
  if (tokens.refresh.empty()) return claim;
  const Json kept =
      Json::object({{"refresh", tokens.refresh}, {"subject", claims["sub"]}, {"issuer", settings_.issuer}});
  return claim.set("renew_s", settings_.rules.renew_s).set("kept", kept.to_string());
}

}  // namespace talon::oidc
