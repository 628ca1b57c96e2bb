/// Sessions and API tokens: who a request comes from.
#include "host/identity/sessions.hpp"

#include "host/identity/store.hpp"
#include "host/runtime/digest.hpp"
#include "host/runtime/log.hpp"
#include "host/runtime/random.hpp"

#include <talon/changeset.hpp>
#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::identity {

namespace {

constexpr std::size_t kHoldersMax = 4096;  // per shard
constexpr std::size_t kAgentBytesMax = 200;
constexpr std::size_t kAddressBytesMax = 254;  // RFC 5321
// So late at most another host learns that a session was ended or a user disabled, should the epoch not tell.
constexpr int64_t kKeptUs = kSecondUs;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Sessions::Sessions(Parts parts)
    : parts_(std::move(parts)), attempts_([this](const std::string& account, const std::string& address) {
        // The database is asked for what can be somebody's address alone.
        if (account.size() > kAddressBytesMax || std::count(account.begin(), account.end(), '@') != 1)
          return false;
        const auto found =
            find_one(*parts_.records, "session", {"id"},
                     "user.email is " + text_literal(account) + " and address is " + text_literal(address));
        return found && !found->empty();
      }) {}

Result<Issued> Sessions::begin(int64_t user, const gate::Call& call, const Beginning& how) {
  const int64_t now = parts_.clock->now_us();
  TALON_TRY(const Standing standing, standing_of(user));
  Issued issued;
  issued.token = runtime::base64url(runtime::random_bytes(kTokenBytes));
  issued.user = id_text("usr", user);
  issued.expires_us = now + parts_.times.absolute_us;
  if (how.claim != nullptr && how.claim->session_us > 0)
    issued.expires_us = std::min(issued.expires_us, now + how.claim->session_us);
  issued.missing = missing_of(standing, how.has_shown_second_factor);
  ChangeSet::Fields fields = {{"user", user},
                              {"token_hash", runtime::sha256_hex(issued.token)},
                              {"last_seen_at", now},
                              {"expires_at", issued.expires_us},
                              {"address", call.address}};
  if (!how.agent.empty()) fields.emplace_back("agent", how.agent.substr(0, kAgentBytesMax));
  if (how.has_shown_second_factor) fields.emplace_back("second_factor_at", now);
  // Somebody whom a provider let through without asking has not shown just now who they are.
  const int64_t proved = how.claim != nullptr ? std::min(how.claim->proved_us, now) : now;
  if (how.has_shown_second_factor)
    fields.emplace_back("proved_at", now);
  else if (!standing.has_second_factor && proved > 0)
    fields.emplace_back("proved_at", proved);
  if (how.claim != nullptr) add_claim(*how.claim, user, now, fields);
  if (!how.visit_hash.empty()) fields.emplace_back("visit_hash", how.visit_hash);
  ChangeSet changes;
  // A new password, or an end to all sessions, that came while this one was being checked ends it too.
  changes.guard("user", user,
                "state is active and (sessions_from is empty or sessions_from <= " +
                    Timestamp(how.checked_us).to_string() + ")");
  changes.create("session", fields, "s");
  changes.answer(Json::object({{"id", "@s"}}));
  const auto answer = write(*parts_.records, own_call(call), changes);
  if (!answer && answer.error().code == Code::Aborted) return refused(nobody_signed_in(), call);
  if (!answer) return answer.error();
  issued.id = (*answer)["id"].string();
  runtime::log().info("session.begun",
                      {{"session", issued.id}, {"user", issued.user}, {"address", call.address}});
  return issued;
}

Result<void> Sessions::note_proof(const gate::Call& call, bool is_second_factor) {
  if (call.principal.session == 0) return {};
  const int64_t now = parts_.clock->now_us();
  ChangeSet::Fields fields = {{"proved_at", now}};
  if (is_second_factor) fields.emplace_back("second_factor_at", now);
  TALON_DO(change("session", call.principal.session, fields, own_call(call)));
  forget(id_text("ses", call.principal.session));
  return {};
}

Result<void> Sessions::require_active(int64_t user, int64_t begun_us) {
  TALON_TRY(const auto found,
            find_one(*parts_.records, "user", {"state", "sessions_from"}, "id is " + id_text("usr", user)));
  if (found.empty() || found[0].text() != "active") return nobody_signed_in();
  if (begun_us > 0 && begun_us < found[1].integer()) return nobody_signed_in();
  return {};
}

Result<Sessions::Standing> Sessions::standing_of(int64_t user) {
  Standing standing;
  if (parts_.second_factor != nullptr) {
    TALON_TRY(standing.has_second_factor, parts_.second_factor->is_set_up(user));
  }
  if (parts_.gate == nullptr || standing.has_second_factor) return standing;
  gate::Principal person;
  person.kind = gate::Principal::Kind::User;
  person.user = user;
  TALON_TRY(const auto decision, parts_.gate->decide(person, "without_second_factor", "sign_in"));
  standing.needs_second_factor = decision->verdict() == gate::Decision::Verdict::Never;
  return standing;
}

gate::Principal::Missing Sessions::missing_of(const Standing& standing, bool has_shown_second_factor) {
  using Missing = gate::Principal::Missing;
  if (standing.has_second_factor) return has_shown_second_factor ? Missing::Nothing : Missing::Code;
  return standing.needs_second_factor ? Missing::Enrolment : Missing::Nothing;
}

Result<void> Sessions::change(std::string_view type, int64_t id, const ChangeSet::Fields& fields,
                              const gate::Call& call, storage::Lane lane) {
  ChangeSet changes;
  changes.change(type, id, -1, fields);
  TALON_DO(write(*parts_.records, call, changes, lane));
  return {};
}

Result<void> Sessions::sign_out(const gate::Call& call) {
  if (call.principal.session == 0) {
    return failed_precondition("there is no session to end: API tokens are revoked, not signed out");
  }
  TALON_DO(change("session", call.principal.session, {{"ended_at", parts_.clock->now_us()}}, own_call(call)));
  const std::string id = id_text("ses", call.principal.session);
  forget(id);
  runtime::log().info("session.ended", {{"session", id}});
  return {};
}

void Sessions::forget(std::string_view record) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    std::erase_if(shard.holders, [record](const auto& entry) { return entry.second.record == record; });
  }
}

Sessions::Shard& Sessions::shard_of(const std::string& hash) {
  return shards_[std::hash<std::string>()(hash) % shards_.size()];
}

bool Sessions::is_over(const Holder& holder, int64_t now_us) const {
  if (holder.expires_us > 0 && now_us >= holder.expires_us) return true;
  return holder.is_session && now_us - holder.seen_us > parts_.times.idle_us;
}

Result<gate::Principal> Sessions::principal_of(std::string_view token, Use use) {
  if (token.size() < 40 || token.size() > 100) return nobody_signed_in();
  const std::string hash = runtime::sha256(token);
  const int64_t now = parts_.clock->now_us();
  const uint64_t epoch = epoch_.load();
  Shard& shard = shard_of(hash);
  {
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.holders.find(hash);
    if (found != shard.holders.end() && found->second.epoch == epoch) {
      if (is_over(found->second, now)) return nobody_signed_in();
      const bool is_due = use == Use::Yes && now - found->second.seen_us >= parts_.times.touch_us;
      if (now - found->second.loaded_us < kKeptUs && !is_due) return found->second.principal;
    }
  }
  const std::string hex = runtime::hex(hash);
  TALON_TRY(Holder holder, token.starts_with(kApiTokenMark) ? load_token(hex) : load_session(hex));
  if (is_over(holder, now)) return nobody_signed_in();
  TALON_DO(require_active(holder.principal.user, holder.begun_us));
  if (holder.renew_us > 0 && now >= holder.renew_us) TALON_DO(renew(holder, now));
  TALON_TRY(const Standing standing, standing_of(holder.principal.user));
  // An API token was issued by somebody who had shown their second factor; they must still have one.
  holder.principal.missing = missing_of(standing, holder.has_shown_second_factor || !holder.is_session);
  holder.principal.has_second_factor = standing.has_second_factor;
  holder.loaded_us = now;
  holder.epoch = epoch;  // read before the database was: a change meanwhile makes this one stale at once
  if (use == Use::Yes && now - holder.seen_us >= parts_.times.touch_us) {
    if (auto touched = touch(holder, now); !touched) {
      runtime::log().warn("session.use_not_noted",
                          {{"record", holder.record}, {"reason", touched.error().message}});
    }
    holder.seen_us = now;
  }
  const std::lock_guard lock(shard.mutex);
  if (shard.holders.size() >= kHoldersMax) shard.holders.clear();
  shard.holders[hash] = holder;
  return holder.principal;
}

Result<Sessions::Holder> Sessions::load_session(const std::string& hash) {
  TALON_TRY(const auto found, find_one(*parts_.records, "session",
                                       {"id", "user", "expires_at", "last_seen_at", "ended_at", "created_at",
                                        "second_factor_at", "proved_at", "renew_at", "version"},
                                       "token_hash is \"" + hash + "\""));
  if (found.empty() || !found[4].is_null()) return nobody_signed_in();
  Holder holder;
  holder.record = id_text("ses", found[0].integer());
  holder.principal.kind = gate::Principal::Kind::User;
  holder.principal.user = found[1].integer();
  holder.principal.session = found[0].integer();
  holder.principal.proved_us = found[7].integer();
  holder.expires_us = found[2].integer();
  holder.seen_us = found[3].integer();
  holder.begun_us = found[5].integer();
  holder.has_shown_second_factor = !found[6].is_null();
  holder.renew_us = found[8].integer();
  holder.version = found[9].integer();
  return holder;
}

Result<Sessions::Holder> Sessions::load_token(const std::string& hash) {
  TALON_TRY(const auto found,
            find_one(*parts_.records, "token",
                     {"id", "user", "expires_at", "last_used_at", "revoked_at", "roles", "created_at"},
                     "token_hash is \"" + hash + "\""));
  if (found.empty() || !found[4].is_null()) return nobody_signed_in();
  Holder holder;
  holder.record = id_text("tok", found[0].integer());
  holder.is_session = false;
  holder.principal.kind = gate::Principal::Kind::User;
  holder.principal.user = found[1].integer();
  holder.principal.token_roles = words(found[5].text());
  holder.begun_us = found[6].integer();
  holder.expires_us = found[2].integer();
  holder.seen_us = found[3].integer();
  return holder;
}

Result<void> Sessions::touch(const Holder& holder, int64_t now_us) {
  TALON_TRY(const int64_t id, parse_id(holder.record));
  const char* type = holder.is_session ? "session" : "token";
  return change(type, id, {{holder.is_session ? "last_seen_at" : "last_used_at", now_us}}, own_call(),
                storage::Lane::Batch);
}

}  // namespace talon::identity
