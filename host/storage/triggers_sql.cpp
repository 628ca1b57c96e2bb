/// Triggers as each database writes them.
#include "host/storage/triggers_sql.hpp"

#include "host/storage/migrate_tables.hpp"
#include "host/storage/names.hpp"
#include "host/storage/placeholders.hpp"

namespace talon::storage {

namespace {

struct Event {
  const char* name;
  const std::string* condition;
};

std::vector<Event> events_of(const Guard& guard) {
  std::vector<Event> events;
  for (const Event& event : {Event{"update", &guard.on_update}, Event{"delete", &guard.on_delete},
                             Event{"insert", &guard.on_insert}}) {
    if (!event.condition->empty()) events.push_back(event);
  }
  return events;
}

std::string trigger_name(const Guard& guard, const char* event) {
  return fitting_name(guard.name + "_" + event);
}

/// SQLite keeps a trigger's text from here on as it was written.
constexpr std::string_view kCreate = "create trigger ";

std::vector<std::string> make_sqlite(const Guard& guard) {
  std::vector<std::string> statements;
  for (const Event& event : events_of(guard)) {
    statements.push_back(std::string(kCreate) + quoted(trigger_name(guard, event.name)) + " before " +
                         event.name + " on " + quoted(guard.table) + " when " + *event.condition +
                         " begin select raise(abort, " + literal(guard.message) + "); end");
  }
  return statements;
}

/// One function for all events: PostgreSQL's WHEN takes no sub-query.
std::string postgresql_body(const Guard& guard) {
  std::string body = "\nbegin\n";
  for (const Event& event : events_of(guard)) {
    body += std::string("  if lower(tg_op) = '") + event.name + "' then\n";
    if (!guard.lock.empty()) body += "    " + guard.lock + ";\n";
    body +=
        "    if " + *event.condition + " then raise exception '%', " + literal(guard.message) + "; end if;\n";
    body += "  end if;\n";
  }
  return body + "  if tg_op = 'DELETE' then return old; end if;\n  return new;\nend ";
}

std::vector<std::string> make_postgresql(const Guard& guard) {
  const std::string function = quoted(fitting_name(guard.name));
  std::string events;
  for (const Event& event : events_of(guard)) {
    events += (events.empty() ? "" : " or ") + std::string(event.name);
  }
  return {"create or replace function " + function + "() returns trigger language plpgsql as $guard$" +
              postgresql_body(guard) + "$guard$",
          "create trigger " + function + " before " + events + " on " + quoted(guard.table) +
              " for each row execute function " + function + "()"};
}

/// As pg_trigger.tgtype has it: before each row, on these events.
int postgresql_type(const Guard& guard) {
  return 1 + 2 + (guard.on_insert.empty() ? 0 : 4) + (guard.on_delete.empty() ? 0 : 8) +
         (guard.on_update.empty() ? 0 : 16);
}

}  // namespace

std::vector<std::string> make_guard(const Guard& guard, Dialect dialect) {
  if (guard.is_empty()) return {};
  std::vector<std::string> statements = drop_guard(guard, dialect);
  const auto made = dialect == Dialect::Sqlite ? make_sqlite(guard) : make_postgresql(guard);
  statements.insert(statements.end(), made.begin(), made.end());
  return statements;
}

std::vector<std::string> drop_guard(const Guard& guard, Dialect dialect) {
  std::vector<std::string> statements;
  if (dialect == Dialect::Postgresql) {
    return {"drop trigger if exists " + quoted(fitting_name(guard.name)) + " on " + quoted(guard.table)};
  }
  for (const char* event : {"update", "delete", "insert"}) {
    statements.push_back("drop trigger if exists " + quoted(trigger_name(guard, event)));
  }
  return statements;
}

std::vector<Trigger> triggers_of(const Guard& guard, Dialect dialect) {
  std::vector<Trigger> triggers;
  if (guard.is_empty()) return triggers;
  if (dialect == Dialect::Postgresql) {
    return {{fitting_name(guard.name),
             guard.table + " " + std::to_string(postgresql_type(guard)) + " O" + postgresql_body(guard)}};
  }
  const std::vector<std::string> statements = make_sqlite(guard);
  std::size_t next = 0;
  for (const Event& event : events_of(guard)) {
    triggers.push_back({trigger_name(guard, event.name), statements[next++].substr(kCreate.size())});
  }
  return triggers;
}

Result<std::set<Trigger>> read_triggers(Reader& reader, Dialect dialect) {
  const Sql query{
      dialect == Dialect::Sqlite
          ? "select name, substr(sql, " + std::to_string(kCreate.size() + 1) +
                ") from sqlite_master where type = 'trigger'"
          : "select cast(t.tgname as text), concat(c.relname, ' ', t.tgtype, ' ', t.tgenabled, p.prosrc)"
            " from pg_trigger t join pg_class c on c.oid = t.tgrelid"
            " join pg_proc p on p.oid = t.tgfoid"
            " where not t.tgisinternal and pg_table_is_visible(c.oid)",
      {}};
  std::set<Trigger> held;
  TALON_DO(reader.rows(query, [&](Row row) -> Result<void> {
    held.insert({std::string(row[0].text()), std::string(row[1].text())});
    return {};
  }));
  return held;
}

std::string any_differs(const std::vector<std::string>& columns, Dialect dialect) {
  const char* differs = dialect == Dialect::Sqlite ? " is not " : " is distinct from ";
  std::string sql;
  for (const std::string& column : columns) {
    sql += (sql.empty() ? "(" : " or ") + ("old." + quoted(column)) + differs + "new." + quoted(column);
  }
  return sql.empty() ? "(1 = 0)" : sql + ")";
}

std::string with_literals(const Sql& sql) {
  return replace_placeholders(
      sql.text, [&](int number) { return literal(sql.binds[static_cast<std::size_t>(number - 1)]); });
}

}  // namespace talon::storage
