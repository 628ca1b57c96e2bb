/// What the built-in types' actions write.
#include "host/identity/host_actions.hpp"

#include "host/identity/store.hpp"

#include <talon/id.hpp>

namespace talon::identity {

Result<void> HostActions::require_whole_owner(const gate::Call& call, const model::RecordType& type,
                                              int64_t id) const {
  if (call.principal.token_roles.empty()) return {};
  int64_t owner = id;
  if (type.name != "user") {
    TALON_TRY(const auto row, find_one(*records_, type.name, {"user"}, "id is " + id_text(type.prefix, id)));
    if (row.empty()) return not_found("there is no such " + type.name);
    owner = row[0].integer();
  }
  if (owner != call.principal.user) return {};
  return denied(
      "a token with narrower roles takes no part in its owner's sessions and tokens; sign in for that");
}

Result<std::string> HostActions::run(const gate::Call& call, const model::RecordType& type,
                                     std::string_view id, std::string_view action, const Json& input) {
  if (type.plugin != "host") return plugins_.run(call, type, id, action, input);
  TALON_TRY(const int64_t number, parse_id(id, type.prefix));
  if (type.name == "user" && action == "send_link") {
    if (input["ask"].boolean()) {
      TALON_DO(links_.require_mail());
      return ChangeSet().text();
    }
    TALON_TRY(const ChangeSet letter, links_.prepare(number));
    return letter.text();
  }
  if (type.name == "user" && action == "remove") {
    TALON_TRY(const ChangeSet changes, removal_.prepare(number));
    return changes.text();
  }
  if (type.name == "user" && action == "disable") {
    ChangeSet changes;
    changes.change("user", number, -1, {{"state", "disabled"}, {"sessions_from", clock_.now_us()}});
    return changes.text();
  }
  const char* field = type.name == "session" && action == "end"         ? "ended_at"
                      : type.name == "token" && action == "revoke"      ? "revoked_at"
                      : type.name == "user" && action == "end_sessions" ? "sessions_from"
                                                                        : nullptr;
  if (field != nullptr) TALON_DO(require_whole_owner(call, type, number));
  if (field == nullptr) return internal("the host has no code for " + type.name + "." + std::string(action));
  ChangeSet changes;
  changes.change(type.name, number, -1, {{field, clock_.now_us()}});
  return changes.text();
}

}  // namespace talon::identity
