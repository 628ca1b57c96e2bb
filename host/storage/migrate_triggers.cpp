/// Which records the database itself keeps from changing.
#include "host/storage/migrate_triggers.hpp"

#include "host/storage/condition_sql.hpp"
#include "host/storage/migrate_tables.hpp"
#include "host/storage/names.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

#include <algorithm>

namespace talon::storage {

namespace {

using expression::Expression;
using model::Model;
using model::RecordType;

bool asks_for_today(const Expression& condition) {
  bool is_asked = false;
  expression::each_comparison(
      condition, [&](const Expression& compare) { is_asked = is_asked || expression::reads_today(compare); });
  return is_asked;
}

Result<Expression> read_freeze(const Model& model, const RecordType& type) {
  const std::string place = type.name + ".frozen.when";
  auto condition = expression::parse(type.frozen.when);
  if (!condition) return invalid(place + ": " + condition.error().message);
  expression::Scope scope;
  scope.model = &model;
  scope.type = &type;
  scope.internal = model::Internal::Named;
  if (const Mistakes mistakes = expression::check(*condition, scope, place); !mistakes.empty()) {
    return invalid(place + ": " + mistakes.front().message);
  }
  if (asks_for_today(*condition))
    return invalid(place + " must not depend on today: a record would thaw by itself");
  return condition;
}

/// The freeze condition on the row called `alias`, as SQL without values. Unknown counts as not frozen.
Result<std::string> frozen_sql(const Model& model, const RecordType& type, const std::string& alias,
                               Dialect dialect) {
  TALON_TRY(const Expression condition, read_freeze(model, type));
  Sql sql;
  write_condition(condition, path_sql_of(model, type, alias, 0, dialect), 0, dialect, sql);
  return with_literals(sql);
}

bool is_excepted(const RecordType& type, const std::string& name) {
  return std::count(type.frozen.except.begin(), type.frozen.except.end(), name) > 0;
}

/// Columns that change with every permitted change.
bool is_bookkeeping(const std::string& column) {
  return column == "version" || column == "updated_at" || column == "updated_by";
}

Result<Guard> freeze_guard(const Model& model, const RecordType& type, Dialect dialect) {
  TALON_TRY(const std::string frozen, frozen_sql(model, type, "old", dialect));
  std::vector<std::string> kept;
  for (const Column& column : columns_of(type)) {
    if (!is_bookkeeping(column.name) && !is_excepted(type, column.name)) kept.push_back(column.name);
  }
  Guard guard;
  guard.table = type.plural;
  guard.name = type.plural + "_frozen";
  guard.message = type.name + " is frozen (" + type.frozen.when + "): it can no longer be changed or deleted";
  guard.on_update = "(" + frozen + " and " + any_differs(kept, dialect) + ")";
  guard.on_delete = frozen;
  return guard;
}

/// The rows of a child list follow their parent.
Result<Guard> child_guard(const Model& model, const RecordType& parent, const RecordType& child,
                          Dialect dialect) {
  TALON_TRY(const std::string frozen, frozen_sql(model, parent, "parent_row", dialect));
  const std::string from = " from " + quoted(parent.plural) + " as parent_row where parent_row.\"id\" = ";
  const auto exists = [&](const char* row) {
    return "exists (select 1" + from + row + "." + quoted(child.parent) + " and " + frozen + ")";
  };
  Guard guard;
  guard.table = child.plural;
  guard.name = child.plural + "_frozen";
  guard.message = parent.name + " is frozen (" + parent.frozen.when + "): its rows of " + child.name +
                  " can no longer be added, changed or deleted";
  guard.on_update = "(" + exists("old") + " or " + exists("new") + ")";
  guard.on_delete = exists("old");
  guard.on_insert = exists("new");
  // Else a parent that another transaction freezes meanwhile would get a row more.
  guard.lock = "perform 1" + from + "coalesce(new." + quoted(child.parent) + ", old." + quoted(child.parent) +
               ") for share";
  return guard;
}

/// Every value stays; what is empty may be filled in once. A value about a person may be emptied, and stays
/// empty.
Guard append_only_guard(const RecordType& type, Dialect dialect) {
  const char* differs = dialect == Dialect::Sqlite ? " is not " : " is distinct from ";
  Guard guard;
  guard.table = type.plural;
  guard.name = type.plural + "_append_only";
  guard.message =
      type.name + " is append-only: it is never changed or deleted; add another one that corrects it";
  for (const Column& column : columns_of(type)) {
    if (is_bookkeeping(column.name)) continue;
    const std::string old_value = "old." + quoted(column.name);
    const std::string new_value = "new." + quoted(column.name);
    const bool may_be_emptied = column.field != nullptr && column.field->is_personal;
    guard.on_update += (guard.on_update.empty() ? "(" : " or ") +
                       ("(" + (may_be_emptied ? new_value : old_value)) + " is not null and " + old_value +
                       differs + new_value + ")";
  }
  guard.on_update += ")";
  guard.on_delete = "(1 = 1)";
  return guard;
}

/// All guards of a type's table. A type that is both follows both.
Result<std::vector<Guard>> guards_of(const Model& model, const RecordType& type, Dialect dialect) {
  std::vector<Guard> guards;
  if (type.is_append_only) guards.push_back(append_only_guard(type, dialect));
  if (!type.frozen.when.empty()) {
    TALON_TRY(guards.emplace_back(), freeze_guard(model, type, dialect));
  }
  const RecordType* parent = type.kind == model::Kind::Child ? model.find(type.parent) : nullptr;
  if (parent == nullptr) return guards;
  const bool is_free_list = std::any_of(parent->lists.begin(), parent->lists.end(), [&](const auto& list) {
    return list.type == type.name && is_excepted(*parent, list.name);
  });
  if (!parent->frozen.when.empty() && !is_free_list) {
    TALON_TRY(guards.emplace_back(), child_guard(model, *parent, type, dialect));
  }
  if (parent->is_append_only) guards.push_back(append_only_guard(type, dialect));
  return guards;
}

}  // namespace

Result<void> plan_triggers(const Model& before, const Model& after, const std::set<Trigger>& held,
                           Dialect dialect, std::vector<std::string>& statements) {
  for (const RecordType& type : after.types) {
    if (!has_table(type)) continue;
    std::set<std::string> wanted;
    std::vector<std::string> made;
    TALON_TRY(const std::vector<Guard> guards, guards_of(after, type, dialect));
    for (const Guard& guard : guards) {
      const std::vector<Trigger> triggers = triggers_of(guard, dialect);
      for (const Trigger& trigger : triggers) wanted.insert(trigger.name);
      const bool is_held = std::all_of(triggers.begin(), triggers.end(),
                                       [&](const Trigger& trigger) { return held.contains(trigger); });
      if (is_held) continue;
      for (std::string& statement : make_guard(guard, dialect)) made.push_back(std::move(statement));
    }
    const RecordType* old = before.find(type.name);
    // A stored condition that cannot be read any more leaves no name to look for; its guard is replaced by
    // one of the same name.
    const auto old_guards = old != nullptr && has_table(*old)
                                ? guards_of(before, *old, dialect)
                                : Result<std::vector<Guard>>(std::vector<Guard>());
    for (const Guard& guard : old_guards ? *old_guards : std::vector<Guard>()) {
      const std::vector<Trigger> triggers = triggers_of(guard, dialect);
      const bool is_wanted = std::all_of(triggers.begin(), triggers.end(), [&](const Trigger& trigger) {
        return wanted.contains(trigger.name);
      });
      if (is_wanted) continue;
      for (std::string& statement : drop_guard(guard, dialect)) statements.push_back(std::move(statement));
    }
    statements.insert(statements.end(), made.begin(), made.end());
  }
  return {};
}

}  // namespace talon::storage
