/// The API's way in: who asks, which address, and what every answer carries.
#include "host/http/api.hpp"

#include "host/http/exchange.hpp"
#include "host/http/problem.hpp"
#include "host/runtime/log.hpp"

#include <talon/date.hpp>
#include <talon/utf8.hpp>

namespace talon::http {

namespace {

constexpr std::size_t kKeyBytesMax = 255;
constexpr std::size_t kReasonBytesMax = 500;

/// A browser sends cookies along with requests that other sites cause; those are told by their origin.
bool is_from_elsewhere(const Request& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  std::string_view origin = request.header("Origin");
  if (origin.empty()) return false;
  const std::size_t slashes = origin.find("://");
  if (slashes == std::string_view::npos) return true;
  return origin.substr(slashes + 3) != request.header("Host");
}

void log_request(const Request& request, const Response& response, std::string_view pattern,
                 std::string_view who) {
  if (!runtime::log().is_on(runtime::Level::Info)) return;
  runtime::log().info_soon("http.request", {{"method", request.method},
                                            {"route", pattern},
                                            {"status", response.status},
                                            {"us", (runtime::steady_ns() - request.begun_ns) / 1000},
                                            {"bytes", static_cast<int64_t>(response.body.size())},
                                            {"principal", who},
                                            {"address", request.peer}});
}

constexpr std::string_view kSecurityLines =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

Error second_factor_missing(const gate::Principal& principal) {
  const bool is_set_up = principal.missing == gate::Principal::Missing::Code;
  return {Code::PermissionDenied,
          is_set_up ? "show your second factor first: POST /api/v1/session/proof {\"code\"}"
                    : "your role needs a second factor; set one up first: POST /api/v1/me/second_factor",
          Json::object({{"second_factor", is_set_up ? "code" : "enrolment"}}).to_string()};
}

}  // namespace

Api::Api(ApiParts parts)
    : parts_(std::move(parts)),
      hub_(*parts_.records, *parts_.sessions),
      denials_({20, 3'000'000}),
      files_(parts_.static_directory) {}

Api::~Api() { stop(); }

bool Api::is_quick(const Request& request) const { return request.path == "/livez"; }

bool Api::is_brief(const Request& request) const {
  // Whatever changes something waits for its commit, a sign-in elsewhere for its provider, and a report is
  // long.
  const auto is_below = [&request](std::string_view path) { return request.path.starts_with(path); };
  if (!parts_.reads_are_brief || is_below("/api/v1/session/") || is_below("/api/v1/reports/")) return false;
  return request.method == "GET" || is_below("/api/v1/access/");
}

std::shared_ptr<const Router> Api::router() {
  auto model = parts_.records->model();
  const std::lock_guard lock(mutex_);
  if (!router_ || &router_->model() != model.get()) router_ = Router::make(std::move(model));
  return router_;
}

Response Api::handle(Request& request) {
  std::string pattern = "-";
  std::string who = "-";
  Response response = answer(request, pattern, who);
  response.headers.add_lines(kSecurityLines);
  if (request.is_tls) response.header("Strict-Transport-Security", "max-age=31536000");
  if (pattern != "-" && !response.headers.find("Cache-Control")) response.header("Cache-Control", "no-store");
  if (!is_quick(request)) log_request(request, response, pattern, who);
  return response;
}

Response Api::health(const Request& request) {
  Response response;
  response.header("Content-Type", "text/plain").header("Cache-Control", "no-store");
  response.body = "ok\n";
  if (request.path == "/livez" || !parts_.ready) return response;
  const auto ready = parts_.ready();
  if (ready && !ready->empty()) response.body = "ok, degraded: " + *ready + "\n";
  if (!ready) {
    // More than a word is in the log: this address is open to everyone.
    runtime::log().warn("http.not_ready", {{"reason", ready.error().message}});
    response.status = 503;
    response.body = "not ready" + (ready.error().details.empty() ? "" : ": " + ready.error().details) + "\n";
  }
  return response;
}

Response Api::answer(Request& request, std::string& pattern, std::string& who) {
  if (request.path == "/livez" || request.path == "/readyz") return health(request);
  if (request.path == "/openapi.json") request.segments = {"api", "v1", "openapi.json"};
  const bool is_api = !request.segments.empty() && request.segments[0] == "api";
  if (!is_api) {
    Response file;
    file.status = 404;
    if (request.method == "GET") file = files_.get(request);
    return file.status == 404 ? problem(not_found("no such page"), request.id) : file;
  }
  Context context{request, {}, router(), nullptr, nullptr, {}, {}, false};
  Router::Match match = context.router->find(request.method, request.segments);
  context.route = match.route;
  context.parameters = std::move(match.parameters);
  context.call.request_id = request.id;
  context.call.channel = "api";
  context.call.address = request.peer;
  if (match.route != nullptr) pattern = match.route->pattern;
  const bool is_open = match.route != nullptr && match.route->is_open;
  if (!is_open) {
    // Who has not signed in learns nothing about which addresses there are.
    if (auto known = identify(context); !known) return problem(known.error(), request.id);
    who = context.call.principal.name();
  }
  if (match.route == nullptr) {
    if (match.allowed.empty()) return problem(not_found("no such address"), request.id);
    return problem(405, invalid("this address takes " + match.allowed), request.id)
        .header("Allow", match.allowed);
  }
  if (context.call.principal.missing != gate::Principal::Missing::Nothing && !match.route->is_for_unproven) {
    return problem(second_factor_missing(context.call.principal), request.id);
  }
  if (!match.route->type.empty()) context.type = context.model().find(match.route->type);
  return dispatch(context);
}

Result<void> Api::identify(Context& context) {
  const Request& request = context.request;
  const std::string_view authorization = request.header("Authorization");
  if (authorization.size() > 7 && is_same_name(authorization.substr(0, 7), "Bearer ")) {
    context.token = authorization.substr(7);
  } else {
    std::string_view cookie = cookie_in(request, "__Host-talon");
    if (cookie.empty() && !request.is_tls) cookie = cookie_in(request, "talon");
    context.token = cookie;
    context.is_by_cookie = !cookie.empty();
  }
  if (context.token.empty())
    return Error{Code::Unauthenticated, "sign in first: POST /api/v1/session, or a bearer token"};
  if (context.is_by_cookie && request.method != "GET" && is_from_elsewhere(request)) {
    return denied("this request comes from another site");
  }
  TALON_TRY(context.call.principal, parts_.sessions->principal_of(context.token));
  const std::string_view key = request.header("Idempotency-Key");
  if (key.size() > kKeyBytesMax) return invalid("Idempotency-Key is longer than 255 characters");
  if (find_bad_utf8(key)) return invalid("Idempotency-Key is UTF-8");
  context.call.idempotency_key = key;
  context.call.reason = request.header("X-Reason");
  const bool is_readable =
      !find_bad_utf8(context.call.reason) && !find_control_character(context.call.reason);
  if (!is_readable || context.call.reason.size() > kReasonBytesMax)
    return invalid("X-Reason is UTF-8 without control characters, at most 500 bytes");
  return {};
}

Response Api::dispatch(Context& context) {
  const auto run = [&]() -> Result<Response> {
    TALON_DO(view_as(context));
    switch (context.route->operation) {
      case Operation::List:
        return list(context);
      case Operation::Create:
        return create(context);
      case Operation::Batch:
        return batch(context);
      case Operation::Get:
        return get(context);
      case Operation::Change:
        return change(context);
      case Operation::Delete:
        return remove(context);
      case Operation::Act:
      case Operation::ActOnType:
        return act(context);
      case Operation::History:
        return history(context);
      case Operation::ByExternal:
        return by_external(context);
      case Operation::Changes:
        return changes(context);
      case Operation::Events:
        return events(context);
      case Operation::SignIn:
        return sign_in(context);
      case Operation::SignInWays:
        return sign_in_ways(context);
      case Operation::SignInWith:
        return sign_in_with(context);
      case Operation::SignInReturn:
        return sign_in_return(context);
      case Operation::SignOut:
        return sign_out(context);
      case Operation::Me:
        return me(context);
      case Operation::RequestPassword:
        return request_password(context);
      case Operation::Prove:
        return prove(context);
      case Operation::BeginSecondFactor:
        return begin_second_factor(context);
      case Operation::ConfirmSecondFactor:
        return confirm_second_factor(context);
      case Operation::RecoveryCodes:
        return recovery_codes(context);
      case Operation::IssueToken:
        return issue_token(context);
      case Operation::RotateToken:
        return rotate_token(context);
      case Operation::RevokeToken:
        return revoke_token(context);
      case Operation::Check:
        return check(context);
      case Operation::Explain:
        return explain(context);
      case Operation::Plan:
        return plan(context);
      case Operation::Reports:
        return reports(context);
      case Operation::Report:
        return report(context);
      case Operation::Plugins:
        return list_plugins(context);
      case Operation::Plugin:
        return plugin(context);
      case Operation::ControlPlugin:
        return control_plugin(context);
      case Operation::Command:
        return command(context);
      case Operation::OpenApi:
        return openapi(context);
    }
    return internal("an address without an operation");
  };
  auto done = run();
  if (done) return *std::move(done);
  const bool is_worth_note = context.request.method != "GET" || is_view_as(context);
  if (done.error().code == Code::PermissionDenied && is_worth_note) {
    note_denied(context, done.error());
  }
  return problem(done.error(), context.request.id);
}

}  // namespace talon::http
