/// Removing a person.
#include "host/identity/removal.hpp"

#include "host/identity/store.hpp"

#include <talon/id.hpp>

#include <utility>

namespace talon::identity {

Result<ChangeSet> Removal::prepare(int64_t user) const {
  if (records_ == nullptr) return unavailable("the host has not started yet");
  const std::string id = id_text("usr", user);
  TALON_TRY(const auto person, find_one(*records_, "user", {"version", "state"}, "id is " + id));
  if (person.empty()) return not_found("there is no such user");
  if (person[1].text() == "removed") return failed_precondition("the user was removed before");
  const int64_t now = clock_.now_us();
  ChangeSet changes;
  changes
      .change("user", user, person[0].integer(),
              {{"state", "removed"},
               {"name", "—"},
               {"email", id + "@removed.invalid"},  // RFC 2606: nobody's, for ever
               {"password_hash", Value()},
               {"invitation_hash", Value()},
               {"invitation_expires_at", Value()},
               {"sessions_from", now}})
      .set("lists", Json::object({{"roles", Json::array()}, {"facts", Json::array()}}));
  TALON_DO(add_rest("user is " + id, changes));
  return changes;
}

Result<void> Removal::finish() const {
  if (records_ == nullptr) return unavailable("the host has not started yet");
  ChangeSet changes;
  TALON_DO(add_rest("user.state is removed", changes));
  if (changes.json()["operations"].items().empty()) return {};
  TALON_DO(write(*records_, own_call(), changes));
  return {};
}

Result<void> Removal::add_rest(const std::string& whose, ChangeSet& changes) const {
  const int64_t now = clock_.now_us();
  TALON_DO(end_sessions(whose, now, changes));
  TALON_DO(revoke_tokens(whose, now, changes));
  TALON_DO(empty_letters(whose, changes));
  TALON_DO(unlink(whose, changes));
  TALON_TRY(const auto factors, rows_of(whose, "authenticator", {"id", "version"}, {}));
  for (const auto& factor : factors)
    changes.remove("authenticator", factor[0].integer(), factor[1].integer());
  return {};
}

// Sessions and tokens are noted as used at any moment, which is no reason to begin anew: without a version.

Result<void> Removal::end_sessions(const std::string& whose, int64_t now_us, ChangeSet& changes) const {
  TALON_TRY(const auto sessions, rows_of(whose, "session", {"id", "ended_at"},
                                         "ended_at is empty or address is not empty or agent is not empty"));
  for (const auto& session : sessions) {
    ChangeSet::Fields fields = {
        {"address", Value()}, {"agent", Value()}, {"renewal", Value()}, {"renew_at", Value()}};
    if (session[1].is_null()) fields.emplace_back("ended_at", now_us);
    changes.change("session", session[0].integer(), -1, fields);
  }
  return {};
}

Result<void> Removal::revoke_tokens(const std::string& whose, int64_t now_us, ChangeSet& changes) const {
  TALON_TRY(const auto tokens, rows_of(whose, "token", {"id"}, "revoked_at is empty"));
  for (const auto& token : tokens) changes.change("token", token[0].integer(), -1, {{"revoked_at", now_us}});
  return {};
}

Result<void> Removal::empty_letters(const std::string& whose, ChangeSet& changes) const {
  TALON_TRY(const auto letters, rows_of(whose, "mail", {"id", "version", "state"},
                                        "state is waiting or address is not empty or subject is not empty or "
                                        "text is not empty"));
  for (const auto& letter : letters) {
    ChangeSet::Fields fields = {{"address", Value()}, {"subject", Value()}, {"text", Value()}};
    const bool is_waiting = letter[2].text() == "waiting";
    if (is_waiting) fields.emplace_back("state", "failed");
    fields.emplace_back("trouble", is_waiting ? Value("the person was removed") : Value());
    changes.change("mail", letter[0].integer(), letter[1].integer(), fields);
  }
  return {};
}

Result<void> Removal::unlink(const std::string& whose, ChangeSet& changes) const {
  TALON_TRY(const auto links, rows_of(whose, "login_link", {"id", "version", "subject"}, {}));
  // The row stays, for the erasure to find what the audit log has of it.
  for (const auto& link : links) {
    const std::string nobody = "removed " + id_text("lgl", link[0].integer());
    if (link[2].text() == nobody) continue;
    changes.change("login_link", link[0].integer(), link[1].integer(), {{"subject", nobody}});
  }
  return {};
}

Result<std::vector<std::vector<Value>>> Removal::rows_of(const std::string& whose, std::string_view type,
                                                         std::vector<std::string> fields,
                                                         const std::string& where) const {
  records::QueryRequest request;
  request.type = type;
  request.fields = std::move(fields);
  request.where = whose + (where.empty() ? "" : " and (" + where + ")");
  return find_rows(*records_, request);
}

}  // namespace talon::identity
