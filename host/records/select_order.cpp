/// What a query groups, adds up and sorts by, and where its next page begins.
#include "host/records/cursor.hpp"
#include "host/records/select_builder.hpp"

#include <talon/text.hpp>

#include <algorithm>

namespace talon::records {

using gate::Level;

namespace {

/// The id that all rows of a group have; empty where they have several.
std::string only_one(const std::string& id) {
  return "case when min(" + id + ") = max(" + id + ") then min(" + id + ") end";
}

/// The same of the group's own records, of which each row is another: counting them costs less than comparing
/// every id. SQLite takes a bare column from one of the group's rows (sqlite.org/lang_select.html, "bare
/// columns").
std::string only_record(storage::Dialect dialect) {
  return dialect == storage::Dialect::Sqlite ? "case when count(*) = 1 then t.id end"
                                             : "case when count(*) = 1 then min(t.id) end";
}

}  // namespace

Result<PathField> SelectBuilder::resolve_value(std::string_view path, std::string_view verb) {
  TALON_TRY(PathField field, resolve_open(path, verb));
  if (field.field->type == model::FieldType::File)
    return invalid(echoed(path) + " is a file, which there is nothing to " + std::string(verb));
  return field;
}

Result<void> SelectBuilder::add_groups() {
  for (const std::string& path : request_.group) {
    TALON_TRY(const PathField field, resolve_value(path, "group by"));
    TALON_DO(add_output(path));
    group_sql_ += (group_sql_.empty() ? "" : ", ") + field.sql;
    // Equal amounts of two currencies are two groups.
    const int currency = select_.outputs.back().currency_cell;
    if (currency >= 0) group_sql_ += ", " + cells_[static_cast<std::size_t>(currency)];
  }
  for (const std::string& aggregate : request_.aggregates) TALON_DO(add_aggregate(aggregate));
  add_group_records();
  return check_groups();
}

/// A group of one record is that record, however it came to be alone: by its id, a condition or chance. It is
/// logged as one.
void SelectBuilder::add_group_records() {
  const TypeInfo* const parent = select_.type->parent;
  if (type().kind != model::Kind::View) {
    select_.id_cell = cell_of("id");
    select_.record_cell = parent == nullptr ? select_.id_cell : cell_of(parent->type->name);
    if (select_.record_cell < 0 && inside_.keeps_read_log(call_, parent == nullptr ? type() : *parent->type))
      select_.record_cell =
          add_cell(parent == nullptr ? only_record(inside_.dialect()) : only_one(parent_sql()));
  }
  for (LinkedRead& read : select_.linked_reads) {
    read.cell = cell_of(read.link + ".id");
    if (read.cell < 0) read.cell = cell_of(read.link);
    if (read.cell >= 0) continue;
    // Through the linked type's own filter: what is out of sight was not seen.
    if (const auto id = links_->resolve(read.link + ".id")) read.cell = add_cell(only_one(id->sql));
  }
}

Result<void> SelectBuilder::add_aggregate(const std::string& aggregate) {
  const std::size_t space = aggregate.find(' ');
  const std::string function = aggregate.substr(0, space);
  Output output;
  output.column.path = aggregate;
  if (aggregate == "count") {
    output.cell = add_cell("count(*)");
    select_.outputs.push_back(std::move(output));
    return {};
  }
  if (space == std::string::npos || (function != "sum" && function != "min" && function != "max")) {
    return invalid(echoed(aggregate) + " is no aggregate; expected count, sum FIELD, min FIELD or max FIELD");
  }
  const std::string path = aggregate.substr(space + 1);
  TALON_TRY(const PathField field, resolve_value(path, "add up"));
  using model::FieldType;
  const FieldType kind = field.field->type;
  if (function == "sum" && kind != FieldType::Money && kind != FieldType::Decimal &&
      kind != FieldType::Integer) {
    return invalid(echoed(path) + " is no number and cannot be added up");
  }
  output.column.field = field.field;
  if (kind == FieldType::Money) {
    const std::size_t dot = path.rfind('.');
    const std::string beside = dot == std::string::npos ? std::string() : path.substr(0, dot + 1);
    output.currency_cell = cell_of(beside + field.field->currency);
    if (output.currency_cell < 0) {
      return invalid("amounts of several currencies do not add up; group by \"" + field.field->currency +
                     "\" too");
    }
  }
  const bool is_text = kind != FieldType::Money && kind != FieldType::Decimal && kind != FieldType::Integer &&
                       kind != FieldType::Date && kind != FieldType::Timestamp;
  output.cell = add_cell(is_text ? function + "(" + field.sql + ")"
                                 : "cast(" + function + "(" + field.sql + ") as bigint)");
  select_.outputs.push_back(std::move(output));
  return {};
}

int SelectBuilder::cell_of(std::string_view path) const {
  for (const Output& output : select_.outputs) {
    if (output.column.path == path && output.level_cell < 0 && output.level >= Level::ReadOnly)
      return output.cell;
  }
  return -1;
}

Result<void> SelectBuilder::add_order_key(const std::string& text) {
  OrderKey key;
  key.is_descending = !text.empty() && text[0] == '-';
  key.path = key.is_descending ? text.substr(1) : text;
  for (const OrderKey& other : select_.order) {
    if (other.path == key.path) return {};
  }
  const std::vector<std::string>& sums = request_.aggregates;
  if (std::find(sums.begin(), sums.end(), key.path) != sums.end())
    return invalid(echoed(key.path) + " is no key of the groups; sort by what they are grouped by");
  TALON_TRY(const PathField field, resolve_value(key.path, "sort by"));
  key.sql = field.sql;
  key.may_be_empty = key.path.find('.') != std::string::npos ||
                     (!field.field->is_required && key.path != "id" && key.path != "created_at");
  key.cell = cell_of(key.path);
  if (is_grouped() && key.cell < 0)
    return invalid(echoed(key.path) + " is not in the group; sort by what is");
  if (key.cell < 0) key.cell = add_cell(field.sql);
  select_.order.push_back(std::move(key));
  return {};
}

void SelectBuilder::add_tie_break(const std::string& name, const std::string& sql, int cell) {
  for (const OrderKey& other : select_.order) {
    if (other.path == name) return;
  }
  select_.order.push_back({name, sql, false, cell >= 0 ? cell : add_cell(sql), true});
}

/// Two rows differ in one of the keys that are left.
void SelectBuilder::add_view_keys() {
  const storage::PathSql own = inside_.path_sql(*select_.generation, *select_.type, "t");
  for (const model::ViewColumn& column : type().view.columns) {
    const auto use = key_uses_.find(column.name);
    if (use != key_uses_.end() && use->second != KeyUse::Left)
      add_tie_break(column.name, storage::path_text(own, column.name), cell_of(column.name));
  }
}

Result<void> SelectBuilder::add_order() {
  for (const std::string& text : request_.order) TALON_DO(add_order_key(text));
  if (is_grouped()) {
    for (std::size_t i = 0; i < request_.group.size(); ++i) {
      TALON_DO(add_order_key(request_.group[i]));
      const int currency = select_.outputs[i].currency_cell;
      if (currency < 0) continue;
      add_tie_break(request_.group[i] + " currency", cells_[static_cast<std::size_t>(currency)], currency);
    }
  } else if (type().kind == model::Kind::View) {
    add_view_keys();
  } else {
    const bool is_last_descending = !select_.order.empty() && select_.order.back().is_descending;
    select_.order.push_back({"id", "t.id", is_last_descending, select_.id_cell, false});
  }
  return {};
}

Result<void> SelectBuilder::write_after_cursor(storage::Sql& sql) {
  const std::string binding = cursor_binding(call_, request_, select_.order);
  TALON_TRY(const std::vector<Value> keys, read_cursor(request_.cursor, binding, inside_.parts.signing_key));
  if (keys.size() != select_.order.size()) return invalid("the cursor does not belong to this query");
  // (a > ?) or (a = ? and b > ?) …; empty values come last, so after an empty one only empty ones follow.
  sql.text += " and (";
  for (std::size_t last = 0; last < keys.size(); ++last) {
    sql.text += last == 0 ? "(" : " or (";
    for (std::size_t i = 0; i <= last; ++i) {
      const OrderKey& key = select_.order[i];
      if (i > 0) sql.text += " and ";
      if (i < last) {
        sql.text += keys[i].is_null() ? key.sql + " is null" : key.sql + " = ?";
      } else if (keys[i].is_null()) {
        sql.text += "1 = 0";
      } else {
        sql.text += "(" + key.sql + (key.is_descending ? " < ?" : " > ?") +
                    (key.may_be_empty ? " or " + key.sql + " is null)" : ")");
      }
      if (!keys[i].is_null()) sql.binds.push_back(keys[i]);
    }
    sql.text += ")";
  }
  sql.text += ")";
  return {};
}

}  // namespace talon::records
