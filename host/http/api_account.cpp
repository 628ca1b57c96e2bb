/// One's own account: the second factor, proofs, API tokens.
#include "host/http/api.hpp"
#include "host/http/exchange.hpp"
#include "host/http/problem.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>

namespace talon::http {

namespace {

constexpr std::size_t kCodeBytesMax = 1024;
constexpr std::size_t kTokenNameMax = 100;
constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kOverlapHoursMax = 24 * 30;
constexpr int64_t kOverlapHours = 24;

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

/// Who hands out a token acts in its owner's name: that takes the right to edit them.
Result<void> require_edit(records::Records& records, const gate::Call& call, const std::string& user) {
  TALON_TRY(const bool may_edit, records.check(call, records::Question{"edit", "user", user}));
  if (may_edit) return {};
  return denied("you may not issue tokens for others; it takes the right user.edit on them");
}

Result<std::vector<std::string>> roles_in(const Json& body) {
  const Json& narrower = body["roles"];
  if (!narrower.is_null() && (!narrower.is_array() || narrower.items().empty())) {
    return invalid("\"roles\" is a list of role names; leave it out for all of your own");
  }
  std::vector<std::string> roles;
  for (const Json& role : narrower.items()) {
    if (role.string().empty() || role.string().find(' ') != std::string_view::npos)
      return invalid("\"roles\" is a list of role names");
    roles.emplace_back(role.string());
  }
  return roles;
}

Json token_json(const identity::Issued& issued) {
  return Json::object({{"id", issued.id},
                       {"user", issued.user},
                       {"token", issued.token},
                       {"expires_at", instant(issued.expires_us)}});
}

/// What changes how somebody signs in, and a token, is for their session alone: a stolen API token must not
/// outlive itself.
Result<void> require_session(const gate::Call& call) {
  if (call.principal.session != 0) return {};
  return denied("an API token cannot do this; sign in and do it there");
}

}  // namespace

Result<Response> Api::request_password(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const Json body, body_of(context.request));
  if (!body["email"].is_string() || body["email"].string().size() > kCodeBytesMax)
    return invalid("the body is {\"email\"}");
  if (parts_.links == nullptr) return failed_precondition("no mail is sent here");
  TALON_DO(parts_.links->request(context.call, body["email"].string()));
  Response response;
  response.status = 202;
  return response;
}

Result<Response> Api::prove(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const Json body, body_of(context.request));
  const std::string_view proof = context.call.principal.has_second_factor ? "code" : "password";
  if (!body[proof].is_string() || body[proof].string().size() > kCodeBytesMax) {
    return invalid(
        context.call.principal.has_second_factor
            ? "you have a second factor, and its code is what proves: the body is {\"code\"} (talon "
              "session prove --code-file F)"
            : "the body is {\"password\"} (talon session prove --password-file F)");
  }
  TALON_DO(parts_.sessions->prove(context.call, body));
  return no_content();
}

Result<Response> Api::begin_second_factor(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_DO(require_session(context.call));
  if (parts_.second_factor == nullptr) return unavailable("second factors are not there");
  // Who has one shows it before another takes its place; who has none proves that the session is still
  // theirs.
  if (context.call.principal.missing == gate::Principal::Missing::Code) {
    return denied("show the second factor that you have first: POST /api/v1/session/proof {\"code\"}");
  }
  TALON_DO(parts_.gate->require_proof(context.call.principal, "delete", "authenticator"));
  TALON_TRY(const Json begun, parts_.second_factor->begin(context.call));
  return json_response(201, begun);
}

Result<Response> Api::confirm_second_factor(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_DO(require_session(context.call));
  TALON_TRY(const Json body, body_of(context.request));
  if (!body["code"].is_string() || body["code"].string().size() > kCodeBytesMax)
    return invalid("the body is {\"code\"}: what the app shows now");
  if (parts_.second_factor == nullptr) return unavailable("second factors are not there");
  if (context.call.principal.missing == gate::Principal::Missing::Code) {
    return denied("show the second factor that you have first: POST /api/v1/session/proof {\"code\"}");
  }
  TALON_TRY(const Json codes, parts_.second_factor->confirm(context.call, body["code"].string()));
  TALON_DO(parts_.sessions->note_proof(context.call, true));
  parts_.sessions->invalidate();
  return json_response(200, codes);
}

Result<Response> Api::recovery_codes(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_DO(require_session(context.call));
  if (parts_.second_factor == nullptr) return unavailable("second factors are not there");
  TALON_DO(parts_.gate->require_proof(context.call.principal, "delete", "authenticator"));
  TALON_TRY(const Json codes, parts_.second_factor->new_recovery_codes(context.call));
  return json_response(200, codes);
}

Result<Response> Api::issue_token(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_DO(require_session(context.call));
  TALON_TRY(const auto decision, parts_.gate->decide(context.call.principal, "issue_token", "sign_in"));
  if (decision->verdict() == gate::Decision::Verdict::Never)
    return denied("you may not issue API tokens; it takes the right sign_in.issue_token");
  TALON_DO(parts_.gate->require_proof(context.call.principal, "issue_token", "sign_in"));
  TALON_TRY(const Json body, body_of(context.request));
  const std::string own = id_text("usr", context.call.principal.user);
  const std::string user = body["user"].is_string() ? std::string(body["user"].string()) : own;
  identity::TokenRequest request;
  request.name = body["name"].string();
  if (request.name.empty() || request.name.size() > kTokenNameMax)
    return invalid("the body needs \"name\": what the token is for, in at most 100 characters");
  if (user != own) TALON_DO(require_edit(*parts_.records, context.call, user));
  TALON_TRY(request.roles, roles_in(body));
  if (body["expires_at"].is_string()) {
    TALON_TRY(const Timestamp at, Timestamp::parse(body["expires_at"].string()));
    if (at.us() <= parts_.clock->now_us()) return invalid("\"expires_at\" is in the past");
    request.expires_us = at.us();
  }
  TALON_TRY(const identity::Issued issued, parts_.sessions->issue_token(context.call, user, request));
  return json_response(201, token_json(issued));
}

Result<Response> Api::rotate_token(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const Json body, body_of(context.request));
  if (!context.call.principal.token_roles.empty())
    return denied("a token with narrower roles issues no tokens");
  const Json& hours = body["overlap_hours"];
  const int64_t overlap = hours.is_null() ? kOverlapHours : hours.integer(-1);
  if (overlap < 0 || overlap > kOverlapHoursMax)
    return invalid("\"overlap_hours\", how long the old token still holds, is a number from 0 to 720");
  TALON_TRY(
      const identity::Issued issued,
      parts_.sessions->rotate_token(context.call, context.token, context.parameters[0], overlap * kHourUs));
  return json_response(201, token_json(issued));
}

Result<Response> Api::revoke_token(Context& context) {
  TALON_DO(parts_.sessions->revoke_token(context.call, context.token, context.parameters[0]));
  return no_content();
}

}  // namespace talon::http
