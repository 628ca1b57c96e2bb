/// Signing in: by password, by a second factor beside it, by others; and its refusals.
#include "host/identity/sessions.hpp"
#include "host/identity/store.hpp"
#include "host/runtime/log.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

namespace talon::identity {

Result<Issued> Sessions::sign_in(const Json& credentials, const gate::Call& call) {
  // Steps of a sign-in by others are the host's to ask for, with what it kept sealed.
  if (credentials.find("step") != nullptr) return invalid("there is no \"step\" in credentials");
  const std::string account = lower_case(credentials["email"].string());
  TALON_DO(wait_for_turn(account, credentials["language"].string(), call));
  int64_t checked = parts_.clock->now_us();
  auto verified = parts_.verify(credentials);
  if (!verified) return refused(std::move(verified).error(), call);
  auto named = read_answer(*verified, call);
  if (!named) return refused(std::move(named).error(), call);
  const int64_t user = named->user;
  if (auto active = require_active(user, 0); !active) return refused(std::move(active).error(), call);
  // Taking a link up is itself what ends the sessions before it.
  if (!credentials["code"].string().empty()) checked = parts_.clock->now_us();
  const std::string_view code = credentials["second_factor"].string();
  if (!code.empty() && parts_.second_factor != nullptr) {
    TALON_DO(parts_.second_factor->show(call, user, code));
  }
  attempts_.succeeded(account, call.address);
  return begin(user, call,
               {.checked_us = checked,
                .agent = credentials["agent"].string(),
                .has_shown_second_factor = !code.empty(),
                .claim = named->claim ? &*named->claim : nullptr});
}

Result<Issued> Sessions::sign_in_by(const Claim& claim, const gate::Call& call, std::string_view agent,
                                    std::string_view visit_hash) {
  if (parts_.claims == nullptr) return unavailable("nobody signs in by others here");
  const int64_t checked = parts_.clock->now_us();
  const auto user = parts_.claims->user_of(claim, call);
  if (!user) return refused(user.error(), call);
  if (!require_active(*user, 0)) return refused(refusal(claim, id_text("usr", *user), "not_active"), call);
  auto issued =
      begin(*user, call, {.checked_us = checked, .agent = agent, .claim = &claim, .visit_hash = visit_hash});
  if (issued || issued.error().code != Code::AlreadyExists) return issued;
  return refused(refusal(claim, id_text("usr", *user), "state_replayed"), call);
}

Result<Sessions::Named> Sessions::read_answer(const std::string& answer, const gate::Call& call) {
  Named named;
  if (!answer.starts_with('{')) {
    TALON_TRY(named.user, parse_id(answer, "usr"));
    return named;
  }
  if (parts_.claims == nullptr) return unavailable("nobody signs in by others here");
  TALON_TRY(const Json json, Json::parse(answer));
  TALON_TRY(named.claim, read_claim(json));
  TALON_TRY(named.user, parts_.claims->user_of(*named.claim, call));
  return named;
}

Result<void> Sessions::prove(const gate::Call& call, const Json& proof) {
  if (call.principal.session == 0)
    return failed_precondition("an API token has no session to prove anything in");
  const int64_t user = call.principal.user;
  const std::string_view code = proof["code"].string();
  const bool has_second_factor = call.principal.has_second_factor;
  if (has_second_factor) {
    TALON_DO(parts_.second_factor->show(call, user, code));
  } else {
    TALON_TRY(const auto person,
              find_one(*parts_.records, "user", {"email", "language"}, "id is " + id_text("usr", user)));
    if (person.empty()) return nobody_signed_in();
    const std::string account = lower_case(person[0].text());
    TALON_DO(wait_for_turn(account, person[1].text(), call));
    const auto verified =
        parts_.verify(Json::object({{"email", account}, {"password", proof["password"].string()}}));
    auto named = verified ? read_answer(*verified, call) : Result<Named>(verified.error());
    if (named && named->user != user) named = nobody_signed_in();
    if (!named) return refused(std::move(named).error(), call);
    attempts_.succeeded(account, call.address);
  }
  return note_proof(call, has_second_factor);
}

Result<void> Sessions::wait_for_turn(const std::string& account, std::string_view language,
                                     const gate::Call& call) {
  const Attempts::Verdict verdict = attempts_.take(account, call.address, parts_.clock->now_us());
  if (verdict.wait_us == 0) return {};
  const int64_t seconds = (verdict.wait_us + kSecondUs - 1) / kSecondUs;
  runtime::log().warn("session.throttled", {{"address", call.address}});
  if (verdict.is_worth_note) note_refusal("sign_in_throttled", Json::object(), call);
  const Phrase phrase{"too many attempts to sign in; try again in " + std::to_string(seconds) + " s",
                      "trop de tentatives de connexion ; réessayez dans " + std::to_string(seconds) + " s"};
  return Error{Code::ResourceExhausted, phrase.in(language),
               Json::object({{"retry_after_s", seconds}}).to_string()};
}

Error Sessions::refused(Error error, const gate::Call& call) {
  if (error.code != Code::Unauthenticated) return error;
  runtime::log().warn("session.refused", {{"address", call.address}, {"request_id", call.request_id}});
  // What the login plugin knows goes into the audit log and never into the answer.
  auto why = Json::parse(error.details);
  note_refusal("sign_in_refused", why && why->is_object() ? *std::move(why) : Json::object(), call);
  error.details.clear();
  return error;
}

void Sessions::note_refusal(std::string_view action, Json content, const gate::Call& call) {
  const auto user = parse_id(content["user"].string(), "usr");
  const records::Records::Note note{"access", "user", user ? *user : 0, std::string(action),
                                    std::move(content)};
  if (auto noted = parts_.records->note(call, note); !noted) {
    runtime::log().error("session.refusal_not_noted", {{"reason", noted.error().message}});
  }
}

}  // namespace talon::identity
