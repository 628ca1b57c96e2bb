/// Migrations: the stored model against the new one, in one transaction.
#include "host/storage/migrate.hpp"

#include "host/storage/migrate_host.hpp"
#include "host/storage/migrate_tables.hpp"
#include "host/storage/migrate_triggers.hpp"
#include "host/storage/names.hpp"

#include <algorithm>

namespace talon::storage {

namespace {

constexpr const char* kModelSetting = "schema_model";

/// The schema's version of the host's own tables and of how types become tables; raise it when either
/// changes.
constexpr const char* kHostVersion = "2";

struct Stored {
  model::Model model;
  std::string text;          ///< of the model, as stored
  std::string host_version;  ///< empty: a new database
  std::set<Trigger> triggers;
};

Result<std::string> one_text(Reader& reader, const Sql& sql) {
  std::string text;
  TALON_DO(reader.rows(sql, [&](Row row) -> Result<void> {
    text = row[0].text();
    return {};
  }));
  return text;
}

Result<Stored> read_stored(Reader& reader, Dialect dialect) {
  const std::string name = "host_settings";
  const Sql is_there = dialect == Dialect::Sqlite
                           ? Sql{"select name from sqlite_master where type = 'table' and name = ?", {name}}
                           : Sql{"select cast(to_regclass(?) as text)", {name}};
  Stored stored;
  TALON_TRY(stored.triggers, read_triggers(reader, dialect));
  TALON_TRY(const std::string found, one_text(reader, is_there));
  if (found.empty()) return stored;
  const std::string setting = "select value from host_settings where name = ?";
  TALON_TRY(stored.host_version, one_text(reader, {setting, {"schema_version"}}));
  TALON_TRY(stored.text, one_text(reader, {setting, {kModelSetting}}));
  if (stored.text.empty()) return stored;
  TALON_TRY(const Json json, Json::parse(stored.text));
  TALON_TRY(stored.model, model::read_model(json));
  return stored;
}

/// What the database will hold: the new model, and the tables of types that no manifest declares any more.
model::Model together(const model::Model& before, const model::Model& after) {
  model::Model all = after;
  for (const model::RecordType& type : before.types) {
    if (has_table(type) && after.find(type.name) == nullptr) all.types.push_back(type);
  }
  return all;
}

Result<std::vector<std::string>> plan(const Stored& stored, const model::Model& model, Dialect dialect) {
  std::vector<std::string> statements;
  if (stored.host_version != kHostVersion) statements = host_tables(dialect);
  TALON_DO(plan_tables(stored.model, model, dialect, statements));
  TALON_DO(plan_triggers(stored.model, model, stored.triggers, dialect, statements));
  return statements;
}

/// The running role may change rows, not tables: it cannot drop a trigger, and TRUNCATE asks none.
Result<void> grant_rows(Transaction& transaction, const model::Model& model, const std::string& role) {
  const auto grant = [&](const std::string& table, const std::string& rights) -> Result<void> {
    TALON_DO(transaction.run({"revoke all on " + quoted(table) + " from " + role, {}}));
    TALON_DO(transaction.run({"grant " + rights + " on " + quoted(table) + " to " + role, {}}));
    return {};
  };
  for (const std::string& table : host_table_names()) {
    TALON_DO(grant(table, "select, insert, update, delete"));
  }
  for (const model::RecordType& type : model.types) {
    if (!has_table(type)) continue;
    TALON_DO(grant(type.plural,
                   type.is_append_only ? "select, insert, update" : "select, insert, update, delete"));
  }
  return {};
}

Result<void> set(Transaction& transaction, const char* name, const std::string& value) {
  return transaction.post(
      {"insert into host_settings (name, value) values (?, ?) "
       "on conflict (name) do update set value = excluded.value",
       {name, value}});
}

/// @param role  the running role, quoted; empty: the owner runs too.
Result<void> apply(Transaction& transaction, Dialect dialect, const model::Model& model,
                   const std::string& role) {
  if (dialect == Dialect::Postgresql) {
    // One host migrates at a time; a table in use is waited for, not for ever.
    TALON_DO(transaction.rows({"select 1 from pg_advisory_xact_lock(7102)", {}},
                              [](Row) { return Result<void>(); }));
    TALON_DO(transaction.run({"set local lock_timeout = '10s'", {}}));
  }
  TALON_TRY(const Stored stored, read_stored(transaction, dialect));
  TALON_TRY(const auto statements, plan(stored, model, dialect));
  for (const std::string& statement : statements) TALON_DO(transaction.run({statement, {}}));
  if (!role.empty()) TALON_DO(grant_rows(transaction, model, role));
  const std::string text = model::write_model(together(stored.model, model)).to_string();
  if (stored.text != text) TALON_DO(set(transaction, kModelSetting, text));
  if (stored.host_version != kHostVersion) TALON_DO(set(transaction, "schema_version", kHostVersion));
  return {};
}

Result<std::unique_ptr<Database>> open_as_owner(const Options& options) {
  Options owner = options;
  if (!options.owner_url.empty()) owner.url = options.owner_url;
  owner.readers = 1;
  owner.writers = 1;
  return open(owner);
}

/// Who runs with `options.url`, as a quoted name; empty where nobody else migrates.
Result<std::string> running_role(const Options& options) {
  if (options.owner_url.empty() || options.owner_url == options.url) return std::string();
  Options runner = options;
  runner.readers = 1;
  runner.writers = 1;
  TALON_TRY(const auto database, open(runner));
  if (database->dialect() == Dialect::Sqlite) return std::string();
  std::string role;
  TALON_DO(database->read([&](Reader& reader) -> Result<void> {
    TALON_TRY(role, one_text(reader, {"select quote_ident(current_user)", {}}));
    return {};
  }));
  return role;
}

}  // namespace

Result<Migration> plan_migration(const Options& options, const model::Model& model) {
  TALON_TRY(const auto database, open_as_owner(options));
  Migration migration;
  TALON_DO(database->read([&](Reader& reader) -> Result<void> {
    TALON_TRY(const Stored stored, read_stored(reader, database->dialect()));
    TALON_TRY(migration.statements, plan(stored, model, database->dialect()));
    return {};
  }));
  return migration;
}

Result<void> migrate(const Options& options, const model::Model& model) {
  TALON_TRY(const std::string role, running_role(options));
  TALON_TRY(const auto database, open_as_owner(options));
  return database->write(Lane::Interactive, "", [&](Transaction& transaction) {
    return apply(transaction, database->dialect(), model, role);
  });
}

}  // namespace talon::storage
