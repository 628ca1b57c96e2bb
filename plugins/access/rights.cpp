/// Plans as conditions.
#include "rights.hpp"

#include <talon/expression/fold.hpp>
#include <talon/expression/parse.hpp>

#include <algorithm>

namespace talon::access {

using expression::Expression;
using expression::Operand;
using expression::Operator;
using Kind = Expression::Kind;

namespace {

Expression group(Kind kind) {
  Expression made;
  made.kind = kind;
  return made;
}

Expression never() { return expression::detail::never(); }

Expression asks_presence(const std::string& path) {
  Expression compare = group(Kind::Compare);
  compare.path = path;
  compare.op = Operator::IsNotEmpty;
  return compare;
}

Expression is_text(const std::string& path, const std::string& text) {
  Expression compare = group(Kind::Compare);
  compare.path = path;
  compare.op = Operator::Is;
  compare.operand.kind = Operand::Kind::Literal;
  compare.operand.text = text;
  compare.operand.is_quoted = true;
  compare.operand.values = {Value(text)};
  return compare;
}

/// What must be there for the comparison to be True or False.
Expression guards(const Expression& compare) {
  Expression all = group(Kind::All);
  const bool asks = compare.op == Operator::IsEmpty || compare.op == Operator::IsNotEmpty;
  if (asks) return all;
  const Operand& operand = compare.operand;
  all.children.push_back(asks_presence(compare.path));
  if (operand.kind == Operand::Kind::Path) all.children.push_back(asks_presence(operand.text));
  if (compare.type != model::FieldType::Money || compare.currency_path.empty()) return all;
  if (operand.kind == Operand::Kind::Path) {
    if (operand.currency_path == compare.currency_path) return all;
    all.children.push_back(asks_presence(compare.currency_path));
    Expression same = group(Kind::Compare);
    same.path = compare.currency_path;
    same.operand.kind = Operand::Kind::Path;
    same.operand.text = operand.currency_path;
    all.children.push_back(asks_presence(operand.currency_path));
    all.children.push_back(std::move(same));
  } else {
    all.children.push_back(asks_presence(compare.currency_path));
    all.children.push_back(is_text(compare.currency_path, operand.currency));
  }
  return all;
}

Expression settled(const Expression& condition, bool wanted);

Expression settled_children(const Expression& condition, Kind kind, bool wanted) {
  Expression made = group(kind);
  for (const Expression& child : condition.children) made.children.push_back(settled(child, wanted));
  return expression::detail::simplified(std::move(made));
}

/// True where `condition` is `wanted`, False otherwise.
Expression settled(const Expression& condition, bool wanted) {
  switch (condition.kind) {
    case Kind::Always:
      return wanted ? Expression() : never();
    case Kind::All:
      return settled_children(condition, wanted ? Kind::All : Kind::Any, wanted);
    case Kind::Any:
      return settled_children(condition, wanted ? Kind::Any : Kind::All, wanted);
    case Kind::None:
      return settled_children(condition, wanted ? Kind::All : Kind::Any, !wanted);
    case Kind::Compare: {
      if (condition.operand.kind == Operand::Kind::Unknown) return never();
      Expression all = guards(condition);
      if (wanted) {
        all.children.push_back(condition);
      } else {
        Expression none = group(Kind::None);
        none.children.push_back(condition);
        all.children.push_back(std::move(none));
      }
      return expression::detail::simplified(std::move(all));
    }
    case Kind::Named:
    case Kind::HasRole:
      break;  // a plan has none of them
  }
  return never();
}

FieldEffect least_effect(FieldRight right) {
  return right == FieldRight::Seen       ? FieldEffect::Hide
         : right == FieldRight::Unmasked ? FieldEffect::Mask
                                         : FieldEffect::Lock;
}

/// hide takes all away, mask what is unmasked and editable, lock what is editable.
bool takes_away(FieldEffect effect, FieldRight right) {
  if (effect == FieldEffect::Hide || effect == FieldEffect::Only) return true;
  if (effect == FieldEffect::Mask) return least_effect(right) != FieldEffect::Hide;
  return right == FieldRight::Editable;
}

/// `implies` of trees without Unknown.
bool settled_implies(const Expression& a, const Expression& b) {
  const auto is_some = [](const std::vector<Expression>& list, const auto& holds) {
    return std::any_of(list.begin(), list.end(), holds);
  };
  const auto is_each = [](const std::vector<Expression>& list, const auto& holds) {
    return std::all_of(list.begin(), list.end(), holds);
  };
  if (b.kind == Kind::Always || expression::is_never(a)) return true;
  if (a.kind == b.kind && expression::print(a) == expression::print(b)) return true;
  if (b.kind == Kind::All) {
    return is_each(b.children, [&](const Expression& child) { return settled_implies(a, child); });
  }
  if (a.kind == Kind::Any) {
    return is_each(a.children, [&](const Expression& child) { return settled_implies(child, b); });
  }
  if (a.kind == Kind::All &&
      is_some(a.children, [&](const Expression& child) { return settled_implies(child, b); })) {
    return true;
  }
  return b.kind == Kind::Any &&
         is_some(b.children, [&](const Expression& child) { return settled_implies(a, child); });
}

}  // namespace

bool implies(const Expression& a, const Expression& b) { return settled_implies(is_true(a), is_true(b)); }

Expression both_of(Expression a, Expression b) {
  Expression all = group(Kind::All);
  all.children.push_back(std::move(a));
  all.children.push_back(std::move(b));
  return expression::detail::simplified(std::move(all));
}

Expression allowed_by(const Plan& plan) {
  if (plan.allows.empty()) return never();
  Expression any = group(Kind::Any);
  for (const PlanRule& allow : plan.allows) any.children.push_back(*allow.tree());
  Expression none = group(Kind::None);
  for (const PlanRule& deny : plan.denies) none.children.push_back(*deny.tree());
  Expression allowed = expression::detail::simplified(std::move(any));
  if (none.children.empty()) return allowed;
  return both_of(std::move(allowed), expression::detail::simplified(std::move(none)));
}

Expression field_right(const Plan& plan, std::string_view field, FieldRight right) {
  Expression all = group(Kind::All);
  Expression none = group(Kind::None);
  for (const PlanField& entry : plan.fields) {
    const auto& fields = entry.rule->fields;
    if (!takes_away(entry.rule->effect, right)) continue;
    if (std::find(fields.begin(), fields.end(), field) != fields.end())
      none.children.push_back(*entry.tree());
  }
  if (!none.children.empty()) all.children.push_back(expression::detail::simplified(std::move(none)));
  for (const PlanColumn& column : plan.partial_columns) {
    if (column.column != field) continue;
    Expression any = group(Kind::Any);
    for (const uint32_t index : column.given_by) any.children.push_back(*plan.allows[index].tree());
    all.children.push_back(any.children.empty() ? never() : expression::detail::simplified(std::move(any)));
  }
  const bool is_left_out =
      plan.has_columns && std::find(plan.columns.begin(), plan.columns.end(), field) == plan.columns.end();
  if (is_left_out) return never();
  return expression::detail::simplified(std::move(all));
}

Expression is_true(const Expression& condition) { return settled(condition, true); }

Expression is_not_true(const Expression& condition) {
  Expression none = group(Kind::None);
  none.children.push_back(is_true(condition));
  return expression::detail::simplified(std::move(none));
}

bool is_never_true(const Expression& condition) { return expression::is_never(is_true(condition)); }
bool is_always_true(const Expression& condition) { return condition.kind == Kind::Always; }

}  // namespace talon::access
