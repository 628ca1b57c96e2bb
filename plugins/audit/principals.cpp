/// Whom a question about the log names.
#include "principals.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

namespace audit {

namespace {

using talon::Query;
using talon::Records;
using talon::Result;

Result<bool> stands_in_log(const Records& caller, std::string_view principal) {
  const std::string name = talon::text_literal(principal);
  const Query one{
      "audit_entry", {"id"}, "principal is " + name + " or on_behalf_of is " + name, {}, {}, {}, 1};
  TALON_TRY(const auto found, caller.query(one));
  return !found.empty();
}

}  // namespace

Result<std::string> principal_named(const Records& caller, std::string_view text) {
  const std::string shown(talon::harmless(text, 80));
  if (text.find('@') != std::string_view::npos) {
    const Query one{"user", {"id"}, "email is " + talon::text_literal(talon::lower_case(text)), {}, {},
                    {},     1};
    TALON_TRY(const auto found, caller.query(one));
    if (!found.empty()) return talon::id_text("usr", found.front().integer("id"));
    return talon::not_found("there is no user " + shown +
                            " that you may see; somebody removed has no address "
                            "any more: give their id (usr_…)");
  }
  const auto user = talon::parse_id(text, "usr");  // which may be written in several ways
  const std::string name = user ? talon::id_text("usr", *user) : std::string(text);
  if (user && caller.get("user", name, {"id"})) return name;
  TALON_TRY(const bool is_known, stands_in_log(caller, name));
  if (is_known) return name;
  if (user) return talon::not_found("there is no user " + shown + ", and the log names none");
  return talon::invalid("the log has nothing of \"" + shown +
                        "\"; name a user by id (usr_…) or e-mail address, or plugin:NAME");
}

}  // namespace audit
