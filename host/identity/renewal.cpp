/// Sessions of people whom others vouch for: the plugin that signed them in is asked again from time to time.
#include "host/identity/sessions.hpp"
#include "host/identity/store.hpp"
#include "host/runtime/log.hpp"

#include <talon/id.hpp>

namespace talon::identity {

namespace {

// While its provider cannot be asked, a session goes on until its own end and the question is put this often.
constexpr int64_t kAgainUs = 60'000'000;

std::string renewal_place(int64_t user) { return "session.renewal/" + id_text("usr", user); }

}  // namespace

void Sessions::add_claim(const Claim& claim, int64_t user, int64_t now_us, ChangeSet::Fields& fields) const {
  fields.emplace_back("via", claim.plugin);
  if (claim.renew_us <= 0 || claim.kept.empty() || parts_.sealer == nullptr) return;
  fields.emplace_back("renew_at", now_us + claim.renew_us);
  fields.emplace_back("renewal", parts_.sealer->seal(claim.kept, renewal_place(user)));
}

Result<void> Sessions::renew(const Holder& holder, int64_t now_us) {
  if (parts_.claims == nullptr || parts_.sealer == nullptr || !parts_.login) return {};
  const int64_t user = holder.principal.user;
  TALON_TRY(const int64_t session, parse_id(holder.record, "ses"));
  TALON_TRY(const auto row,
            find_one(*parts_.records, "session", {"via", "renewal"}, "id is " + holder.record));
  if (row.empty()) return nobody_signed_in();
  // One of the requests that come now asks, on whichever host: a provider's token may be good for once.
  ChangeSet turn;
  turn.change("session", session, holder.version, {{"renew_at", now_us + kAgainUs}});
  const auto taken = write(*parts_.records, own_call(), turn);
  if (!taken && taken.error().code == Code::Aborted) return {};
  if (!taken) return taken.error();
  const auto kept = parts_.sealer->open(row[1].text(), renewal_place(user));
  if (!kept) return end_refused(holder, kept.error());
  const auto answer = parts_.login(row[0].text(), Json::object({{"step", "renew"}, {"kept", *kept}}));
  if (!answer) return end_refused(holder, answer.error());
  TALON_TRY(const Claim claim, read_claim(*answer));
  const auto still = parts_.claims->user_of(claim, own_call());
  if (!still) return end_refused(holder, still.error());
  if (*still != user) return end_refused(holder, refusal(claim, id_text("usr", user), "another_person"));
  ChangeSet::Fields fields;
  add_claim(claim, user, now_us, fields);
  runtime::log().info("session.renewed", {{"session", holder.record}, {"plugin", claim.plugin}});
  return change("session", session, fields, own_call());
}

Result<void> Sessions::end_refused(const Holder& holder, Error error) {
  if (error.code != Code::Unauthenticated && error.code != Code::DataLoss) {
    runtime::log().warn("session.not_renewed", {{"session", holder.record}, {"reason", error.message}});
    return {};
  }
  TALON_TRY(const int64_t session, parse_id(holder.record, "ses"));
  TALON_DO(
      change("session", session, {{"ended_at", parts_.clock->now_us()}, {"renewal", Value()}}, own_call()));
  auto why = Json::parse(error.details);
  Json content = why && why->is_object() ? *std::move(why) : Json::object();
  content.set("session", holder.record);
  if (content["user"].string().empty()) content.set("user", id_text("usr", holder.principal.user));
  note_refusal("session_renewal_refused", std::move(content), own_call());
  forget(holder.record);
  return nobody_signed_in();
}

}  // namespace talon::identity
