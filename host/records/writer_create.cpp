/// The writing of new records: one with its lists, or many of a type.
#include "host/records/writer.hpp"

#include "host/records/denials.hpp"

namespace talon::records {

namespace {

/// What the creator gave, or the type's initial values did.
std::vector<std::size_t> given_columns(const TypeInfo& type, const RowValues& row) {
  std::vector<std::size_t> given;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!row[i].is_null() && type.columns[i]->set_by != model::SetBy::Host) given.push_back(i);
  }
  return given;
}

}  // namespace

void Writer::stamp_new(int64_t id, RowValues& row) const {
  row[0] = id;
  row[1] = 1;
  row[2] = row[4] = inside_.parts.now_us();
  if (call_.principal.user != 0) row[3] = row[5] = call_.principal.user;
}

Result<void> Writer::judge_created(const TypeInfo& type, const RowValues& row) {
  TALON_TRY(const bool is_allowed,
            allows(inside_, generation_, rights_.decision(type, "create"), type, row, transaction_));
  if (is_allowed) return {};
  return denied_by_rule("you may not create this " + type.type->name + "; its values are outside your rights",
                        {"create", *type.type});
}

Result<void> Writer::create(const Operation& operation) {
  const TypeInfo& type = *operation.type;
  TALON_TRY(RowValues row, initial_row(generation_, type));
  stamp_new(operation.id, row);
  TALON_DO(apply_settings(generation_, type, operation.set, numbers_, nullptr, row));
  TALON_DO(check_required(type, row));
  TALON_DO(judge_fields(operation, "create", row));
  const std::vector<std::size_t> given = given_columns(type, row);
  TALON_DO(check_references(type, row, given));
  Json before = Json::object();
  Json after = journaled_values(type, row, given);
  // Child rows first: a record that comes in frozen (a cancelled order) must not shut its own rows out.
  TALON_DO(write_lists(operation, row, nullptr, before, after));
  TALON_DO(insert(type, row));
  known_references_.insert({type.type->name, operation.id});
  TALON_DO(judge_created(type, row));
  touched_security_ = touched_security_ || type.type->is_security;
  return journal(operation, operation.id, 1, "create",
                 Json::object({{"version", 1}, {"after", std::move(after)}}));
}

Result<void> Writer::insert(const TypeInfo& type, const RowValues& row) {
  return transaction_.post({type.insert_sql, row}, 1);
}

Result<void> Writer::create_all(const Operation& operation) {
  const TypeInfo& type = *operation.type;
  // Its rows are not judged field by field.
  if (rights_.author() != Author::Code)
    return denied("many " + type.type->plural + " at once are created by code alone; create them one by one");
  // The statement's values are the row: each record overwrites the one before, and keeps its memory.
  storage::Sql insert{type.insert_sql, {}};
  TALON_TRY(insert.binds, initial_row(generation_, type));
  RowValues& row = insert.binds;
  for (const NewRow& record : operation.rows) {
    stamp_new(record.id, row);
    for (std::size_t i = 0; i < operation.columns.size(); ++i) row[operation.columns[i]] = record.values[i];
    TALON_DO(check_required(type, row));
    TALON_DO(check_references(type, row, operation.columns));
    TALON_DO(transaction_.post(insert, 1));
    TALON_DO(judge_created(type, row));
    if (!type.type->is_journaled) continue;
    Json after = journaled_values(type, row, given_columns(type, row));
    TALON_DO(journal(operation, record.id, 1, "create",
                     Json::object({{"version", 1}, {"after", std::move(after)}})));
  }
  touched_security_ = touched_security_ || type.type->is_security;
  return {};
}

}  // namespace talon::records
