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
  TALON_TRY(const bool is_plugin, stands_in_log(caller, "plugin:" + name));
  return talon::invalid("the log has nothing of \"" + shown + "\". " +
                        (is_plugin ? "Did you mean \"plugin:" + shown + "\"?"
                                   : "Name a user by id (usr_…) or e-mail address, or plugin:NAME"));
}

Result<void> judge_principals(const Records& caller, const talon::expression::Expression& where) {
  using talon::expression::Expression;
  using talon::expression::Operand;
  using talon::expression::Operator;
  for (const Expression& child : where.children) TALON_DO(judge_principals(caller, child));
  if (where.kind != Expression::Kind::Compare) return {};
  if (where.path != "principal" && where.path != "on_behalf_of") return {};
  std::vector<std::string> names;
  if (where.op == Operator::Is && where.operand.kind == Operand::Kind::Literal)
    names = {where.operand.text};
  else if (where.op == Operator::In)
    names = where.operand.texts;
  for (const std::string& name : names) {
    TALON_TRY(const std::string principal, principal_named(caller, name));
    if (principal != name)
      return talon::invalid("entries name " + std::string(talon::harmless(name, 80)) + " as " + principal +
                            ": write " + where.path + " is " + principal);
  }
  return {};
}

}  // namespace audit
