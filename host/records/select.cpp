/// A caller's query as one SQL statement.
#include "host/records/select.hpp"

#include "host/gate/row_filter.hpp"
#include "host/records/cursor.hpp"
#include "host/records/view_source.hpp"
#include "host/storage/names.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

namespace talon::records {

namespace {

using gate::Level;
using model::Kind;

class Builder {
 public:
  Builder(Records::Inside& inside, const Call& call, const QueryRequest& request)
      : inside_(inside), call_(call), request_(request) {}

  Result<Select> build() {
    select_.generation = inside_.generation();
    TALON_TRY(select_.type, Records::Inside::find_type(*select_.generation, request_.type));
    if (type().kind == Kind::Virtual) return invalid(type().name + " has no rows to list");
    const std::string& judged =
        select_.type->parent != nullptr ? select_.type->parent->type->name : type().name;
    TALON_TRY(select_.decision, inside_.parts.gate->decide(call_.principal, request_.action, judged));
    if (select_.decision->verdict() == gate::Decision::Verdict::Never) {
      return denied("you may not " + request_.action + " " + type().plural +
                    "; ask for a rule that allows it");
    }
    links_ =
        std::make_unique<Links>(inside_, call_, *select_.generation, *select_.type, "t", select_.decision);
    today_ = inside_.parts.today();
    TALON_DO(read_where());
    TALON_DO(is_grouped() ? add_groups() : add_fields());
    TALON_DO(add_order());
    TALON_DO(write());
    return std::move(select_);
  }

 private:
  const model::RecordType& type() const { return *select_.type->type; }
  bool is_grouped() const { return !request_.group.empty() || !request_.aggregates.empty(); }

  Error hidden(std::string_view path, std::string_view verb) const {
    return invalid(type().name + " has no field \"" + std::string(path) + "\" that you may " +
                   std::string(verb));
  }

  /// A field that may decide which rows come, and in which order: visible, unmasked, on every row.
  Result<PathField> resolve_open(std::string_view path, std::string_view verb) {
    auto field = links_->resolve(path);
    if (!field) return hidden(path, verb);
    if (field->is_conditional || field->level < Level::ReadOnly) return hidden(path, verb);
    if (!is_column_granted(path)) return hidden(path, verb);
    return field;
  }

  /// A view's rule may grant just some columns.
  bool is_column_granted(std::string_view path) const {
    const gate::Plan& plan = select_.decision->plan();
    if (!plan.has_columns) return true;
    const std::string_view first = path.substr(0, path.find('.'));
    for (const std::string& column : plan.columns) {
      if (column == first) return true;
    }
    return false;
  }

  Result<void> check_paths(const expression::Expression& condition) {
    if (condition.kind == expression::Expression::Kind::Compare) {
      TALON_DO(allowed(resolve_open(condition.path, "filter by")));
      if (condition.operand.kind == expression::Operand::Kind::Path) {
        TALON_DO(allowed(resolve_open(condition.operand.text, "filter by")));
      }
    }
    for (const expression::Expression& child : condition.children) TALON_DO(check_paths(child));
    return {};
  }
  static Result<void> allowed(const Result<PathField>& field) {
    if (!field) return field.error();
    return {};
  }

  Result<void> read_where() {
    if (request_.where.empty()) return {};
    TALON_TRY(where_, expression::parse(request_.where));
    expression::Scope scope;
    scope.model = select_.generation->model.get();
    scope.type = &type();
    const Mistakes mistakes = expression::check(where_, scope, "where");
    if (!mistakes.empty()) {
      Json list = Json::array();
      for (const Mistake& mistake : mistakes) {
        list.push(
            Json::object({{"pointer", "/where"}, {"code", "condition"}, {"message", mistake.to_string()}}));
      }
      return Error{Code::InvalidArgument, mistakes.front().to_string(), list.to_string()};
    }
    return check_paths(where_);
  }

  int add_cell(const std::string& sql) {
    cells_.push_back(sql);
    return static_cast<int>(cells_.size()) - 1;
  }

  Result<void> add_output(const std::string& path) {
    TALON_TRY(PathField field, links_->resolve(path));
    if (!is_column_granted(path)) return hidden(path, "see");
    Output output;
    output.column = {path, field.field};
    output.level = field.level;
    output.mask = field.mask;
    output.cell = add_cell(field.sql);
    if (field.is_conditional) {
      output.level_cell = add_cell("");  // written with its binds in its place
      level_cells_.emplace_back(output.level_cell, path);
    }
    if (field.field->type == model::FieldType::Money && !field.field->currency.empty()) {
      output.currency_cell = add_currency(path, field);
    }
    select_.outputs.push_back(std::move(output));
    return {};
  }

  /// The currency stands beside the amount, or in a child list's parent.
  int add_currency(const std::string& path, const PathField& field) {
    const std::size_t dot = path.rfind('.');
    std::string currency = dot == std::string::npos ? std::string() : path.substr(0, dot + 1);
    if (field.owner->parent != nullptr && field.owner->type->find_field(field.field->currency) == nullptr) {
      currency += field.owner->parent->type->name + ".";
    }
    currency += field.field->currency;
    const auto known = currency_cells_.find(currency);
    if (known != currency_cells_.end()) return known->second;
    const auto resolved = links_->resolve(currency);
    const int cell = resolved ? add_cell(resolved->sql) : -1;
    currency_cells_[currency] = cell;
    return cell;
  }

  std::vector<std::string> default_fields() const {
    std::vector<std::string> names;
    if (type().kind != Kind::View) {
      for (const model::Field* field : select_.type->columns) names.push_back(field->name);
    }
    for (const model::Field& field : type().fields) {
      if (type().kind == Kind::View || !field.computed.empty()) names.push_back(field.name);
    }
    return names;
  }

  Result<void> add_fields() {
    if (request_.fields.empty()) {
      for (const std::string& name : default_fields()) {
        if (is_column_granted(name) && links_->resolve(name)) TALON_DO(add_output(name));
      }
    }
    for (const std::string& path : request_.fields) TALON_DO(add_output(path));
    if (type().kind != Kind::View) select_.id_cell = add_cell("t.id");
    return {};
  }

  Result<void> add_groups() {
    for (const std::string& path : request_.group) {
      TALON_TRY(const PathField field, resolve_open(path, "group by"));
      TALON_DO(add_output(path));
      group_sql_ += (group_sql_.empty() ? "" : ", ") + field.sql;
      // Equal amounts of two currencies are two groups.
      const int currency = select_.outputs.back().currency_cell;
      if (currency >= 0) group_sql_ += ", " + cells_[static_cast<std::size_t>(currency)];
    }
    for (const std::string& aggregate : request_.aggregates) TALON_DO(add_aggregate(aggregate));
    return {};
  }

  Result<void> add_aggregate(const std::string& aggregate) {
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
      return invalid("\"" + aggregate +
                     "\" is no aggregate; expected count, sum FIELD, min FIELD or max FIELD");
    }
    const std::string path = aggregate.substr(space + 1);
    TALON_TRY(const PathField field, resolve_open(path, "add up"));
    using model::FieldType;
    const FieldType kind = field.field->type;
    if (function == "sum" && kind != FieldType::Money && kind != FieldType::Decimal &&
        kind != FieldType::Integer) {
      return invalid("\"" + path + "\" is no number and cannot be added up");
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
    const bool is_text = kind != FieldType::Money && kind != FieldType::Decimal &&
                         kind != FieldType::Integer && kind != FieldType::Date &&
                         kind != FieldType::Timestamp;
    output.cell = add_cell(is_text ? function + "(" + field.sql + ")"
                                   : "cast(" + function + "(" + field.sql + ") as bigint)");
    select_.outputs.push_back(std::move(output));
    return {};
  }

  int cell_of(std::string_view path) const {
    for (const Output& output : select_.outputs) {
      if (output.column.path == path && output.level_cell < 0 && output.level >= Level::ReadOnly)
        return output.cell;
    }
    return -1;
  }

  Result<void> add_order_key(const std::string& text) {
    OrderKey key;
    key.is_descending = !text.empty() && text[0] == '-';
    key.path = key.is_descending ? text.substr(1) : text;
    for (const OrderKey& other : select_.order) {
      if (other.path == key.path) return {};
    }
    TALON_TRY(const PathField field, resolve_open(key.path, "sort by"));
    key.sql = field.sql;
    key.may_be_empty = key.path.find('.') != std::string::npos ||
                       (!field.field->is_required && key.path != "id" && key.path != "created_at");
    key.cell = cell_of(key.path);
    if (is_grouped() && key.cell < 0)
      return invalid("\"" + key.path + "\" is not in the group; sort by what is");
    if (key.cell < 0) key.cell = add_cell(field.sql);
    select_.order.push_back(std::move(key));
    return {};
  }

  Result<void> add_order() {
    for (const std::string& text : request_.order) TALON_DO(add_order_key(text));
    if (is_grouped()) {
      for (const std::string& path : request_.group) TALON_DO(add_order_key(path));
    } else if (type().kind == Kind::View) {
      for (const model::ViewColumn& column : type().view.columns) {
        using Function = model::ViewColumn::Function;
        const bool is_key = column.function == Function::Key || column.function == Function::Month ||
                            column.function == Function::Year;
        // A key that is hidden from the caller cannot break ties for them.
        if (is_key && is_column_granted(column.name) && links_->resolve(column.name)) {
          TALON_DO(add_order_key(column.name));
        }
      }
    } else {
      const bool is_last_descending = !select_.order.empty() && select_.order.back().is_descending;
      select_.order.push_back({"id", "t.id", is_last_descending, select_.id_cell, false});
    }
    return {};
  }

  Result<void> write_from(storage::Sql& sql) {
    sql.text += " from ";
    if (type().kind == Kind::View) {
      TALON_DO(
          write_view_source(*select_.generation, type(), *select_.decision, today_, inside_.dialect(), sql));
      sql.text += " where 1 = 1";
    } else if (type().kind == Kind::Child) {
      const TypeInfo& parent = *select_.type->parent;
      sql.text += select_.type->table + " as t where exists (select 1 from " + parent.table +
                  " as p where p.id = t." + storage::quoted(parent.type->name) + " and ";
      gate::write_row_filter(*select_.decision, inside_.path_sql(*select_.generation, parent, "p"), today_,
                             inside_.dialect(), sql);
      sql.text += ")";
    } else {
      sql.text += select_.type->table + " as t where ";
      gate::write_row_filter(*select_.decision, inside_.path_sql(*select_.generation, *select_.type, "t"),
                             today_, inside_.dialect(), sql);
    }
    if (!request_.where.empty()) {
      sql.text += " and ";
      const storage::PathSql own = [&](std::string_view path) { return links_->resolve(path)->sql; };
      storage::write_condition(where_, own, today_, inside_.dialect(), sql);
    }
    return {};
  }

  Result<void> write_after_cursor(storage::Sql& sql) {
    TALON_TRY(const std::vector<Value> keys,
              read_cursor(request_.cursor, select_.cursor_hash, inside_.parts.signing_key));
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

  void write_cells(storage::Sql& sql) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (i > 0) sql.text += ", ";
      sql.text += cells_[i];
      for (const auto& [cell, path] : level_cells_) {
        if (static_cast<std::size_t>(cell) != i) continue;
        const std::string rule = select_.type->parent != nullptr ? select_.type->list + "." + path : path;
        gate::write_level(*select_.decision, rule, inside_.path_sql(*select_.generation, *select_.type, "t"),
                          today_, inside_.dialect(), sql);
      }
    }
  }

  Result<void> write() {
    std::string binding = request_.type + "\n" + request_.where + "\n" + request_.action + "\n" +
                          call_.principal.json().to_string();
    for (const OrderKey& key : select_.order) binding += (key.is_descending ? "\n-" : "\n") + key.path;
    for (const std::string& group : request_.group) binding += "\n" + group;
    select_.cursor_hash = std::move(binding);
    storage::Sql& sql = select_.sql;
    links_->write_with(sql, today_);
    sql.text += "select ";
    write_cells(sql);
    TALON_DO(write_from(sql));
    if (!request_.cursor.empty()) TALON_DO(write_after_cursor(sql));
    if (!group_sql_.empty()) sql.text += " group by " + group_sql_;
    for (std::size_t i = 0; i < select_.order.size(); ++i) {
      const OrderKey& key = select_.order[i];
      sql.text += i == 0 ? " order by " : ", ";
      sql.text += key.sql + (key.is_descending ? " desc" : "");
      if (key.may_be_empty) sql.text += " nulls last";
    }
    if (request_.limit > 0) {
      sql.text += " limit ?";
      sql.binds.emplace_back(request_.limit + 1);  // one more tells whether there is a next page
    }
    if (!request_.wants_total) return {};
    select_.total.emplace();
    links_->write_with(*select_.total, today_);
    select_.total->text += is_grouped() ? "select count(*) from (select 1" : "select count(*)";
    TALON_DO(write_from(*select_.total));
    if (!is_grouped()) return {};
    if (!group_sql_.empty()) select_.total->text += " group by " + group_sql_;
    select_.total->text += ") as g";
    return {};
  }

  Records::Inside& inside_;
  const Call& call_;
  const QueryRequest& request_;
  Select select_;
  std::unique_ptr<Links> links_;
  expression::Expression where_;
  int64_t today_ = 0;
  std::vector<std::string> cells_;
  std::vector<std::pair<int, std::string>> level_cells_;
  std::map<std::string, int> currency_cells_;
  std::string group_sql_;
};

}  // namespace

Result<Select> build_select(Records::Inside& inside, const Call& call, const QueryRequest& request) {
  return Builder(inside, call, request).build();
}

}  // namespace talon::records
