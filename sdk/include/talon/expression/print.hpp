/// Tree to text: the inline form that parse.hpp reads.
#pragma once

#include <talon/bodies.hpp>
#include <talon/expression/literal.hpp>
#include <talon/expression/parser.hpp>
#include <talon/text.hpp>

namespace talon::expression {

namespace detail {

TALON_INLINE bool needs_quotes(std::string_view text) {
  if (text.empty() || is_reserved(text) || text.starts_with("user.") || text[0] == '+' || text == "-")
    return true;
  for (const char c : text) {
    if (ends_word(c) || c == '\\') return true;
  }
  return false;
}

TALON_INLINE void print_text(std::string& out, std::string_view text, bool is_quoted) {
  if (!is_quoted && !needs_quotes(text)) {
    out += text;
    return;
  }
  out += text_literal(text);
}

/// "5 EUR" in a list stands without quotes: it reads back as the same text.
TALON_INLINE bool is_amount(std::string_view text) {
  const std::size_t space = text.find(' ');
  return space != std::string_view::npos && is_number(text.substr(0, space)) &&
         is_currency_code(text.substr(space + 1));
}

/// What was written; of a tree made by hand the value's own text.
TALON_INLINE std::string literal_text(const Expression& compare, std::size_t index,
                                      std::string_view written) {
  const Operand& operand = compare.operand;
  if (!written.empty() || index >= operand.values.size()) return std::string(written);
  const std::string text = write_literal(operand.values[index], literal_type(compare));
  const bool is_listed_amount = operand.kind == Operand::Kind::List && !operand.currency.empty();
  return is_listed_amount ? text + " " + operand.currency : text;
}

TALON_INLINE void print_list(std::string& out, const Expression& compare) {
  const Operand& operand = compare.operand;
  out += '[';
  for (std::size_t i = 0; i < std::max(operand.texts.size(), operand.values.size()); ++i) {
    if (i > 0) out += ", ";
    const std::string item = literal_text(
        compare, i, i < operand.texts.size() ? std::string_view(operand.texts[i]) : std::string_view());
    if (is_amount(item)) {
      out += item;
    } else {
      print_text(out, item, false);
    }
  }
  out += ']';
}

TALON_INLINE void print_operand(std::string& out, const Expression& compare) {
  const Operand& operand = compare.operand;
  switch (operand.kind) {
    case Operand::Kind::None:
      return;
    case Operand::Kind::Literal:
      print_text(out, operand.is_quoted ? operand.text : literal_text(compare, 0, operand.text),
                 operand.is_quoted);
      if (!operand.currency.empty()) out += " " + operand.currency;
      return;
    case Operand::Kind::List:
      return print_list(out, compare);
    case Operand::Kind::Path:
      out += operand.text;
      return;
    case Operand::Kind::User:
      out += "user";
      return;
    case Operand::Kind::Fact:
      out += "user." + operand.text;
      return;
    case Operand::Kind::Unknown:
      out += "unknown";
      return;
    case Operand::Kind::Today:
      out += "today";
      if (operand.days != 0) {
        out += operand.days > 0 ? " + " : " - ";
        out += std::to_string(operand.days > 0 ? operand.days : -operand.days) + " days";
      }
      return;
  }
}

TALON_INLINE void print_compare(std::string& out, const Expression& compare) {
  out += compare.path;
  switch (compare.op) {
    case Operator::Is:
      out += " is ";
      break;
    case Operator::IsNot:
      out += " is not ";
      break;
    case Operator::Less:
      out += " < ";
      break;
    case Operator::LessEqual:
      out += " <= ";
      break;
    case Operator::Greater:
      out += " > ";
      break;
    case Operator::GreaterEqual:
      out += " >= ";
      break;
    case Operator::In:
      out += " in ";
      break;
    case Operator::NotIn:
      out += " not in ";
      break;
    case Operator::IsEmpty:
      out += " is empty";
      return;
    case Operator::IsNotEmpty:
      out += " is not empty";
      return;
    case Operator::StartsWith:
      out += " starts with ";
      break;
    case Operator::Contains:
      out += " contains ";
      break;
    case Operator::WithinLastDays:
      out += " within last " + std::to_string(compare.operand.days) + " days";
      return;
    case Operator::BeforeToday:
      out += " before today";
      return;
    case Operator::AfterToday:
      out += " after today";
      return;
  }
  print_operand(out, compare);
}

TALON_INLINE void print_into(std::string& out, const Expression& expression);

TALON_INLINE void print_joined(std::string& out, const Expression& group, std::string_view between) {
  for (std::size_t i = 0; i < group.children.size(); ++i) {
    const Expression& child = group.children[i];
    if (i > 0) out += between;
    const bool is_group = child.kind == Expression::Kind::All || child.kind == Expression::Kind::Any;
    if (is_group) out += '(';
    print_into(out, child);
    if (is_group) out += ')';
  }
}

TALON_INLINE void print_none(std::string& out, const Expression& none) {
  out += none.children.size() == 1 ? "not (" : "none of (";
  for (std::size_t i = 0; i < none.children.size(); ++i) {
    if (i > 0) out += ", ";
    print_into(out, none.children[i]);
  }
  out += ')';
}

TALON_INLINE void print_into(std::string& out, const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::Always:
      out += "always";
      return;
    case Expression::Kind::All:
    case Expression::Kind::None:
      if (!expression.children.empty()) break;
      out += "always";  // and of nothing, none of nothing
      return;
    case Expression::Kind::Any:
      if (!expression.children.empty()) break;
      out += "not (always)";
      return;
    case Expression::Kind::Compare:
      return print_compare(out, expression);
    case Expression::Kind::Named:
      out += expression.is_negated ? "is not " : "is ";
      out += expression.path;
      return;
    case Expression::Kind::HasRole:
      out += expression.is_negated ? "user has not role " : "user has role ";
      out += expression.path;
      return;
  }
  if (expression.kind == Expression::Kind::None) return print_none(out, expression);
  print_joined(out, expression, expression.kind == Expression::Kind::All ? " and " : " or ");
}

}  // namespace detail

TALON_INLINE std::string print(const Expression& expression) {
  if (expression.kind == Expression::Kind::Always) return {};
  std::string out;
  detail::print_into(out, expression);
  return out;
}

}  // namespace talon::expression
