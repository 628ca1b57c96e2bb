/// Reading what the authorizer answered; anything that is not understood makes the whole plan bad.
#include "host/gate/gate.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

#include <algorithm>

namespace talon::gate {

namespace {

using expression::Expression;
using expression::Operand;
using model::ViewColumn;

Error bad(const std::string& place, const std::string& why) {
  return internal("the authorizer's plan cannot be used: " + place + (place.empty() ? "" : ": ") + why);
}

/// A field of the type, or "lines" or "lines.cost" of one of its lists.
bool has_field(const model::Model& model, const model::RecordType& type, std::string_view path) {
  const std::size_t dot = path.find('.');
  for (const model::ChildList& list : type.lists) {
    if (list.name != path.substr(0, dot)) continue;
    const model::RecordType* child = model.find(list.type);
    return dot == std::string_view::npos ||
           (child != nullptr && child->find_field(path.substr(dot + 1)) != nullptr);
  }
  return dot == std::string_view::npos && type.find_field(path) != nullptr;
}

/// Long lists are kept once: `print` writes them from their values.
void drop_texts(Expression& expression) {
  for (Expression& child : expression.children) drop_texts(child);
  if (!expression.operand.values.empty()) std::vector<std::string>().swap(expression.operand.texts);
}

class PlanReader {
 public:
  PlanReader(const model::Model& model, const model::RecordType& type) : model_(model), type_(type) {
    scope_.model = &model;
    scope_.type = &type;
    scope_.is_folded = true;
  }

  Result<Plan> read(const Json& json) {
    if (!json.is_object()) return bad("", "it is no object");
    Plan plan;
    plan.policy_set = std::string(json["policy_set"].string());
    for (const Json& role : json["roles"].items()) plan.roles.emplace_back(role.string());
    plan.valid_until_us = json["valid_until"].integer();
    TALON_DO(each_residual(json["deny"], [&](Residual deny) { plan.denies.add(std::move(deny)); }));
    TALON_DO(each_residual(json["allow"], [&](Residual allow) { plan.allows.push_back(std::move(allow)); }));
    if (!is_list(json["fields"])) return bad("fields", "is no list");
    for (const Json& item : json["fields"].items()) {
      TALON_TRY(FieldRule rule, field_rule(item));
      plan.fields.push_back(std::move(rule));
    }
    TALON_DO(read_columns(json["columns"], plan));
    const Json* drill_down = json.find("drill_down");
    plan.may_drill_down = drill_down == nullptr || drill_down->boolean();
    return plan;
  }

 private:
  static bool is_list(const Json& json) { return json.is_array() || json.is_null(); }

  template <typename Take>
  Result<void> each_residual(const Json& list, const Take& take) {
    if (!is_list(list)) return bad("", "deny and allow are lists");
    for (const Json& item : list.items()) {
      Residual residual;
      residual.rule = std::string(item["rule"].string());
      residual.place = std::string(item["place"].string());
      TALON_TRY(residual.where, condition(item, residual.place));
      take(std::move(residual));
    }
    return {};
  }

  Result<FieldRule> field_rule(const Json& item) {
    FieldRule rule;
    rule.field = std::string(item["field"].string());
    rule.place = std::string(item["place"].string());
    if (!has_field(model_, type_, rule.field)) {
      return bad(rule.place, type_.name + " has no field \"" + rule.field + "\"");
    }
    static constexpr std::string_view kLevels[] = {"hidden", "masked", "read_only", "edit"};
    const auto level = std::find(std::begin(kLevels), std::end(kLevels), item["level"].string());
    if (level == std::end(kLevels)) return bad(rule.place, "unknown level");
    rule.level = static_cast<Level>(level - std::begin(kLevels));
    if (!item["as"].string().empty()) {
      auto mask = read_mask(item["as"].string());
      if (!mask) return bad(rule.place, mask.error().message);
      rule.mask = *mask;
    }
    TALON_TRY(rule.where, condition(item, rule.place));
    return rule;
  }

  Result<void> read_columns(const Json& columns, Plan& plan) {
    if (columns.is_null()) return {};
    if (!columns.is_array()) return bad("columns", "is no list");
    plan.has_columns = true;
    for (const Json& column : columns.items()) {
      if (type_.find_field(column.string()) == nullptr) {
        return bad("columns", type_.name + " has no column \"" + std::string(column.string()) + "\"");
      }
      plan.columns.emplace_back(column.string());
    }
    return {};
  }

  /// `where` must be a text: one that is missing is a mistake, not "always".
  Result<Expression> condition(const Json& item, const std::string& place) {
    if (!item["where"].is_string()) return bad(place, "\"where\" is no text");
    auto parsed = expression::parse(item["where"].string());
    if (!parsed) return bad(place, parsed.error().message);
    const Mistakes mistakes = expression::check(*parsed, scope_, place);
    if (!mistakes.empty()) return bad(place, mistakes.front().message);
    TALON_DO(refuse_unusable(*parsed, place));
    drop_texts(*parsed);
    return std::move(*parsed);
  }

  /// What is not folded, and on a view what is no group key.
  Result<void> refuse_unusable(const Expression& expression, const std::string& place) {
    for (const Expression& child : expression.children) TALON_DO(refuse_unusable(child, place));
    const bool is_user =
        expression.operand.kind == Operand::Kind::User || expression.operand.kind == Operand::Kind::Fact ||
        expression.kind == Expression::Kind::HasRole || expression.kind == Expression::Kind::Named;
    if (is_user) return bad(place, "the user is not folded in");
    if (expression.kind != Expression::Kind::Compare || type_.kind != model::Kind::View) return {};
    TALON_DO(refuse_aggregate(expression.path, place));
    if (expression.operand.kind == Operand::Kind::Path)
      return refuse_aggregate(expression.operand.text, place);
    return {};
  }

  Result<void> refuse_aggregate(std::string_view path, const std::string& place) {
    const std::string_view name = path.substr(0, path.find('.'));
    for (const ViewColumn& column : type_.view.columns) {
      if (column.name == name && column.is_key()) return {};
    }
    return bad(place, "\"" + std::string(name) + "\" is no group key of the view " + type_.name);
  }

  const model::Model& model_;
  const model::RecordType& type_;
  expression::Scope scope_;
};

}  // namespace

Result<Plan> read_plan(const Json& json, const model::Model& model, const model::RecordType& type) {
  return PlanReader(model, type).read(json);
}

}  // namespace talon::gate
