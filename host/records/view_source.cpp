/// A view as the sub-query that it stands for.
#include "host/records/view_source.hpp"

#include "host/gate/row_filter.hpp"
#include "host/storage/names.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

namespace talon::records {

namespace {

using Function = model::ViewColumn::Function;

bool is_key(const model::ViewColumn& column) {
  return column.function == Function::Key || column.function == Function::Month ||
         column.function == Function::Year;
}

std::string key_sql(const model::ViewColumn& column, const storage::PathSql& source) {
  const std::string base = source(column.path);
  if (column.function == Function::Month) return "(" + base + " / 100)";
  if (column.function == Function::Year) return "(" + base + " / 10000)";
  return base;
}

Result<expression::Expression> checked(const Generation& generation, const model::RecordType& type,
                                       const std::string& text) {
  TALON_TRY(expression::Expression condition, expression::parse(text));
  expression::Scope scope;
  scope.model = generation.model.get();
  scope.type = &type;
  const Mistakes mistakes = expression::check(condition, scope, type.name);
  if (!mistakes.empty()) return internal(mistakes.front().to_string());
  return condition;
}

/// The view's column paths on its source: "franchisee.name" is the key's own path and the rest.
struct KeyPaths {
  const model::RecordType& view;
  storage::PathSql source;
  bool* named_an_aggregate;

  std::string operator()(std::string_view path) const {
    const std::size_t dot = path.find('.');
    const std::string_view first = path.substr(0, dot);
    for (const model::ViewColumn& column : view.view.columns) {
      if (column.name != first || !is_key(column)) continue;
      if (dot == std::string_view::npos) return key_sql(column, source);
      return source(column.path + std::string(path.substr(dot)));
    }
    *named_an_aggregate = true;
    return "null";
  }
};

}  // namespace

Result<void> write_view_source(const Generation& generation, const model::RecordType& view,
                               const gate::Decision& decision, int64_t today, storage::Dialect dialect,
                               storage::Sql& sql) {
  const TypeInfo* source_info = generation.find(view.view.type);
  if (source_info == nullptr)
    return internal("the view " + view.name + " reads " + view.view.type + ", which is gone");
  const storage::PathSql source =
      storage::path_sql_of(*generation.model, *source_info->type, "s", today, dialect);
  sql.text += "(select ";
  std::string keys;
  for (const model::ViewColumn& column : view.view.columns) {
    if (&column != &view.view.columns.front()) sql.text += ", ";
    if (is_key(column)) {
      const std::string key = key_sql(column, source);
      sql.text += key;
      keys += (keys.empty() ? "" : ", ") + key;
    } else {
      const std::string base = column.path.empty() ? "1" : source(column.path);
      static constexpr std::string_view kNames[] = {"", "", "", "sum(", "count(", "min(", "max("};
      sql.text += column.function == Function::Sum ? "cast(coalesce(" : "cast(";
      sql.text += kNames[static_cast<std::size_t>(column.function)];
      if (column.where.empty()) {
        sql.text += base;
      } else {
        TALON_TRY(const auto condition, checked(generation, *source_info->type, column.where));
        sql.text += "case when ";
        storage::write_condition(condition, source, today, dialect, sql);
        sql.text += " then " + base + " end";
      }
      sql.text += column.function == Function::Sum ? "), 0) as bigint)" : ") as bigint)";
    }
    sql.text += " as " + storage::quoted(column.name);
  }
  sql.text += " from " + source_info->table + " as s where ";
  if (view.view.where.empty()) {
    sql.text += "1 = 1";
  } else {
    TALON_TRY(const auto condition, checked(generation, *source_info->type, view.view.where));
    storage::write_condition(condition, source, today, dialect, sql);
  }
  bool named_an_aggregate = false;
  sql.text += " and ";
  gate::write_row_filter(decision, KeyPaths{view, source, &named_an_aggregate}, today, dialect, sql);
  if (named_an_aggregate) {
    return internal("a rule on the view " + view.name +
                    " names a column that is no group key; name group keys only");
  }
  if (!keys.empty()) sql.text += " group by " + keys;
  sql.text += ") as t";
  return {};
}

}  // namespace talon::records
