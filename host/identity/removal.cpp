/// Removing a person.
#include "host/identity/removal.hpp"

#include "host/identity/store.hpp"

#include <talon/id.hpp>

namespace talon::identity {

namespace {

constexpr int kRowsAtOnce = 500;

}  // namespace

Result<ChangeSet> Removal::prepare(const gate::Call& call, int64_t user) const {
  if (records_ == nullptr) return unavailable("the host has not started yet");
  const std::string id = id_text("usr", user);
  TALON_TRY(const auto person, find_one(*records_, "user", {"version", "state"}, "id is " + id));
  if (person.empty()) return not_found("there is no such user");
  if (person[1].text() == "removed") return failed_precondition("the user was removed before");
  const int64_t now = clock_.now_us();
  const std::string of_them = "user is " + id;
  TALON_DO(sweep(call, "session", of_them + " and ended_at is empty",
                 {{"ended_at", now}, {"renewal", Value()}, {"renew_at", Value()}}));
  TALON_DO(sweep(call, "session", of_them + " and (address is not empty or agent is not empty)",
                 {{"address", Value()}, {"agent", Value()}}));
  TALON_DO(sweep(call, "token", of_them + " and revoked_at is empty", {{"revoked_at", now}}));
  TALON_DO(sweep(call, "mail", of_them + " and state is waiting",
                 {{"state", "failed"}, {"trouble", "the person was removed"}}));
  TALON_DO(sweep(call, "mail", of_them + " and (address is not empty or text is not empty)",
                 {{"address", Value()}, {"text", Value()}}));
  TALON_DO(unlink(call, id));
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
  TALON_TRY(const auto factor, find_one(*records_, "authenticator", {"id", "version"}, of_them));
  if (!factor.empty()) changes.remove("authenticator", factor[0].integer(), factor[1].integer());
  return changes;
}

Result<void> Removal::sweep(const gate::Call& call, std::string_view type, const std::string& where,
                            const ChangeSet::Fields& fields) const {
  records::QueryRequest request;
  request.type = type;
  request.fields = {"id"};
  request.where = where;
  request.limit = kRowsAtOnce;
  for (;;) {
    TALON_TRY(const auto rows, find_rows(*records_, request));
    if (rows.empty()) return {};
    ChangeSet changes;
    for (const auto& row : rows) changes.change(type, row[0].integer(), -1, fields);
    TALON_DO(write(*records_, own_call(call), changes));
  }
}

Result<void> Removal::unlink(const gate::Call& call, const std::string& user) const {
  records::QueryRequest request;
  request.type = "login_link";
  request.fields = {"id", "version"};
  request.where = "user is " + user;
  TALON_TRY(const auto links, find_rows(*records_, request));
  if (links.empty()) return {};
  ChangeSet changes;
  // The row stays, for the erasure to find what the audit log has of it.
  for (const auto& link : links) {
    changes.change("login_link", link[0].integer(), link[1].integer(),
                   {{"subject", "removed " + id_text("lgl", link[0].integer())}});
  }
  TALON_DO(write(*records_, own_call(call), changes));
  return {};
}

}  // namespace talon::identity
