/// Credentials on a request: api_key, basic, bearer, oauth2 client credentials.
#include "auth.hpp"

#include <talon/text.hpp>

namespace talon::http_connector {
namespace {

constexpr std::chrono::seconds kRefreshBefore{60};

std::string base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = (bits << 8U) | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      result += i + j > text.size() ? '=' : kDigits[(bits >> (18U - 6U * j)) & 63U];
    }
  }
  return result;
}

/// Asks the identity provider for a token. @return its text and how long it lives.
Result<std::pair<std::string, std::chrono::seconds>> new_token(const Settings& settings, Client& client) {
  const Json& auth = settings.auth;
  Request request;
  request.method = "POST";
  TALON_TRY(request.url, parse_url(auth["token_url"].string()));
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = "grant_type=client_credentials";
  std::string scopes;
  for (const Json& scope : auth["scopes"].items())
    scopes += (scopes.empty() ? "" : " ") + std::string(scope.string());
  if (!scopes.empty()) request.body += "&scope=" + percent_encoded(scopes);
  const std::string id(auth["client_id"].string());
  const std::string secret(auth["client_secret"].string());
  if (auth["client_auth"].string() == "body") {
    request.body += "&client_id=" + percent_encoded(id) + "&client_secret=" + percent_encoded(secret);
  } else {
    request.headers.emplace_back("Authorization",
                                 "Basic " + base64(percent_encoded(id) + ":" + percent_encoded(secret)));
  }
  TALON_TRY(const Answer answer, client.send(request));
  if (answer.status >= 500 || answer.status == 429) {
    return unavailable("the identity provider answered " + std::to_string(answer.status));
  }
  const auto json = Json::parse(answer.body);
  if (answer.status != 200 || !json || !(*json)["access_token"].is_string()) {
    return Error{Code::Unauthenticated, "the identity provider gave no token (status " +
                                            std::to_string(answer.status) +
                                            "); check client_id, client_secret and scopes"};
  }
  return std::make_pair(std::string((*json)["access_token"].string()),
                        std::chrono::seconds((*json)["expires_in"].integer(300)));
}

Result<std::string> token(const Settings& settings, Client& client, bool force) {
  Origin& shared =
      Origin::of(settings.base.origin() + " as " + std::string(settings.auth["client_id"].string()));
  const std::lock_guard single_flight(shared.token_mutex);
  const auto now = std::chrono::steady_clock::now();
  if (force || shared.token.empty() || now >= shared.token_until) {
    TALON_TRY(const auto fresh, new_token(settings, client));
    shared.token = fresh.first;
    shared.token_until = now + std::max(std::chrono::seconds(0), fresh.second - kRefreshBefore);
  }
  return shared.token;
}

}  // namespace

Result<void> authorize(Request& request, const Settings& settings, Client& client, bool force) {
  const Json& auth = settings.auth;
  const std::string_view type = auth["type"].string();
  if (auth.is_null() || type == "none") return {};
  if (type == "api_key") {
    if (auth["in"].string() == "query") {
      request.url.target = with_query(request.url.target, auth["name"].string(), auth["value"].string());
    } else {
      request.headers.emplace_back(auth["name"].string(), auth["value"].string());
    }
    return {};
  }
  if (type == "basic") {
    request.headers.emplace_back("Authorization",
                                 "Basic " + base64(std::string(auth["username"].string()) + ":" +
                                                   std::string(auth["password"].string())));
    return {};
  }
  if (type == "bearer") {
    request.headers.emplace_back("Authorization", "Bearer " + std::string(auth["token"].string()));
    return {};
  }
  if (type == "oauth2") {
    TALON_TRY(const std::string text, token(settings, client, force));
    request.headers.emplace_back("Authorization", "Bearer " + text);
    return {};
  }
  return invalid("auth.type \"" + std::string(type) +
                 "\" is not one of [none, api_key, basic, bearer, oauth2]");
}

bool can_refresh(const Settings& settings) { return settings.auth["type"].string() == "oauth2"; }

}  // namespace talon::http_connector
