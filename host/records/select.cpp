/// A caller's query as one SQL statement.
#include "host/records/select_builder.hpp"

#include "host/gate/row_filter.hpp"
#include "host/records/denials.hpp"
#include "host/records/entry_mask.hpp"
#include "host/records/logged_condition.hpp"
#include "host/records/query_cost.hpp"
#include "host/storage/names.hpp"

#include <talon/expression/check.hpp>
#include <talon/text.hpp>

namespace talon::records {

using gate::Level;

namespace {

Result<void> allowed(const Result<PathField>& field) {
  if (!field) return field.error();
  return {};
}

}  // namespace

Result<Select> SelectBuilder::build() {
  select_.generation = inside_.generation();
  TALON_TRY(select_.type, Records::Inside::find_type(*select_.generation, request_.type));
  if (type().kind == model::Kind::Virtual) return invalid(type().name + " has no rows to list");
  const std::string& judged =
      select_.type->parent != nullptr ? select_.type->parent->type->name : type().name;
  TALON_TRY(select_.decision, inside_.parts.gate->decide(call_.principal, request_.action, judged));
  if (select_.decision->verdict() == gate::Decision::Verdict::Never) {
    return denied_by_rule(
        "you may not " + request_.action + " " + type().plural + "; ask for a rule that allows it",
        {request_.action, select_.type->parent != nullptr ? *select_.type->parent->type : type()});
  }
  links_ = std::make_unique<Links>(inside_, call_, *select_.generation, *select_.type, "t", select_.decision);
  today_ = inside_.parts.today();
  TALON_DO(read_key_uses());
  TALON_DO(check_lists(request_));
  TALON_DO(read_where());
  TALON_DO(check_cost(request_, where_));
  TALON_DO(check_paths(where_));
  TALON_DO(is_grouped() ? add_groups() : add_fields());
  TALON_DO(add_order());
  TALON_DO(write());
  select_.linked = links_->decisions();
  for (const Output& output : select_.outputs) select_.shown.push(output.column.path);
  return std::move(select_);
}

Error SelectBuilder::hidden(std::string_view path, std::string_view verb) const {
  return invalid(type().name + " has no field " + echoed(path) + " that you may " + std::string(verb));
}

Result<PathField> SelectBuilder::resolve_open(std::string_view path, std::string_view verb) {
  auto field = links_->resolve(path);
  if (!field) return hidden(path, verb);
  if (field->is_conditional || field->level < Level::ReadOnly) return hidden(path, verb);
  if (!is_column_granted(path)) return hidden(path, verb);
  const bool is_masked_content = EntryMask::masks(*field->owner->type, *field->field);
  if (is_masked_content && call_.principal.kind == gate::Principal::Kind::User) return hidden(path, verb);
  TALON_DO(add_linked_reads(std::string(path), LinkedUse::Asked));
  return field;
}

bool SelectBuilder::is_column_granted(std::string_view path) const {
  const gate::PlanTerms& plan = select_.decision->plan();
  if (!plan.has_columns) return true;
  const std::string_view first = path.substr(0, path.find('.'));
  for (const std::string& column : plan.columns) {
    if (column == first) return true;
  }
  return false;
}

Result<std::optional<PathField>> SelectBuilder::visible_currency(const std::string& path) {
  auto field = links_->resolve(path);
  // Whether one is hidden cannot be told when the gate has failed.
  if (!field && field.error().code != Code::InvalidArgument) return std::move(field).error();
  const bool is_visible = field && !field->is_conditional && field->level >= Level::ReadOnly;
  return is_visible ? std::optional<PathField>(*std::move(field)) : std::nullopt;
}

Result<void> SelectBuilder::check_currencies(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    TALON_TRY(const auto field, visible_currency(path));
    if (!field) return hidden(path, "filter by");
  }
  return {};
}

Result<void> SelectBuilder::check_paths(const expression::Expression& condition) {
  if (condition.kind == expression::Expression::Kind::Compare) {
    const expression::Operand& operand = condition.operand;
    const bool is_path = operand.kind == expression::Operand::Kind::Path;
    TALON_DO(allowed(resolve_open(condition.path, "filter by")));
    if (is_path) TALON_DO(allowed(resolve_open(operand.text, "filter by")));
    // Which amounts meet the condition tells their currency too, but where both have the same.
    const bool is_by_currency =
        is_path ? operand.currency_path != condition.currency_path : !operand.values.empty();
    if (is_by_currency) TALON_DO(check_currencies({condition.currency_path, operand.currency_path}));
  }
  for (const expression::Expression& child : condition.children) TALON_DO(check_paths(child));
  return {};
}

Result<void> SelectBuilder::read_where() {
  if (!request_.where.empty()) {
    TALON_TRY(where_, expression::parse(request_.where));
    const std::string logged = logged_condition(*select_.generation->model, type(), where_, request_.where);
    if (logged != request_.where) select_.logged_where = logged;
  }
  if (!request_.by.empty()) {
    where_ = {};
    return allowed(resolve_open(request_.by, "filter by"));
  }
  if (request_.where.empty()) return {};
  expression::Scope scope;
  scope.model = select_.generation->model.get();
  scope.type = &type();
  scope.internal = call_.principal.is_inside() ? model::Internal::Named : model::Internal::Absent;
  const Mistakes mistakes = expression::check(where_, scope, "where");
  if (!mistakes.empty()) {
    Json list = Json::array();
    for (const Mistake& mistake : mistakes) {
      list.push(
          Json::object({{"pointer", "/where"}, {"code", "condition"}, {"message", mistake.to_string()}}));
    }
    return Error{Code::InvalidArgument, mistakes.front().to_string(), list.to_string()};
  }
  return {};
}

int SelectBuilder::add_cell(const std::string& sql) {
  cells_.push_back(sql);
  return static_cast<int>(cells_.size()) - 1;
}

Result<void> SelectBuilder::add_output(const std::string& path) {
  TALON_TRY(PathField field, links_->resolve(path));
  if (!is_column_granted(path)) return hidden(path, "see");
  Output output;
  output.column = {path, field.field};
  output.level = field.level;
  output.mask = field.mask;
  output.cell = add_cell(field.sql);
  if (EntryMask::masks(*field.owner->type, *field.field)) {
    const auto about = links_->resolve(path.substr(0, path.size() - field.field->name.size()) + "type");
    output.type_cell = add_cell(about ? about->sql : "'" + std::string(kNoType) + "'");
  }
  if (is_emptied_key(path)) {
    output.level = Level::ReadOnly;
  } else if (field.is_conditional) {
    output.level_cell = add_cell("");  // written with its binds in its place
    level_cells_.emplace_back(output.level_cell, path);
  }
  if (field.field->type == model::FieldType::Money && !field.field->currency.empty()) {
    TALON_TRY(output.currency_cell, add_currency(path, field));
  }
  select_.outputs.push_back(std::move(output));
  return add_linked_reads(path, LinkedUse::Shown);
}

Result<int> SelectBuilder::add_currency(const std::string& path, const PathField& field) {
  const std::size_t dot = path.rfind('.');
  std::string currency = dot == std::string::npos ? std::string() : path.substr(0, dot + 1);
  if (field.owner->parent != nullptr && field.owner->type->find_field(field.field->currency) == nullptr) {
    currency += field.owner->parent->type->name + ".";
  }
  currency += field.field->currency;
  const auto known = currency_cells_.find(currency);
  if (known != currency_cells_.end()) return known->second;
  TALON_TRY(const auto field_of_currency, visible_currency(currency));
  const int cell = field_of_currency ? add_cell(field_of_currency->sql) : -1;
  currency_cells_[currency] = cell;
  return cell;
}

std::vector<std::string> SelectBuilder::default_fields() const {
  std::vector<std::string> names;
  if (type().kind != model::Kind::View) {
    for (const model::Field* field : select_.type->columns) names.push_back(field->name);
  }
  for (const model::Field& field : type().fields) {
    if (type().kind == model::Kind::View || !field.computed.empty()) names.push_back(field.name);
  }
  return names;
}

Result<void> SelectBuilder::add_fields() {
  if (request_.fields.empty()) {
    for (const std::string& name : default_fields()) {
      if (is_column_granted(name) && links_->resolve(name)) TALON_DO(add_output(name));
    }
  }
  for (const std::string& path : request_.fields) TALON_DO(add_output(path));
  if (type().kind == model::Kind::View) return {};
  select_.id_cell = add_cell("t.id");
  select_.record_cell = select_.type->parent == nullptr ? select_.id_cell : add_cell(parent_sql());
  return {};
}

std::string SelectBuilder::parent_sql() const {
  return "t." + storage::quoted(select_.type->parent->type->name);
}

storage::PathSql SelectBuilder::judged_path() const {
  const TypeInfo* parent = select_.type->parent;
  if (parent != nullptr) return inside_.path_sql(*select_.generation, *parent, "p");
  return inside_.path_sql(*select_.generation, *select_.type, "t");
}

Result<int> SelectBuilder::write_from(storage::Sql& sql) {
  sql.text += " from ";
  if (type().kind == model::Kind::View) {
    TALON_DO(write_view_source(*select_.generation, type(), key_uses_, *select_.decision, today_,
                               inside_.dialect(), sql));
    sql.text += " where 1 = 1";
  } else if (type().kind == model::Kind::Child) {
    sql.text += select_.type->table + " as t join " + select_.type->parent->table +
                " as p on p.id = " + parent_sql() + " where ";
    gate::write_row_filter(*select_.decision, judged_path(), today_, inside_.dialect(), sql);
  } else {
    sql.text += select_.type->table + " as t where ";
    gate::write_row_filter(*select_.decision, judged_path(), today_, inside_.dialect(), sql);
  }
  int by_bind = -1;
  if (!request_.by.empty()) {
    by_bind = static_cast<int>(sql.binds.size());
    sql.text += " and " + links_->resolve(request_.by)->sql + " = ?";
    sql.binds.emplace_back(request_.by_id);
  } else if (!request_.where.empty()) {
    sql.text += " and ";
    const storage::PathSql own = [&](std::string_view path, std::string& text) {
      text += links_->resolve(path)->sql;
    };
    storage::write_condition(where_, own, today_, inside_.dialect(), sql);
  }
  return by_bind;
}

void SelectBuilder::write_cells(storage::Sql& sql) {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (i > 0) sql.text += ", ";
    sql.text += cells_[i];
    for (const auto& [cell, path] : level_cells_) {
      if (static_cast<std::size_t>(cell) != i) continue;
      const std::string rule = select_.type->parent != nullptr ? select_.type->list + "." + path : path;
      gate::write_level(*select_.decision, rule, judged_path(), today_, inside_.dialect(), sql);
    }
  }
}

Result<void> SelectBuilder::write() {
  storage::Sql& sql = select_.sql;
  links_->write_with(sql, today_);
  sql.text += "select ";
  write_cells(sql);
  TALON_TRY(select_.by_bind, write_from(sql));
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
  TALON_TRY(select_.total_by_bind, write_from(*select_.total));
  if (!is_grouped()) return {};
  if (!group_sql_.empty()) select_.total->text += " group by " + group_sql_;
  select_.total->text += ") as g";
  return {};
}

std::string cursor_binding(const Call& call, const QueryRequest& request,
                           const std::vector<OrderKey>& order) {
  std::string binding =
      request.type + "\n" + request.where + "\n" + request.action + "\n" + call.principal.binding();
  for (const OrderKey& key : order) binding += (key.is_descending ? "\n-" : "\n") + key.path;
  for (const std::string& group : request.group) binding += "\n" + group;
  return binding;
}

Result<Select> build_select(Records::Inside& inside, const Call& call, const QueryRequest& request) {
  return SelectBuilder(inside, call, request).build();
}

}  // namespace talon::records
