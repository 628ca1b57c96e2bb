/// A source's text to a field's value, exactly: nothing is cut, rounded or guessed.
#include "convert.hpp"

#include <talon/date.hpp>
#include <talon/decimal.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace talon::sync {
namespace {

using model::FieldType;

/// The text in quotes, its first 60 bytes, as people can read it.
std::string shown(std::string_view text) { return "\"" + harmless(text, 60) + "\""; }

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string transformed(std::string text, Transform transform) {
  switch (transform) {
    case Transform::Trim:
      while (!text.empty() && is_space(text.back())) text.pop_back();
      text.erase(
          0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_space) - text.begin()));
      break;
    case Transform::Upper:
      for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      break;
    case Transform::Lower:
      text = lower_case(text);
      break;
    case Transform::StripSpaces:
      std::erase_if(text, is_space);
      break;
  }
  return text;
}

Result<Value> read_text(const FieldMap& map, const std::string& text) {
  if (find_bad_utf8(text)) return invalid("is not valid UTF-8");
  if (find_control_character(text)) return invalid(shown(text) + " has control characters");
  const auto length = static_cast<int64_t>(count_code_points(text));
  if (map.info.max && length > *map.info.max) {
    return invalid("the text has " + std::to_string(length) + " characters, at most " +
                   std::to_string(*map.info.max) + " fit; it is not cut");
  }
  const bool is_address = map.form == Form::Email || map.info.format == model::TextFormat::Email;
  if (is_address && !is_email_address(text)) return invalid(shown(text) + " " + email_address_fault(text));
  const bool is_letters = std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (map.form == Form::Country && (text.size() != 2 || !is_letters)) {
    return invalid(shown(text) + " is not an ISO 3166 country code, as in FR");
  }
  if (map.form == Form::CurrencyCode) {
    TALON_TRY(const Currency currency, Currency::parse(text));
    return Value(currency.code());
  }
  return Value(text);
}

/// A number as sources write it: a leading "+" is dropped, nothing else.
std::string_view number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return text;
}

Result<Value> in_range(const FieldMap& map, int64_t value) {
  const auto bound = [&](int64_t limit) { return Decimal(limit, map.info.scale).to_string(); };
  if (map.info.min && value < *map.info.min) return invalid("is less than " + bound(*map.info.min));
  if (map.info.max && value > *map.info.max) return invalid("is more than " + bound(*map.info.max));
  return Value(value);
}

Result<Value> read_integer(const FieldMap& map, const std::string& text) {
  if (map.form == Form::HoursToMinutes) {
    TALON_TRY(const Decimal hours, Decimal::parse(number(text), 6));
    const Int128 minutes = static_cast<Int128>(hours.units()) * 60;
    if (minutes % power_of_ten(6) != 0) return invalid(shown(text) + " hours are no whole minutes");
    return in_range(map, static_cast<int64_t>(minutes / power_of_ten(6)));
  }
  TALON_TRY(const Decimal whole, Decimal::parse(number(text), 0));
  return in_range(map, whole.units());
}

Result<Value> read_money(const FieldMap& map, const std::string& text, std::string_view code) {
  if (code.empty()) return invalid("the amount has no currency; map " + map.info.currency + " too");
  TALON_TRY(const Currency currency, Currency::parse(code));
  if (map.form == Form::MinorUnits) {
    TALON_TRY(const Decimal minor, Decimal::parse(number(text), 0));
    return Value(minor.units());
  }
  TALON_TRY(const Money money, Money::parse(number(text), currency));
  return Value(money.minor());
}

Result<Value> read_date(const FieldMap& map, const std::string& text) {
  if (map.form == Form::DateOfTime) {
    TALON_TRY(const Date date, Date::parse(text.substr(0, 10)));
    return Value(date.packed());
  }
  if (map.form == Form::DateDmy || map.form == Form::DateMdy) {
    const bool is_form =
        text.size() == 10 && std::isdigit(static_cast<unsigned char>(text[2])) == 0 && text[5] == text[2];
    if (!is_form) return invalid(shown(text) + " is not a date of the form that `as:` says");
    const std::string first = text.substr(0, 2);
    const std::string second = text.substr(3, 2);
    const bool is_dmy = map.form == Form::DateDmy;
    TALON_TRY(const Date date, Date::parse(text.substr(6) + "-" + (is_dmy ? second : first) + "-" +
                                           (is_dmy ? first : second)));
    return Value(date.packed());
  }
  TALON_TRY(const Date date, Date::parse(text));
  return Value(date.packed());
}

Result<Value> read_time(const FieldMap& map, const std::string& text) {
  if (map.form == Form::EpochSeconds || map.form == Form::EpochMs) {
    TALON_TRY(const Decimal epoch, Decimal::parse(text, map.form == Form::EpochSeconds ? 6 : 3));
    return Value(epoch.units());  // at those scales the units are microseconds
  }
  // A driver writes a timestamp without a zone; every session of ours is in UTC.
  const bool has_zone =
      text.ends_with('Z') || (text.size() > 6 && text[text.size() - 3] == ':' &&
                              (text[text.size() - 6] == '+' || text[text.size() - 6] == '-'));
  TALON_TRY(const Timestamp at, Timestamp::parse(has_zone ? text : text + "Z"));
  return Value(at.us());
}

Result<Value> read_boolean(const std::string& text) {
  const std::string word = transformed(text, Transform::Lower);
  for (const char* yes : {"1", "true", "t", "yes", "y", "on"}) {
    if (word == yes) return Value(1);
  }
  for (const char* no : {"0", "false", "f", "no", "n", "off"}) {
    if (word == no) return Value(0);
  }
  return invalid(shown(text) + " is neither true nor false; map it by `values:`");
}

Result<Value> read_choice(const FieldMap& map, const std::string& text) {
  const auto& choices = map.info.choices;
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return Value(text);
  std::string list;
  for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
  return invalid(shown(text) + " is not one of [" + list + "]; map it by `values:`");
}

}  // namespace

std::optional<std::string> prepared(const FieldMap& map, const std::optional<std::string>& text) {
  std::optional<std::string> result = text;
  if (result) {
    for (const Transform transform : map.transforms) result = transformed(*result, transform);
    if (std::find(map.null_if.begin(), map.null_if.end(), *result) != map.null_if.end()) result.reset();
  }
  if (result && result->empty()) result.reset();
  if (!result) result = map.fallback;
  return result;
}

Result<Value> convert(const FieldMap& map, const std::optional<std::string>& text,
                      std::string_view currency) {
  std::optional<std::string> value = map.kind == FieldMap::Kind::Const ? map.constant : prepared(map, text);
  if (!value) {
    if (map.is_required || map.info.is_required) return invalid("has no value, and one is required");
    return Value();
  }
  if (map.has_values) {
    const auto found = map.values.find(*value);
    if (found == map.values.end()) return invalid(shown(*value) + " is not among `values:`");
    value = found->second;
  }
  switch (map.info.type) {
    case FieldType::Text:
    case FieldType::Json:
    case FieldType::File:
      return read_text(map, *value);
    case FieldType::Integer:
      return read_integer(map, *value);
    case FieldType::Decimal: {
      TALON_TRY(const Decimal decimal, Decimal::parse(number(*value), map.info.scale));
      return in_range(map, decimal.units());
    }
    case FieldType::Money:
      return read_money(map, *value, currency);
    case FieldType::Date:
      return read_date(map, *value);
    case FieldType::Timestamp:
      return read_time(map, *value);
    case FieldType::Boolean:
      return read_boolean(*value);
    case FieldType::Choice:
    case FieldType::State:
      return read_choice(map, *value);
    case FieldType::Ref: {
      TALON_TRY(const int64_t id, parse_id(*value));
      return Value(id);
    }
  }
  return internal("a field of an unknown type");
}

std::string value_text(const model::Field& field, const Value& value, std::string_view currency,
                       std::string_view prefix) {
  if (value.is_null()) return "";
  if (value.is_text()) return std::string(value.text());
  const int64_t number = value.integer();
  switch (field.type) {
    case FieldType::Decimal:
      return Decimal(number, field.scale).to_string();
    case FieldType::Money: {
      const auto known = Currency::parse(currency);
      return Decimal(number, known ? known->digits() : 2).to_string() +
             (known ? " " + std::string(currency) : "");
    }
    case FieldType::Date: {
      const auto date = Date::unpack(number);
      return date ? date->to_string() : std::to_string(number);
    }
    case FieldType::Timestamp:
      return Timestamp(number).to_string();
    case FieldType::Boolean:
      return number != 0 ? "on" : "off";
    case FieldType::Ref:
      return id_text(prefix, number);
    default:
      return std::to_string(number);
  }
}

std::string literal(const model::Field& field, const Value& value, std::string_view prefix) {
  return value.is_text() ? text_literal(value.text()) : value_text(field, value, "", prefix);
}

std::string earlier(std::string_view cursor, int64_t us) {
  if (us == 0 || cursor.size() < 19 || (cursor[10] != ' ' && cursor[10] != 'T')) return std::string(cursor);
  const bool has_zone = cursor.ends_with('Z');
  const auto at = Timestamp::parse(has_zone ? std::string(cursor) : std::string(cursor) + "Z");
  if (!at) return std::string(cursor);
  std::string text = Timestamp(at->us() - us).to_string();
  text[10] = cursor[10];
  if (!has_zone) text.pop_back();
  return text;
}

}  // namespace talon::sync
