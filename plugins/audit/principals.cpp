/// Whom a question about the log names.
#include "principals.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <map>

namespace audit {

namespace {

using talon::Query;
using talon::Records;
using talon::Result;
using talon::expression::Expression;
using talon::expression::Operand;
using talon::expression::Operator;

constexpr std::size_t kNamesMax = 100;  // each is a question or two about the whole log

Result<bool> stands_in_log(const Records& caller, std::string_view principal) {
  const std::string name = talon::text_literal(principal);
  const Query one{
      "audit_entry", {"id"}, "principal is " + name + " or on_behalf_of is " + name, {}, {}, {}, 1};
  TALON_TRY(const auto found, caller.query(one));
  return !found.empty();
}

/// Adds whose entries are asked for, each once and with a field that they are named by. Who stands under a
/// negation is left out of the answer: it is right whether the log knows them or not.
void add_names(const Expression& where, bool is_asserted,
               std::map<std::string, std::string, std::less<>>& names) {
  if (where.kind == Expression::Kind::None) is_asserted = !is_asserted;
  for (const Expression& child : where.children) add_names(child, is_asserted, names);
  if (where.kind != Expression::Kind::Compare) return;
  if (where.path != "principal" && where.path != "on_behalf_of") return;
  const Operand& operand = where.operand;
  if (where.op == (is_asserted ? Operator::Is : Operator::IsNot) && operand.kind == Operand::Kind::Literal)
    names.emplace(operand.text, where.path);
  if (where.op != (is_asserted ? Operator::In : Operator::NotIn)) return;
  for (const std::string& name : operand.texts) names.emplace(name, where.path);
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

Result<void> judge_principals(const Records& caller, const Expression& where) {
  std::map<std::string, std::string, std::less<>> names;
  add_names(where, true, names);
  if (names.size() > kNamesMax) {
    return talon::invalid("the condition names " + std::to_string(names.size()) +
                          " principals, and each is looked for in the log: name at most " +
                          std::to_string(kNamesMax) + ", and ask in parts");
  }
  for (const auto& [name, path] : names) {
    TALON_TRY(const std::string principal, principal_named(caller, name));
    if (principal != name)
      return talon::invalid("entries name " + std::string(talon::harmless(name, 80)) + " as " + principal +
                            ": write " + path + " is " + principal);
  }
  return {};
}

}  // namespace audit
