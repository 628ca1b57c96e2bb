/// Sessions and API tokens: who a request comes from.
#include "host/identity/sessions.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/log.hpp"
#include "host/runtime/random.hpp"

#include <talon/changeset.hpp>
#include <talon/id.hpp>

#include <algorithm>

namespace talon::identity {

namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::string_view kApiTokenMark = "talon_";  // so that scanners for leaked secrets know it
constexpr std::size_t kHoldersMax = 4096;             // per shard
constexpr std::size_t kKnownMax = 100'000;
constexpr int64_t kSecondUs = 1'000'000;
// So late at most another host learns that a session was ended or a user disabled, should the epoch not tell.
constexpr int64_t kKeptUs = kSecondUs;

gate::Call own_call() {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  call.channel = "identity";
  return call;
}

Error nobody() {
  return {Code::Unauthenticated, "sign in first: the session or token is not valid (any more)"};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Reads one record of a type by a condition. @return empty: there is none.
Result<std::vector<Value>> find_one(records::Records& records, std::string_view type,
                                    std::vector<std::string> fields, std::string where) {
  records::QueryRequest request;
  request.type = type;
  request.fields = std::move(fields);
  request.where = std::move(where);
  request.limit = 1;
  std::vector<Value> found;
  records::QuerySink sink;
  sink.columns = [](const std::vector<records::Column>&) -> Result<void> { return {}; };
  sink.row = [&](Row row) -> Result<void> {
    for (const Cell& cell : row) found.emplace_back(cell);
    return {};
  };
  TALON_TRY(const records::PageEnd end, records.query(own_call(), request, sink));
  static_cast<void>(end);
  return found;
}

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
    : parts_(std::move(parts)),
      pairs_({5, 30 * kSecondUs}),
      addresses_({50, 3 * kSecondUs}),
      accounts_({100, 30 * kSecondUs}) {}

int64_t Sessions::wait_for_attempt(const std::string& account, const std::string& address, int64_t now_us) {
  const std::string pair = account + "\n" + address;
  if (const int64_t wait = addresses_.take(address, now_us); wait > 0) return wait;
  if (const int64_t wait = pairs_.take(pair, now_us); wait > 0) return wait;
  {
    const std::lock_guard lock(known_mutex_);
    if (known_.contains(pair)) return 0;
  }
  return accounts_.take(account, now_us);
}

void Sessions::remember(const std::string& pair) {
  const std::lock_guard lock(known_mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert(pair);
}

Result<Issued> Sessions::sign_in(const Json& credentials, std::string_view address,
                                 std::string_view request_id) {
  const int64_t now = parts_.clock->now_us();
  const std::string account = lower(credentials["email"].string());
  const std::string from(address);
  if (const int64_t wait = wait_for_attempt(account, from, now); wait > 0) {
    const int64_t seconds = (wait + kSecondUs - 1) / kSecondUs;
    runtime::log().warn("session.throttled", {{"address", address}});
    return Error{Code::ResourceExhausted,
                 "too many attempts to sign in; try again in " + std::to_string(seconds) + " s",
                 Json::object({{"retry_after_s", seconds}}).to_string()};
  }
  auto verified = parts_.verify(credentials);
  if (!verified) {
    if (verified.error().code == Code::Unauthenticated) {
      runtime::log().warn("session.refused", {{"address", address}, {"request_id", request_id}});
    }
    return std::move(verified).error();
  }
  TALON_TRY(const int64_t user, parse_id(*verified, "usr"));
  TALON_DO(require_active(user));
  pairs_.forget(account + "\n" + from);
  remember(account + "\n" + from);

  Issued issued;
  issued.token = runtime::base64url(runtime::random_bytes(kTokenBytes));
  issued.user = *verified;
  issued.expires_us = now + parts_.times.absolute_us;
  ChangeSet changes;
  changes.create("session",
                 {{"user", user},
                  {"token_hash", runtime::sha256_hex(issued.token)},
                  {"last_seen_at", now},
                  {"expires_at", issued.expires_us},
                  {"address", from}},
                 "s");
  changes.answer(Json::object({{"id", "@s"}}));
  TALON_TRY(const Json answer, parts_.records->apply(own_call(), changes.json(), storage::Lane::Interactive));
  issued.id = answer["id"].string();
  runtime::log().info("session.begun", {{"session", issued.id}, {"user", issued.user}, {"address", address}});
  return issued;
}

Result<void> Sessions::require_active(int64_t user) {
  TALON_TRY(const auto found, find_one(*parts_.records, "user", {"state"}, "id is " + id_text("usr", user)));
  if (!found.empty() && found[0].text() == "active") return {};
  return nobody();
}

Result<void> Sessions::sign_out(const gate::Call& call) {
  if (call.principal.session == 0) {
    return failed_precondition("there is no session to end: API tokens are revoked, not signed out");
  }
  const std::string id = id_text("ses", call.principal.session);
  TALON_TRY(const auto found, find_one(*parts_.records, "session", {"version"}, "id is " + id));
  if (found.empty())
    return failed_precondition("there is no session to end: API tokens are revoked, not signed out");
  ChangeSet changes;
  changes.change("session", call.principal.session, found[0].integer(),
                 {{"ended_at", parts_.clock->now_us()}});
  TALON_TRY(const Json answer, parts_.records->apply(own_call(), changes.json(), storage::Lane::Interactive));
  static_cast<void>(answer);
  forget(id);
  runtime::log().info("session.ended", {{"session", id}});
  return {};
}

Result<Issued> Sessions::issue_token(const gate::Call& call, std::string_view user, std::string_view name,
                                     const std::vector<std::string>& roles, int64_t expires_us) {
  TALON_TRY(const int64_t owner, parse_id(user, "usr"));
  Issued issued;
  issued.token = std::string(kApiTokenMark) + runtime::base64url(runtime::random_bytes(kTokenBytes));
  issued.user = user;
  issued.expires_us = expires_us;
  std::string narrower;
  for (const std::string& role : roles) narrower.append(narrower.empty() ? "" : " ").append(role);
  ChangeSet::Fields fields = {
      {"user", owner}, {"name", name}, {"token_hash", runtime::sha256_hex(issued.token)}};
  if (!narrower.empty()) fields.emplace_back("roles", narrower);
  if (expires_us > 0) fields.emplace_back("expires_at", expires_us);
  ChangeSet changes;
  changes.create("token", fields, "t");
  changes.answer(Json::object({{"id", "@t"}}));
  gate::Call own = own_call();
  own.reason = "issued for " + call.principal.name();
  own.request_id = call.request_id;
  TALON_TRY(const Json answer, parts_.records->apply(own, changes.json(), storage::Lane::Interactive));
  issued.id = answer["id"].string();
  runtime::log().info("api_access.issued", {{"record", issued.id}, {"user", issued.user}});
  return issued;
}

Result<void> Sessions::revoke_token(const gate::Call& call, std::string_view id) {
  TALON_TRY(const int64_t number, parse_id(id, "tok"));
  TALON_TRY(const auto found,
            find_one(*parts_.records, "token", {"version", "user"}, "id is " + std::string(id)));
  if (found.empty() || found[1].integer() != call.principal.user) return not_found("you have no such token");
  ChangeSet changes;
  changes.change("token", number, found[0].integer(), {{"revoked_at", parts_.clock->now_us()}});
  TALON_TRY(const Json answer, parts_.records->apply(own_call(), changes.json(), storage::Lane::Interactive));
  static_cast<void>(answer);
  forget(id);
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

Result<gate::Principal> Sessions::principal_of(std::string_view token) {
  if (token.size() < 40 || token.size() > 100) return nobody();
  const std::string hash = runtime::sha256(token);
  const int64_t now = parts_.clock->now_us();
  const uint64_t epoch = epoch_.load();
  Shard& shard = shard_of(hash);
  {
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.holders.find(hash);
    if (found != shard.holders.end() && found->second.epoch == epoch) {
      if (is_over(found->second, now)) return nobody();
      if (now - found->second.loaded_us < kKeptUs) return found->second.principal;
    }
  }
  const std::string hex = runtime::hex(hash);
  TALON_TRY(Holder holder, token.starts_with(kApiTokenMark) ? load_token(hex) : load_session(hex));
  if (is_over(holder, now)) return nobody();
  TALON_DO(require_active(holder.principal.user));
  holder.loaded_us = now;
  holder.epoch = epoch;  // read before the database was: a change meanwhile makes this one stale at once
  if (now - holder.seen_us >= parts_.times.touch_us) {
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
  TALON_TRY(const auto found,
            find_one(*parts_.records, "session", {"id", "user", "expires_at", "last_seen_at", "ended_at"},
                     "token_hash is \"" + hash + "\""));
  if (found.empty() || !found[4].is_null()) return nobody();
  Holder holder;
  holder.record = id_text("ses", found[0].integer());
  holder.principal.kind = gate::Principal::Kind::User;
  holder.principal.user = found[1].integer();
  holder.principal.session = found[0].integer();
  holder.expires_us = found[2].integer();
  holder.seen_us = found[3].integer();
  return holder;
}

Result<Sessions::Holder> Sessions::load_token(const std::string& hash) {
  TALON_TRY(const auto found, find_one(*parts_.records, "token",
                                       {"id", "user", "expires_at", "last_used_at", "revoked_at", "roles"},
                                       "token_hash is \"" + hash + "\""));
  if (found.empty() || !found[4].is_null()) return nobody();
  Holder holder;
  holder.record = id_text("tok", found[0].integer());
  holder.is_session = false;
  holder.principal.kind = gate::Principal::Kind::User;
  holder.principal.user = found[1].integer();
  holder.principal.token_roles = words(found[5].text());
  holder.expires_us = found[2].integer();
  holder.seen_us = found[3].integer();
  return holder;
}

Result<void> Sessions::touch(const Holder& holder, int64_t now_us) {
  const std::string type = holder.is_session ? "session" : "token";
  TALON_TRY(const int64_t id, parse_id(holder.record));
  TALON_TRY(const auto found, find_one(*parts_.records, type, {"version"}, "id is " + holder.record));
  if (found.empty()) return nobody();
  ChangeSet changes;
  changes.change(type, id, found[0].integer(),
                 {{holder.is_session ? "last_seen_at" : "last_used_at", now_us}});
  TALON_TRY(const Json answer, parts_.records->apply(own_call(), changes.json(), storage::Lane::Batch));
  static_cast<void>(answer);
  return {};
}

}  // namespace talon::identity
