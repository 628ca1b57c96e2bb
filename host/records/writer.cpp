/// Carries out the operations of a change set.
#include "host/records/writer.hpp"

#include "host/records/denials.hpp"
#include "host/storage/condition_sql.hpp"
#include "host/storage/names.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::records {

namespace {

using Kind = Operation::Kind;

std::string id_of(const TypeInfo& type, int64_t id) { return id_text(type.type->prefix, id); }

std::vector<std::size_t> changed_columns(const RowValues& before, const RowValues& after) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] != after[i]) columns.push_back(i);
  }
  return columns;
}

/// Whether a change of the field can change what people may do: a date of last use cannot
/// (sdk/docs/manifest.md, `security`).
bool decides_rights(const model::Field& field) {
  return std::find(field.groups.begin(), field.groups.end(), "bookkeeping") == field.groups.end();
}

}  // namespace

Result<void> Writer::run(const Operations& operations) {
  const auto stage_of = [](const Operation& operation) {
    if (operation.kind == Kind::Next) return 1;
    return operation.is_deferred() ? 2 : 0;
  };
  TALON_DO(judge_acted(operations));
  for (int stage = 0; stage <= 2; ++stage) {
    for (const Operation& operation : operations.list) {
      if (stage_of(operation) != stage) continue;
      TALON_DO(renames_.has_named() ? carry_out(renames_.apply(operation)) : carry_out(operation));
    }
  }
  for (const EventRow& event : operations.events) {
    const int64_t record = renames_.real(event.record);
    TALON_DO(journal_.event(event.event, event.type->type->name, record, version_of(*event.type, record),
                            renames_.apply(generation_, event.data).to_string()));
  }
  if (!touched_security_) return {};
  return transaction_.post(
      {"update host_settings set value = cast(cast(value as bigint) + 1 as text) where name = ?",
       {"security_epoch"}});
}

int64_t Writer::version_of(const TypeInfo& type, int64_t id) const {
  const auto found = versions_.find({type.type->name, id});
  return found == versions_.end() ? 0 : found->second;
}

Result<void> Writer::judge_acted(const Operations& operations) {
  const Acted* acted = rights_.acted();
  if (acted == nullptr || acted->id == 0) return {};
  for (const Operation& operation : operations.list) {
    const bool is_judged = operation.kind == Kind::Change || operation.kind == Kind::Delete;
    if (is_judged && rights_.is_acted(operation)) return {};
  }
  Operation own;
  own.kind = Kind::Guard;
  own.type = acted->type;
  own.id = acted->id;
  TALON_TRY(const RowValues row, read_row(*acted->type, acted->id, Lock::ForUpdate));
  versions_[{acted->type->type->name, acted->id}] = row[1].integer();
  return judge_before(own, acted->action, row);
}

Result<void> Writer::carry_out(const Operation& operation) {
  switch (operation.kind) {
    case Kind::Create:
      return create(operation);
    case Kind::CreateAll:
      return create_all(operation);
    case Kind::Change:
      return change(operation, operation.id);
    case Kind::Upsert:
      return upsert(operation);
    case Kind::Delete:
      return remove(operation);
    case Kind::Next:
      return next(operation);
    case Kind::Guard:
      return guard(operation);
  }
  return internal("unknown operation");
}

Result<RowValues> Writer::read_row(const TypeInfo& type, int64_t id, Lock lock) {
  storage::Sql sql{type.read_sql, {id}};
  if (lock == Lock::ForUpdate && inside_.dialect() == storage::Dialect::Postgresql) sql.text += " for update";
  RowValues row;
  TALON_DO(transaction_.rows(sql, [&](Row cells) -> Result<void> {
    row.reserve(cells.size());
    for (const Cell& cell : cells) row.emplace_back(cell);
    return {};
  }));
  if (row.empty()) return no_such_record(*type.type);
  return row;
}

Result<void> Writer::change(const Operation& operation, int64_t id) {
  const TypeInfo& type = *operation.type;
  TALON_TRY(const RowValues before, read_row(type, id, Lock::ForUpdate));
  const std::string action = rights_.is_acted(operation) ? rights_.acted()->action : "edit";
  TALON_DO(judge_before(operation, action, before));
  if (operation.version >= 0 && before[1].integer() != operation.version) {
    return Error{Code::Aborted, id_of(type, id) + " was changed meanwhile; read it again",
                 Json::object({{"version", before[1].integer()}}).to_string()};
  }
  RowValues after = before;
  TALON_DO(apply_settings(generation_, type, operation.set, numbers_, nullptr, after));
  const std::vector<std::size_t> changed = changed_columns(before, after);
  versions_[{type.type->name, id}] = before[1].integer();
  if (changed.empty() && operation.lists.empty()) return {};
  TALON_DO(check_append_only(operation, before, after, changed));
  TALON_DO(check_frozen(operation, before));
  TALON_DO(check_required(type, after));
  TALON_DO(judge_fields(operation, action, before));
  TALON_DO(check_references(type, after, changed));
  after[1] = before[1].integer() + 1;
  after[4] = inside_.parts.now_us();
  after[5] = call_.principal.user != 0 ? Value(call_.principal.user) : Value();
  Json shown_before = journaled_values(type, before, changed);
  Json shown_after = journaled_values(type, after, changed);
  // Child rows first: the record's own update may be what freezes them.
  TALON_DO(write_lists(operation, after, &before, shown_before, shown_after));
  storage::Sql sql;
  sql.text = "update " + type.table + " set version = ?, updated_at = ?, updated_by = ?";
  sql.binds = {after[1], after[4], after[5]};
  for (const std::size_t i : changed) {
    sql.text += ", " + type.column_sql(i) + " = ?";
    sql.binds.push_back(after[i]);
  }
  sql.text += " where id = ? and version = ?";
  sql.binds.emplace_back(id);
  sql.binds.push_back(before[1]);
  TALON_DO(transaction_.post(sql, 1));
  if (!rights_.is_acted(operation)) {
    TALON_TRY(const bool is_allowed,
              allows(inside_, generation_, rights_.decision(type, "edit"), type, after, transaction_));
    if (!is_allowed)
      return denied_by_rule("you may not change " + id_of(type, id) + " to these values",
                            {"edit", *type.type, id});
  }
  const bool moves_rights = !operation.lists.empty() ||
                            std::any_of(changed.begin(), changed.end(),
                                        [&](std::size_t i) { return decides_rights(*type.columns[i]); });
  touched_security_ = touched_security_ || (type.type->is_security && moves_rights);
  return journal(operation, id, after[1].integer(), action,
                 Json::object({{"version", after[1].integer()},
                               {"before", std::move(shown_before)},
                               {"after", std::move(shown_after)}}));
}

Result<void> Writer::upsert(const Operation& operation) {
  const TypeInfo& type = *operation.type;
  TALON_TRY(RowValues wanted, initial_row(generation_, type));
  TALON_DO(apply_settings(generation_, type, operation.set, numbers_, nullptr, wanted));
  storage::Sql sql{"select id from " + type.table + " where ", {}};
  for (std::size_t i = 0; i < operation.key.size(); ++i) {
    const std::size_t column = operation.key[i];
    if (wanted[column].is_null())
      return invalid("upsert: the key \"" + type.columns[column]->name + "\" is empty");
    sql.text += (i > 0 ? " and " : "") + type.column_sql(column) + " = ?";
    sql.binds.push_back(wanted[column]);
  }
  int64_t id = 0;
  TALON_DO(transaction_.rows(sql, [&](Row row) -> Result<void> {
    id = row[0].integer();
    return {};
  }));
  if (id == 0) return create(operation);
  renames_.add(operation.id, id, !operation.as.empty());
  return change(operation, id);
}

Result<void> Writer::remove(const Operation& operation) {
  const TypeInfo& type = *operation.type;
  if (type.type->is_append_only)
    return failed_precondition(type.type->name + " is append-only; nothing is deleted");
  TALON_TRY(const RowValues row, read_row(type, operation.id, Lock::ForUpdate));
  TALON_DO(judge_before(operation, "delete", row));
  if (operation.version >= 0 && row[1].integer() != operation.version) {
    return Error{Code::Aborted, id_of(type, operation.id) + " was changed meanwhile; read it again",
                 Json::object({{"version", row[1].integer()}}).to_string()};
  }
  TALON_DO(check_frozen(operation, row));
  for (const model::ChildList& list : type.type->lists) {
    const TypeInfo& child = *generation_.find(list.type);
    TALON_DO(transaction_.post(
        {"delete from " + child.table + " where " + storage::quoted(type.type->name) + " = ?",
         {operation.id}}));
  }
  TALON_DO(transaction_.post({"delete from " + type.table + " where id = ?", {operation.id}}, 1));
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!row[i].is_null()) all.push_back(i);
  }
  touched_security_ = touched_security_ || type.type->is_security;
  return journal(operation, operation.id, row[1].integer(), "delete",
                 Json::object({{"version", row[1].integer()}, {"before", journaled_values(type, row, all)}}));
}

Result<void> Writer::next(const Operation& operation) {
  const TypeInfo& type = *operation.type;
  const std::string counter = type.column_sql(operation.counter);
  if (!rights_.is_acted(operation)) {
    const gate::Decision& decision = rights_.decision(type, "edit");
    if (decision.verdict() != gate::Decision::Verdict::Always) {
      return denied("taking a number of " + id_of(type, operation.id) + " needs the right " +
                    type.type->name + ".edit; the manifest's `elevates` grants it to an action");
    }
  }
  TALON_TRY(RowValues row, initial_row(generation_, type));
  TALON_DO(apply_settings(generation_, type, operation.set, numbers_, nullptr, row));
  storage::Sql sql;
  sql.text = "update " + type.table + " set " + counter + " = " + counter + " + 1";
  for (const Setting& setting : operation.set) {
    sql.text += ", " + type.column_sql(setting.column) + " = ?";
    sql.binds.push_back(row[setting.column]);
  }
  sql.text += " where id = ?";
  sql.binds.emplace_back(operation.id);
  if (operation.where.kind != expression::Expression::Kind::Always) {
    sql.text += " and ";
    const auto path_sql = inside_.path_sql(generation_, type, type.type->plural);
    storage::write_condition(operation.where, path_sql, inside_.parts.today(), inside_.dialect(), sql);
  }
  sql.text += " returning " + counter + " - 1";
  bool has_number = false;
  TALON_DO(transaction_.rows(sql, [&](Row cells) -> Result<void> {
    numbers_[operation.as] = cells[0].integer();
    has_number = true;
    return {};
  }));
  if (has_number) return {};
  return failed_precondition("the next number of " + id_of(type, operation.id) +
                             " cannot be taken: its condition does not hold (numbers follow their dates)");
}

Result<void> Writer::guard(const Operation& operation) {
  const TypeInfo& type = *operation.type;
  storage::Sql sql{"select 1 from " + type.table + " as t where t.id = ? and ", {operation.id}};
  const auto path_sql = inside_.path_sql(generation_, type, "t");
  storage::write_condition(operation.where, path_sql, inside_.parts.today(), inside_.dialect(), sql);
  if (inside_.dialect() == storage::Dialect::Postgresql) sql.text += " for update";
  bool holds = false;
  TALON_DO(transaction_.rows(sql, [&](Row) -> Result<void> {
    holds = true;
    return {};
  }));
  if (holds) return {};
  return Error{Code::Aborted,
               "a condition on " + id_of(type, operation.id) + " no longer holds; read it again"};
}

}  // namespace talon::records
