/// Written values to stored ones, and SQLite.
#include "tests/plugins/reference/stored_world.hpp"

#include "host/gate/row_filter.hpp"

#include <talon/id.hpp>
#include <talon/money.hpp>

namespace talon::reference {

using model::FieldType;

StoredWorld::StoredWorld(const World& world, const model::Model& model)
    : world_(world), model_(model), database_(nullptr, &sqlite3_close) {
  sqlite3* handle = nullptr;
  TALON_CHECK(sqlite3_open(":memory:", &handle) == SQLITE_OK);
  database_.reset(handle);
  for (const char* name : {"partner", "franchise", "outlet", "client", "invoice"}) {
    const model::RecordType& type = *model.find(name);
    std::string columns = "\"id\"";
    for (const model::Field& field : type.fields) columns += ", \"" + field.name + "\"";
    columns += ", \"created_by\"";
    run("create table \"" + type.plural + "\" (" + columns + ")", {}, {});
    for (const auto& [id, record] : world) {
      if (record.type != name) continue;
      std::string marks = "?";
      std::vector<Value> binds = {Value(*parse_id(id))};
      for (const model::Field& field : type.fields) {
        marks += ", ?";
        binds.push_back(typed(record, field));
      }
      binds.push_back(typed(record, *type.find_field("created_by")));
      run("insert into \"" + type.plural + "\" values (" + marks + ", ?)", binds, {});
    }
  }
}

Value StoredWorld::typed(const Record& record, const model::Field& field) const {
  const auto found = record.fields.find(field.name);
  if (found == record.fields.end()) return {};
  const std::string& text = found->second;
  if (field.type == FieldType::Ref) return Value(*parse_id(text));
  if (field.type == FieldType::Money) return Value(Money::parse(text, *Currency::parse("EUR"))->minor());
  if (field.type == FieldType::Boolean) return Value(text == "on" ? 1 : 0);
  return Value(text);
}

Value StoredWorld::read(const Record& record, const std::string& path) const {
  const std::size_t dot = path.find('.');
  const std::string own = path.substr(0, dot);
  if (own == "id") return Value(*parse_id(record.id));
  if (dot == std::string::npos) return typed(record, *model_.find(record.type)->find_field(own));
  const auto link = record.fields.find(own);
  if (link == record.fields.end()) return {};
  const auto linked = world_.find(link->second);
  return linked == world_.end() ? Value() : read(linked->second, path.substr(dot + 1));
}

std::optional<int64_t> StoredWorld::find_number(std::string_view number) const {
  for (const auto& [id, record] : world_) {
    const auto found = record.fields.find("number");
    if (record.type == "partner" && found != record.fields.end() && found->second == number)
      return *parse_id(id);
  }
  return std::nullopt;
}

std::vector<Value> StoredWorld::values(const Record& record, const std::vector<std::string>& paths) const {
  std::vector<Value> values;
  for (const std::string& path : paths) values.push_back(read(record, path));
  return values;
}

void StoredWorld::run(const std::string& text, const std::vector<Value>& binds,
                      const std::function<void(int64_t, int64_t)>& row) const {
  sqlite3_stmt* statement = nullptr;
  TALON_CHECK(sqlite3_prepare_v2(database_.get(), text.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  int index = 0;
  for (const Value& bind : binds) {
    ++index;
    const auto size = static_cast<int>(bind.text().size());
    if (bind.is_integer()) sqlite3_bind_int64(statement, index, bind.integer());
    if (bind.is_text()) sqlite3_bind_text(statement, index, bind.text().data(), size, SQLITE_TRANSIENT);
  }
  while (sqlite3_step(statement) == SQLITE_ROW)
    row(sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1));
  TALON_CHECK(sqlite3_finalize(statement) == SQLITE_OK);
}

std::set<int64_t> StoredWorld::selected(const gate::Decision& decision, int64_t today) const {
  storage::Sql sql{"select t.id, 0 from invoices as t where ", {}};
  const auto dialect = storage::Dialect::Sqlite;
  gate::write_row_filter(decision, storage::path_sql_of(model_, *model_.find("invoice"), "t", today, dialect),
                         today, dialect, sql);
  std::set<int64_t> ids;
  run(sql.text, sql.binds, [&](int64_t id, int64_t) { ids.insert(id); });
  return ids;
}

std::map<int64_t, int64_t> StoredWorld::levels(const gate::Decision& decision, std::string_view field,
                                               int64_t today) const {
  storage::Sql sql{"select t.id, ", {}};
  const auto dialect = storage::Dialect::Sqlite;
  gate::write_level(decision, field,
                    storage::path_sql_of(model_, *model_.find("invoice"), "t", today, dialect), today,
                    dialect, sql);
  sql.text += " from invoices as t";
  std::map<int64_t, int64_t> levels;
  run(sql.text, sql.binds, [&](int64_t id, int64_t level) {
    levels[id] = static_cast<int64_t>(decision.read_level(level).level);
  });
  return levels;
}

access::Person person_of(const User& user) {
  access::Person person;
  person.id = *parse_id(user.id);
  person.key = user.email;
  person.is_active = user.is_active;
  const auto day = [](const std::string& text) {
    return text.empty() ? std::optional<Date>() : std::optional<Date>(*Date::parse(text));
  };
  for (const Grant& grant : user.roles)
    person.roles.push_back({grant.role, {day(grant.from), day(grant.until)}});
  for (const auto& [fact, values] : user.facts) person.facts[fact] = values;
  return person;
}

}  // namespace talon::reference
