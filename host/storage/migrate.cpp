/// Migrations: the stored model against the new one, in one transaction.
#include "host/storage/migrate.hpp"

#include "host/storage/migrate_host.hpp"
#include "host/storage/migrate_tables.hpp"

#include <algorithm>

namespace talon::storage {

namespace {

constexpr const char* kModelSetting = "schema_model";

/// The schema's version of the host's own tables and of how types become tables; raise it when either
/// changes.
constexpr const char* kHostVersion = "1";

struct Stored {
  model::Model model;
  std::string text;          ///< of the model, as stored
  std::string host_version;  ///< empty: a new database
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
  return statements;
}

Result<void> set(Transaction& transaction, const char* name, const std::string& value) {
  return transaction.post(
      {"insert into host_settings (name, value) values (?, ?) "
       "on conflict (name) do update set value = excluded.value",
       {name, value}});
}

Result<void> apply(Transaction& transaction, Dialect dialect, const model::Model& model) {
  if (dialect == Dialect::Postgresql) {
    // One host migrates at a time; a table in use is waited for, not for ever.
    TALON_DO(transaction.rows({"select 1 from pg_advisory_xact_lock(7102)", {}},
                              [](Row) { return Result<void>(); }));
    TALON_DO(transaction.run({"set local lock_timeout = '10s'", {}}));
  }
  TALON_TRY(const Stored stored, read_stored(transaction, dialect));
  TALON_TRY(const auto statements, plan(stored, model, dialect));
  for (const std::string& statement : statements) TALON_DO(transaction.run({statement, {}}));
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
  TALON_TRY(const auto database, open_as_owner(options));
  return database->write(Lane::Interactive, "", [&](Transaction& transaction) {
    return apply(transaction, database->dialect(), model);
  });
}

}  // namespace talon::storage
