/// Signing in by others: the ways there are, the way to a provider, and the way back.
#include "host/http/api.hpp"
#include "host/http/exchange.hpp"
#include "host/http/problem.hpp"
#include "host/runtime/log.hpp"

#include <talon/text.hpp>

namespace talon::http {

namespace {

constexpr std::size_t kParametersMax = 10;
constexpr std::size_t kParameterBytesMax = 4096;

/// The visit's cookie comes back with a navigation that another site causes, so it is not `Strict`.
std::string visit_cookie(std::string_view visit, bool is_secure, int64_t seconds) {
  std::string text = is_secure ? "__Host-talon_visit=" : "talon_visit=";
  text.append(visit).append("; Path=/; HttpOnly; SameSite=Lax; Max-Age=").append(std::to_string(seconds));
  if (is_secure) text.append("; Secure");
  return text;
}

Response go_to(const std::string& address) {
  Response response;
  response.status = 303;
  return response.header("Location", address);
}

/// Our own address as the browser sees it, for providers on this machine; others are told in the settings.
std::string origin_of(const Request& request, bool is_secure) {
  return (is_secure ? "https://" : "http://") + std::string(request.header("Host"));
}

/// A person reads a page of the portal, which says it in words; a program the problem itself.
bool is_by_browser(const Request& request) {
  return request.header("Accept").find("text/html") != std::string_view::npos;
}

std::string_view word_of(Code code) {
  if (code == Code::Unauthenticated) return "refused";
  return code == Code::ResourceExhausted ? "throttled" : "unavailable";
}

}  // namespace

Result<Response> Api::sign_in_ways(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  Json ways = Json::array();
  if (parts_.plugins != nullptr) {
    const Json step = Json::object({{"step", "ways"}, {"language", language_of(context.request)}});
    for (const std::string& plugin : parts_.plugins->login_plugins()) {
      const auto way = parts_.plugins->login(plugin, step);
      if (!way) continue;  // it takes passwords, or is not configured
      ways.push(Json::object(
          {{"name", plugin}, {"label", (*way)["label"]}, {"begin", "/api/v1/session/with/" + plugin}}));
    }
  }
  return json_response(200, Json::object({{"ways", std::move(ways)}}));
}

Result<Response> Api::sign_in_with(Context& context) {
  const Request& request = context.request;
  TALON_DO(only_parameters(request, {"to", "again"}));
  if (parts_.browser_sign_in == nullptr) return unavailable("nobody signs in by others here");
  const std::string* again = request.parameter("again");
  if (again != nullptr && *again != "yes" && *again != "no") return invalid("again is yes or no");
  const bool is_secure = request.is_tls;
  const std::string& plugin = context.parameters[0];
  Json wanted = Json::object({{"origin", origin_of(request, is_secure)},
                              {"return", "/api/v1/session/with/" + plugin + "/return"},
                              {"language", language_of(request)},
                              {"again", again != nullptr && *again == "yes"}});
  if (const std::string* to = request.parameter("to")) wanted.set("to", *to);
  TALON_TRY(const auto begun, parts_.browser_sign_in->begin(plugin, wanted, context.call));
  Response response = go_to(begun.go_to);
  return response.header("Set-Cookie", visit_cookie(begun.visit, is_secure, begun.seconds));
}

Result<Response> Api::sign_in_return(Context& context) {
  const Request& request = context.request;
  if (parts_.browser_sign_in == nullptr) return unavailable("nobody signs in by others here");
  if (request.query.size() > kParametersMax) return invalid("too many parameters");
  Json parameters = Json::object();
  for (const auto& [name, value] : request.query) {
    if (value.size() > kParameterBytesMax) return invalid(echoed(name) + " is too long");
    if (parameters.find(name) != nullptr) return invalid("the parameter " + echoed(name) + " stands twice");
    parameters.set(name, value);
  }
  const bool is_secure = request.is_tls;
  const auto visit = cookie_in(request, is_secure ? "__Host-talon_visit" : "talon_visit");
  const auto done = parts_.browser_sign_in->finish(context.parameters[0], parameters, visit,
                                                   agent_of(request), context.call);
  Response response;
  if (done) {
    response = go_to(done->to);
    const int64_t seconds = (done->issued.expires_us - parts_.clock->now_us()) / 1'000'000;
    response.header("Set-Cookie", session_cookie(done->issued.token, is_secure, seconds));
  } else if (is_by_browser(request)) {
    runtime::log().info("session.not_begun", {{"request_id", request.id}, {"reason", done.error().message}});
    response = go_to("/#sign_in=" + std::string(word_of(done.error().code)) + "&request=" + request.id);
  } else {
    return done.error();
  }
  return response.header("Set-Cookie", visit_cookie("", is_secure, 0));
}

}  // namespace talon::http
