/// Literals: their text as a field's type reads it, and back.
#pragma once

#include <talon/date.hpp>
#include <talon/expression/tree.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>

#include <algorithm>
#include <charconv>

namespace talon::expression::detail {

/// What a literal is read as.
struct LiteralType {
  model::FieldType type = model::FieldType::Text;
  int scale = 0;         ///< of a Decimal
  std::string prefix;    ///< of a Ref; empty takes any
  std::string currency;  ///< of Money: ISO 4217
  bool is_day = false;   ///< of a Timestamp: a date stands for the whole day
};

/// What the literals of a checked comparison are.
inline LiteralType literal_type(const Expression& compare) {
  return {compare.type, compare.scale, compare.prefix, compare.operand.currency, compare.operand.is_day};
}

inline Result<Value> read_boolean(std::string_view text) {
  for (const std::string_view word : {"on", "yes", "true"}) {
    if (text == word) return Value(1);
  }
  for (const std::string_view word : {"off", "no", "false"}) {
    if (text == word) return Value(0);
  }
  return invalid("\"" + std::string(text.substr(0, 40)) + "\" is not one of [on, off, yes, no, true, false]");
}

inline Result<Value> read_integer(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return Value(number);
  return invalid("\"" + std::string(text.substr(0, 40)) + "\" is not a whole number of 64 bits");
}

inline Result<Value> read_amount(std::string_view text, std::string_view code) {
  if (code.empty()) return invalid("an amount needs a currency, as in \"5000 EUR\"");
  TALON_TRY(const Currency currency, Currency::parse(code));
  TALON_TRY(const Money money, Money::parse(text, currency));
  return Value(money.minor());
}

/// @return the value as storage keeps it. InvalidArgument or OutOfRange: the text is none of that type.
inline Result<Value> read_literal(std::string_view text, const LiteralType& as) {
  switch (as.type) {
    case model::FieldType::Text:
    case model::FieldType::Choice:
    case model::FieldType::State:
      return Value(text);
    case model::FieldType::Integer:
      return read_integer(text);
    case model::FieldType::Boolean:
      return read_boolean(text);
    case model::FieldType::Money:
      return read_amount(text, as.currency);
    case model::FieldType::Decimal: {
      TALON_TRY(const Decimal decimal, Decimal::parse(text, as.scale));
      return Value(decimal.units());
    }
    case model::FieldType::Ref: {
      // A plugin's code holds ids as numbers and need not know the prefix.
      if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
        return read_integer(text);
      }
      TALON_TRY(const int64_t id, parse_id(text, as.prefix));
      return Value(id);
    }
    case model::FieldType::Timestamp:
      if (!as.is_day) {
        TALON_TRY(const Timestamp time, Timestamp::parse(text));
        return Value(time.us());
      }
      [[fallthrough]];
    case model::FieldType::Date: {
      TALON_TRY(const Date date, Date::parse(text));
      return Value(date.packed());
    }
    case model::FieldType::File:
    case model::FieldType::Json:
      break;
  }
  return invalid("it can only be compared with \"is empty\" or \"is not empty\"");
}

/// The text that `read_literal` reads as `value`.
inline std::string write_literal(const Value& value, const LiteralType& as) {
  if (!value.is_integer()) return std::string(value.text());
  const int64_t number = value.integer();
  switch (as.type) {
    case model::FieldType::Boolean:
      return number != 0 ? "on" : "off";
    case model::FieldType::Decimal:
      return Decimal(number, as.scale).to_string();
    case model::FieldType::Ref:
      return id_text(as.prefix, number);
    case model::FieldType::Money: {
      const auto currency = Currency::parse(as.currency);
      return Decimal(number, currency ? currency->digits() : 2).to_string();
    }
    case model::FieldType::Timestamp:
      if (!as.is_day) return Timestamp(number).to_string();
      [[fallthrough]];
    case model::FieldType::Date: {
      const auto date = Date::unpack(number);
      return date ? date->to_string() : std::to_string(number);
    }
    default:
      return std::to_string(number);
  }
}

}  // namespace talon::expression::detail
