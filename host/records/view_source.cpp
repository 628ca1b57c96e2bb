/// A view as the sub-query that it stands for.
#include "host/records/view_source.hpp"

#include "host/gate/row_filter.hpp"
#include "host/storage/names.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

namespace talon::records {

namespace {

using Function = model::ViewColumn::Function;

std::string key_sql(const model::ViewColumn& column, const storage::PathSql& source) {
  const std::string base = storage::path_text(source, column.path);
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
  scope.internal = model::Internal::Named;
  const Mistakes mistakes = expression::check(condition, scope, type.name);
  if (!mistakes.empty()) return internal(mistakes.front().to_string());
  return condition;
}

/// The view's column paths on its source: "franchisee.name" is the key's own path and the rest.
struct KeyPaths {
  const model::RecordType& view;
  storage::PathSql source;
  bool* named_an_aggregate;

  void operator()(std::string_view path, std::string& sql) const {
    const std::size_t dot = path.find('.');
    const std::string_view first = path.substr(0, dot);
    for (const model::ViewColumn& column : view.view.columns) {
      if (column.name != first || !column.is_key()) continue;
      if (dot != std::string_view::npos) return source(column.path + std::string(path.substr(dot)), sql);
      sql += key_sql(column, source);
      return;
    }
    *named_an_aggregate = true;
    sql += "null";
  }
};

bool is_words(const model::RecordType& view, const std::string& column) {
  using Type = model::FieldType;
  const model::Field* const field = view.find_field(column);
  return field != nullptr && (field->type == Type::Text || field->type == Type::Choice ||
                              field->type == Type::State || field->type == Type::Json);
}

/// Writes the columns of one view.
class ColumnWriter {
 public:
  ColumnWriter(const Generation& generation, const model::RecordType& view, const KeyUses& keys,
               const gate::Decision& decision, int64_t today, storage::Dialect dialect, storage::Sql& sql)
      : generation_(generation),
        view_(view),
        source_type_(*generation.find(view.view.type)->type),
        source_(storage::path_sql_of(*generation.model, source_type_, "s", today, dialect)),
        keys_(keys),
        decision_(decision),
        today_(today),
        dialect_(dialect),
        sql_(sql) {}

  Result<void> write() {
    std::size_t number = 0;
    for (const model::ViewColumn& column : view_.view.columns) {
      if (number++ > 0) sql_.text += ", ";
      if (!column.is_key())
        TALON_DO(write_aggregate(column));
      else if (write_key(column))
        grouped_ += (grouped_.empty() ? "" : ", ") + std::to_string(number);
      sql_.text += " as " + storage::quoted(column.name);
    }
    return {};
  }
  /// Appends what stands behind the conditions.
  void write_grouping() const {
    if (!grouped_.empty())
      sql_.text += " group by " + grouped_;
    else if (!keys_.empty())
      sql_.text += " having count(*) > 0";  // a group without keys is there even of no rows
  }
  KeyPaths key_paths() { return {view_, source_, &named_an_aggregate_}; }
  bool named_an_aggregate() const { return named_an_aggregate_; }
  const storage::PathSql& source() const { return source_; }
  const model::RecordType& source_type() const { return source_type_; }

 private:
  KeyUse use_of(const std::string& key) const {
    const auto use = keys_.find(key);
    return use == keys_.end() ? KeyUse::Left : use->second;
  }

  /// @return whether the rows differ in it.
  bool write_key(const model::ViewColumn& column) {
    const KeyUse use = use_of(column.name);
    if (use == KeyUse::Left) {
      sql_.text += is_words(view_, column.name) ? "cast(null as text)" : "cast(null as bigint)";
      return false;
    }
    const std::string key = key_sql(column, source_);
    if (use == KeyUse::Grouped) {
      sql_.text += key;
      return true;
    }
    sql_.text += "case when ";
    gate::write_level(decision_, column.name, key_paths(), today_, dialect_, sql_);
    // Behind the level stands the rule that says so.
    sql_.text += " % " + std::to_string(gate::Decision::kLevels) +
                 " >= " + std::to_string(static_cast<int>(gate::Level::ReadOnly)) + " then " + key + " end";
    return true;
  }

  Result<void> write_aggregate(const model::ViewColumn& column) {
    const model::Field* const field = view_.find_field(column.name);
    const bool is_amount =
        field != nullptr && field->type == model::FieldType::Money && !field->currency.empty();
    if (is_amount && use_of(field->currency) != KeyUse::Grouped) {
      sql_.text += "cast(null as bigint)";
      return {};
    }
    const std::string base = column.path.empty() ? "1" : storage::path_text(source_, column.path);
    static constexpr std::string_view kNames[] = {"", "", "", "sum(", "count(", "min(", "max("};
    sql_.text += column.function == Function::Sum ? "cast(coalesce(" : "cast(";
    sql_.text += kNames[static_cast<std::size_t>(column.function)];
    if (column.where.empty()) {
      sql_.text += base;
    } else {
      TALON_TRY(const auto condition, checked(generation_, source_type_, column.where));
      sql_.text += "case when ";
      storage::write_condition(condition, source_, today_, dialect_, sql_);
      sql_.text += " then " + base + " end";
    }
    sql_.text += column.function == Function::Sum ? "), 0) as bigint)" : ") as bigint)";
    return {};
  }

  const Generation& generation_;
  const model::RecordType& view_;
  const model::RecordType& source_type_;
  const storage::PathSql source_;
  const KeyUses& keys_;
  const gate::Decision& decision_;
  int64_t today_;
  storage::Dialect dialect_;
  storage::Sql& sql_;
  std::string grouped_;  ///< the keys, by their places: a condition's binds stand once
  bool named_an_aggregate_ = false;
};

}  // namespace

Result<void> write_view_source(const Generation& generation, const model::RecordType& view,
                               const KeyUses& keys, const gate::Decision& decision, int64_t today,
                               storage::Dialect dialect, storage::Sql& sql) {
  const TypeInfo* source_info = generation.find(view.view.type);
  if (source_info == nullptr)
    return internal("the view " + view.name + " reads " + view.view.type + ", which is gone");
  ColumnWriter columns(generation, view, keys, decision, today, dialect, sql);
  sql.text += "(select ";
  TALON_DO(columns.write());
  sql.text += " from " + source_info->table + " as s where ";
  if (view.view.where.empty()) {
    sql.text += "1 = 1";
  } else {
    TALON_TRY(const auto condition, checked(generation, columns.source_type(), view.view.where));
    storage::write_condition(condition, columns.source(), today, dialect, sql);
  }
  sql.text += " and ";
  gate::write_row_filter(decision, columns.key_paths(), today, dialect, sql);
  if (columns.named_an_aggregate()) {
    return internal("a rule on the view " + view.name +
                    " names a column that is no group key; name group keys only");
  }
  columns.write_grouping();
  sql.text += ") as t";
  return {};
}

}  // namespace talon::records
