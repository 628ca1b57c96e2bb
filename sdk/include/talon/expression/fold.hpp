/// Putting the signed-in user into a checked tree (see check.hpp).
#pragma once

#include <talon/bodies.hpp>
#include <talon/expression/check.hpp>
#include <talon/expression/literal.hpp>
#include <talon/expression/tokens.hpp>

#include <optional>

namespace talon::expression {

namespace detail {

TALON_INLINE Expression always() { return {}; }
TALON_INLINE Expression never() {
  Expression none;
  none.kind = Expression::Kind::None;
  none.children.push_back(always());
  return none;
}

/// Drops what does not matter for a group's truth. Sound in three values: True and False decide or vanish, an
/// Unknown stays.
TALON_INLINE Expression simplified(Expression group) {
  const bool is_all = group.kind == Expression::Kind::All;
  std::vector<Expression> kept;
  for (Expression& child : group.children) {
    if (is_all ? is_never(child) : is_always(child)) {
      return group.kind == Expression::Kind::Any ? always() : never();
    }
    if (!(is_all ? is_always(child) : is_never(child))) kept.push_back(std::move(child));
  }
  if (kept.empty()) return group.kind == Expression::Kind::Any ? never() : always();
  if (kept.size() == 1 && group.kind != Expression::Kind::None) {
    Expression only = std::move(kept.front());
    return only;
  }
  group.children = std::move(kept);
  return group;
}

/// An amount of a fact: "10000 EUR", or "10000" in `otherwise`. Nothing where it cannot be read.
TALON_INLINE std::optional<std::pair<int64_t, std::string>> read_fact_amount(const Value& value,
                                                                             const std::string& otherwise) {
  if (value.is_integer()) {
    if (!Currency::parse(otherwise)) return std::nullopt;
    return std::pair(value.integer(), otherwise);
  }
  const std::string_view text = value.text();
  const std::size_t space = text.find(' ');
  const std::string currency =
      space == std::string_view::npos ? otherwise : std::string(text.substr(space + 1));
  const auto amount = read_amount(text.substr(0, space), currency);
  if (!amount) return std::nullopt;
  return std::pair(amount->integer(), currency);
}

/// UTF-8 without zero bytes, so that it can be printed and read again.
TALON_INLINE bool is_plain(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text, at);
    if (length == 0 || text[at] == '\0') return false;
    at += length;
  }
  return true;
}

/// Replaces the operand by values of the comparison's type; Unknown where one cannot be read or none is
/// there.
class FactFold {
 public:
  FactFold(const Expression& compare, const std::vector<Value>& facts, const std::string& currency)
      : compare_(compare), facts_(facts), currency_(currency) {}

  Expression run() const {
    const bool is_list = compare_.op == Operator::In || compare_.op == Operator::NotIn;
    if (facts_.empty() || (!is_list && facts_.size() > 1)) return with({}, {}, Operand::Kind::Unknown);
    if (compare_.type == model::FieldType::Money) return amounts(is_list);
    std::vector<Value> values;
    for (const Value& fact : facts_) {
      std::optional<Value> value = read(fact);
      if (!value) return with({}, {}, Operand::Kind::Unknown);
      values.push_back(*std::move(value));
    }
    return with(std::move(values), {}, is_list ? Operand::Kind::List : Operand::Kind::Literal);
  }

 private:
  /// One comparison per currency: within one of them all is comparable.
  Expression amounts(bool is_list) const {
    std::map<std::string, std::vector<Value>> by_currency;
    for (const Value& fact : facts_) {
      const auto amount = read_fact_amount(fact, currency_);
      if (!amount) return with({}, {}, Operand::Kind::Unknown);
      by_currency[amount->second].emplace_back(amount->first);
    }
    Expression group;
    group.kind = compare_.op == Operator::NotIn ? Expression::Kind::All : Expression::Kind::Any;
    group.place = compare_.place;
    for (auto& [currency, values] : by_currency) {
      group.children.push_back(
          with(std::move(values), currency, is_list ? Operand::Kind::List : Operand::Kind::Literal));
    }
    return simplified(std::move(group));
  }

  std::optional<Value> read(const Value& fact) const {
    const bool is_textual = compare_.type == model::FieldType::Text ||
                            compare_.type == model::FieldType::Choice ||
                            compare_.type == model::FieldType::State;
    if (is_textual) return fact.is_text() && is_plain(fact.text()) ? std::optional(fact) : std::nullopt;
    LiteralType as = literal_type(compare_);
    as.is_day = !fact.is_integer() && fact.text().size() == 10;
    const std::string text = fact.is_integer() ? write_literal(fact, as) : std::string(fact.text());
    auto value = read_literal(text, as);  // of an integer too: what cannot be written could not be planned
    if (!value) return std::nullopt;
    return *std::move(value);
  }

  Expression with(std::vector<Value> values, std::string currency, Operand::Kind kind) const {
    Expression folded = compare_;
    Operand operand;
    operand.kind = kind;
    operand.place = compare_.operand.place;
    operand.currency = std::move(currency);
    operand.values = std::move(values);
    operand.is_day = compare_.type == model::FieldType::Timestamp && kind == Operand::Kind::Literal &&
                     !facts_.empty() && facts_.front().text().size() == 10;
    folded.operand = std::move(operand);
    LiteralType as = literal_type(folded);
    for (const Value& value : folded.operand.values) {
      std::string text = write_literal(value, as);
      if (kind == Operand::Kind::Literal) {
        folded.operand.is_quoted = value.is_text();
        folded.operand.text = std::move(text);
      } else {
        folded.operand.texts.push_back(as.currency.empty() ? std::move(text) : text + " " + as.currency);
      }
    }
    return folded;
  }

  const Expression& compare_;
  const std::vector<Value>& facts_;
  const std::string& currency_;
};

}  // namespace detail

TALON_INLINE Expression fold(const Expression& expression, const UserFacts& user) {
  static const std::vector<Value> kNone;
  switch (expression.kind) {
    case Expression::Kind::Always:
    case Expression::Kind::Named:
      return expression;
    case Expression::Kind::HasRole: {
      const bool has = std::find(user.roles.begin(), user.roles.end(), expression.path) != user.roles.end();
      return has != expression.is_negated ? detail::always() : detail::never();
    }
    case Expression::Kind::Compare: {
      if (expression.operand.kind == Operand::Kind::User) {
        const std::vector<Value> id = user.user == 0 ? kNone : std::vector<Value>{Value(user.user)};
        return detail::FactFold(expression, id, user.currency).run();
      }
      if (expression.operand.kind != Operand::Kind::Fact) return expression;
      const auto found = user.facts.find(expression.operand.text);
      return detail::FactFold(expression, found == user.facts.end() ? kNone : found->second, user.currency)
          .run();
    }
    case Expression::Kind::All:
    case Expression::Kind::Any:
    case Expression::Kind::None:
      break;
  }
  Expression group = expression;
  for (Expression& child : group.children) child = fold(child, user);
  return detail::simplified(std::move(group));
}

}  // namespace talon::expression
