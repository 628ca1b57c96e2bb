/// Record types as tables: new ones, wider ones, and what is refused.
#include "host/storage/migrate_tables.hpp"

#include "host/model/field_value.hpp"
#include "host/storage/names.hpp"

#include <algorithm>
#include <set>

namespace talon::storage {

namespace {

using model::Field;
using model::FieldType;
using model::Model;
using model::RecordType;

Column::Kind kind_of(const Field& field) {
  switch (field.type) {
    case FieldType::Text:
    case FieldType::Choice:
    case FieldType::State:
    case FieldType::Json:
      return Column::Kind::Text;
    case FieldType::File:
      return Column::Kind::Bytes;
    default:
      return Column::Kind::Integer;
  }
}

std::string_view sql_type(Column::Kind kind, Dialect dialect) {
  const bool is_sqlite = dialect == Dialect::Sqlite;
  switch (kind) {
    case Column::Kind::Text:
      return is_sqlite ? "text" : "text collate \"C\"";
    case Column::Kind::Bytes:
      return is_sqlite ? "blob" : "bytea";
    default:
      return is_sqlite ? "integer" : "bigint";
  }
}

std::string column_sql(const Column& column, Dialect dialect) {
  std::string sql = quoted(column.name) + " " + std::string(sql_type(column.kind, dialect));
  if (column.name == "id") return sql + " primary key";
  return column.is_required ? sql + " not null" : sql;
}

std::string column_list(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + quoted(column);
  return list;
}

std::string create_table(const RecordType& type, Dialect dialect) {
  std::string sql = "create table " + quoted(type.plural) + " (";
  bool is_first = true;
  for (const Column& column : columns_of(type)) {
    sql += (is_first ? "\n  " : ",\n  ") + column_sql(column, dialect);
    is_first = false;
  }
  return sql + (dialect == Dialect::Sqlite ? "\n) strict" : "\n)");
}

struct Index {
  std::string name;
  std::string sql;
  bool operator<(const Index& other) const { return name < other.name; }
};

std::set<Index> indexes_of(const RecordType& type) {
  std::set<Index> all;
  const auto add = [&](std::string name, bool is_unique, const std::vector<std::string>& columns,
                       const std::string& where = {}) {
    all.insert({name, std::string(is_unique ? "create unique index " : "create index ") + quoted(name) +
                          " on " + quoted(type.plural) + " (" + column_list(columns) + ")" + where});
  };
  for (const auto& key : type.unique) add(unique_index_name(type.plural, key), true, key);
  for (const auto& key : type.indexes) {
    std::string name = type.plural;
    for (const std::string& column : key) name += "_" + column;
    add(fitting_name(name + "_idx"), false, key);
  }
  if (type.kind == model::Kind::Child) {
    add(fitting_name(type.plural + "_" + type.parent + "_idx"), false, {type.parent, "position"});
  }
  for (const Field& field : type.fields) {
    if (field.type != FieldType::Ref || !field.computed.empty()) continue;
    const bool leads_a_key = std::any_of(type.unique.begin(), type.unique.end(), [&](const auto& key) {
      return !key.empty() && key[0] == field.name;
    });
    if (leads_a_key) continue;
    // A reference is looked for by its value: rows without one, often most of them, need no place in the
    // index.
    const std::string where =
        field.is_required ? std::string() : " where " + quoted(field.name) + " is not null";
    add(fitting_name(type.plural + "_" + field.name + "_idx"), false, {field.name}, where);
  }
  return all;
}

void plan_indexes(const RecordType* before, const RecordType& after, std::vector<std::string>& statements) {
  const std::set<Index> old = before != nullptr ? indexes_of(*before) : std::set<Index>();
  const std::set<Index> fresh = indexes_of(after);
  for (const Index& index : old) {
    if (!fresh.contains(index)) statements.push_back("drop index if exists " + quoted(index.name));
  }
  for (const Index& index : fresh) {
    if (!old.contains(index)) statements.push_back(index.sql);
  }
}

/// What of `before` cannot become `after` without losing or reinterpreting stored values.
void refuse_field(const std::string& place, const Field& before, const Field& after,
                  std::vector<std::string>& refused) {
  const bool is_text_for_choice = after.type == FieldType::Text && kind_of(before) == Column::Kind::Text;
  if (before.type != after.type && !is_text_for_choice) {
    refused.push_back(place + " is " + std::string(model::type_name(before.type)) + " and would become " +
                      std::string(model::type_name(after.type)) + "; add a field with a new name instead");
    return;
  }
  if (before.scale != after.scale) {
    refused.push_back(place + " has " + std::to_string(before.scale) + " decimals and would have " +
                      std::to_string(after.scale) +
                      "; stored values would change, add a field with a new name");
  }
  if (before.to != after.to) {
    refused.push_back(place + " points to " + before.to + " and would point to " + after.to +
                      "; add a field with a new name instead");
  }
  for (const std::string& choice : before.choices) {
    if (after.type == FieldType::Text || std::count(after.choices.begin(), after.choices.end(), choice) > 0)
      continue;
    refused.push_back(place + " has records that may hold \"" + choice + "\"; keep that choice");
  }
}

const Field* stored_field(const RecordType& type, std::string_view name) {
  const auto found = std::find_if(type.fields.begin(), type.fields.end(), [&](const Field& field) {
    return field.name == name && field.computed.empty();
  });
  return found == type.fields.end() ? nullptr : &*found;
}

void refuse_type(const RecordType& before, const RecordType& after, std::vector<std::string>& refused) {
  if (before.plural != after.plural) {
    refused.push_back(after.name + ": the table is called " + before.plural +
                      "; keep plural: " + before.plural);
  }
  if (before.kind != after.kind || before.parent != after.parent) {
    refused.push_back(after.name + ": is another kind of type or has another parent; give it a new name");
  }
  for (const Field& field : before.fields) {
    if (!field.computed.empty()) continue;
    const std::string place = after.name + "." + field.name;
    const Field* now = stored_field(after, field.name);
    if (now != nullptr) {
      refuse_field(place, field, *now, refused);
    } else {
      refused.push_back(place + " is gone from the manifests but has stored values; keep the field");
    }
  }
}

Result<void> widen_table(const Model& model, const RecordType& before, const RecordType& after,
                         Dialect dialect, std::vector<std::string>& statements) {
  for (const Column& column : columns_of(after)) {
    if (column.field == nullptr || stored_field(before, column.name) != nullptr) continue;
    std::string sql = "alter table " + quoted(after.plural) + " add column " + column_sql(column, dialect);
    // Records that are there already get the initial value too, without an update that a freeze would refuse.
    const bool has_plain_initial = !column.field->initial.empty() && column.field->type != FieldType::Money;
    if (has_plain_initial) {
      TALON_TRY(const Value initial, model::initial_value(model, *column.field));
      sql += " default " + literal(initial);
    }
    statements.push_back(sql);
    if (has_plain_initial && dialect == Dialect::Postgresql) {
      statements.push_back("alter table " + quoted(after.plural) + " alter column " + quoted(column.name) +
                           " drop default");
    }
  }
  return {};
}

}  // namespace

bool has_table(const RecordType& type) {
  return type.kind == model::Kind::Stored || type.kind == model::Kind::Child;
}

std::vector<Column> columns_of(const RecordType& type) {
  std::vector<Column> columns;
  if (type.kind == model::Kind::Child) {
    columns = {{"id", Column::Kind::Integer, true},
               {type.parent, Column::Kind::Integer, true},
               {"position", Column::Kind::Integer, true}};
  } else {
    for (const Field& field : model::host_fields()) {
      const bool is_by = field.name == "created_by" || field.name == "updated_by";
      columns.push_back({field.name, Column::Kind::Integer, !is_by});
    }
  }
  for (const Field& field : type.fields) {
    if (field.computed.empty()) columns.push_back({field.name, kind_of(field), false, &field});
  }
  return columns;
}

std::string literal(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_integer()) return std::to_string(value.integer());
  std::string sql = "'";
  for (const char c : value.text()) sql += c == '\'' ? std::string("''") : std::string(1, c);
  return sql + "'";
}

Result<void> plan_tables(const Model& before, const Model& after, Dialect dialect,
                         std::vector<std::string>& statements) {
  std::vector<std::string> refused;
  for (const RecordType& type : after.types) {
    if (!has_table(type)) continue;
    const RecordType* old = before.find(type.name);
    if (old != nullptr && !has_table(*old)) old = nullptr;
    if (old == nullptr) {
      statements.push_back(create_table(type, dialect));
    } else {
      refuse_type(*old, type, refused);
      TALON_DO(widen_table(after, *old, type, dialect, statements));
    }
    plan_indexes(old, type, statements);
  }
  if (refused.empty()) return {};
  std::string message = "the stored data does not fit the manifests; nothing was changed:";
  for (const std::string& reason : refused) message += "\n  " + reason;
  return failed_precondition(message);
}

}  // namespace talon::storage
