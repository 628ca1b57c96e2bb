/// API tokens: issued, rotated and revoked. Sessions says who holds one.
#include "host/identity/sessions.hpp"
#include "host/identity/store.hpp"
#include "host/runtime/digest.hpp"
#include "host/runtime/log.hpp"
#include "host/runtime/random.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::identity {

namespace {

Error no_such_token() { return not_found("there is no such token"); }

/// A fresh token and the fields of its record.
Issued make_token(std::string_view user, int64_t expires_us) {
  Issued issued;
  issued.token = std::string(kApiTokenMark) + runtime::base64url(runtime::random_bytes(kTokenBytes));
  issued.user = user;
  issued.expires_us = expires_us;
  return issued;
}

}  // namespace

Result<void> Sessions::require_roles(const gate::Call& call, int64_t owner,
                                     const std::vector<std::string>& roles) {
  if (roles.empty() || parts_.gate == nullptr) return {};
  gate::Principal person;
  person.kind = gate::Principal::Kind::User;
  person.user = owner;
  TALON_TRY(const auto decision, parts_.gate->decide(person, "view", "token"));
  const std::vector<std::string>& held = decision->plan().roles;
  for (const std::string& role : roles) {
    if (std::find(held.begin(), held.end(), role) != held.end()) continue;
    const records::Records::Note note{"access", "user", owner, "token_refused",
                                      Json::object({{"role", role}, {"why", "role_not_held"}})};
    TALON_DO(parts_.records->note(call, note));
    return denied("a token has no more rights than its owner, who does not hold the role " + echoed(role));
  }
  return {};
}

Result<Issued> Sessions::issue_token(const gate::Call& call, std::string_view user,
                                     const TokenRequest& request) {
  TALON_TRY(const int64_t owner, parse_id(user, "usr"));
  TALON_DO(require_roles(call, owner, request.roles));
  const int64_t latest = parts_.clock->now_us() + parts_.token_us_max;
  if (request.expires_us > latest) {
    return invalid("a token holds at most until " + Timestamp(latest).to_string() + " (security.token)");
  }
  Issued issued = make_token(user, request.expires_us > 0 ? request.expires_us : latest);
  std::string narrower;
  for (const std::string& role : request.roles) narrower.append(narrower.empty() ? "" : " ").append(role);
  ChangeSet::Fields fields = {{"user", owner},
                              {"name", request.name},
                              {"token_hash", runtime::sha256_hex(issued.token)},
                              {"expires_at", issued.expires_us}};
  if (!narrower.empty()) fields.emplace_back("roles", narrower);
  ChangeSet changes;
  changes.create("token", fields, "t");
  changes.answer(Json::object({{"id", "@t"}}));
  TALON_TRY(const Json answer, write(*parts_.records, own_call(call), changes));
  issued.id = answer["id"].string();
  runtime::log().info("api_access.issued", {{"record", issued.id}, {"user", issued.user}});
  return issued;
}

Result<Issued> Sessions::rotate_token(const gate::Call& call, std::string_view shown, std::string_view id,
                                      int64_t overlap_us) {
  TALON_TRY(const int64_t number, parse_id(id, "tok"));
  TALON_TRY(const auto old, find_one(*parts_.records, "token",
                                     {"version", "user", "name", "roles", "created_at", "expires_at",
                                      "revoked_at", "replaced_by", "token_hash"},
                                     "id is " + id_text("tok", number)));
  if (old.empty() || old[1].integer() != call.principal.user) return no_such_token();
  if (call.principal.session == 0 && old[8].text() != runtime::sha256_hex(shown))
    return denied("an API token rotates itself alone; sign in to rotate another");
  const int64_t now = parts_.clock->now_us();
  const bool is_over = !old[6].is_null() || (old[5].integer() > 0 && old[5].integer() <= now);
  if (is_over) return failed_precondition("this token has ended; issue a new one");
  if (!old[7].is_null())
    return failed_precondition("this token was rotated before; rotate the one that replaced it");
  // As long as the old one was good for, from now on.
  const int64_t life = old[5].integer() > 0 ? old[5].integer() - old[4].integer() : parts_.token_us_max;
  Issued issued = make_token(id_text("usr", old[1].integer()), now + std::min(life, parts_.token_us_max));
  ChangeSet::Fields fields = {{"user", old[1].integer()},
                              {"name", std::string(old[2].text())},
                              {"token_hash", runtime::sha256_hex(issued.token)},
                              {"expires_at", issued.expires_us}};
  if (!old[3].is_null()) fields.emplace_back("roles", std::string(old[3].text()));
  const int64_t end = now + overlap_us;
  const int64_t old_end = old[5].integer() > 0 ? std::min(old[5].integer(), end) : end;
  ChangeSet changes;
  changes.create("token", fields, "t");
  changes.change("token", number, old[0].integer(), {{"expires_at", old_end}, {"replaced_by", "@t"}});
  changes.answer(Json::object({{"id", "@t"}}));
  TALON_TRY(const Json answer, write(*parts_.records, own_call(call), changes));
  issued.id = answer["id"].string();
  forget(id_text("tok", number));
  runtime::log().info("api_access.rotated", {{"record", issued.id}, {"replaces", id_text("tok", number)}});
  return issued;
}

Result<void> Sessions::revoke_token(const gate::Call& call, std::string_view shown, std::string_view id) {
  TALON_TRY(const int64_t number, parse_id(id, "tok"));
  TALON_TRY(const auto found,
            find_one(*parts_.records, "token", {"user", "token_hash"}, "id is " + id_text("tok", number)));
  if (found.empty() || found[0].integer() != call.principal.user) return no_such_token();
  if (!call.principal.token_roles.empty() && found[1].text() != runtime::sha256_hex(shown))
    return denied("a token with narrower roles revokes itself alone; sign in to revoke another");
  TALON_DO(change("token", number, {{"revoked_at", parts_.clock->now_us()}}, own_call(call)));
  forget(id_text("tok", number));
  return {};
}

}  // namespace talon::identity
