/// Random conditions over the example model, as text, and random values to run them on: a seed makes them
/// again.
#pragma once

#include "tests/unit/expression/example_model.hpp"

#include <talon/date.hpp>
#include <talon/expression/literal.hpp>
#include <talon/expression/print.hpp>
#include <talon/expression/run.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>
#include <talon/value.hpp>

#include <random>
#include <string>
#include <vector>

namespace talon::gate::testing {

inline constexpr int64_t kToday = 20261121;

class RandomConditions {
 public:
  explicit RandomConditions(uint32_t seed) : random_(seed) {}

  int64_t below(int64_t count) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(count)); }
  bool once_in(int64_t count) { return below(count) == 0; }
  template <typename T>
  const T& one_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(static_cast<int64_t>(all.size())))];
  }

  /// Texts that databases are known to disagree about.
  const std::string& text() {
    static const std::vector<std::string> kTexts = {"",
                                                    "a",
                                                    "A",
                                                    "ab",
                                                    "abc",
                                                    "b",
                                                    "é",
                                                    "e\xcc\x81",
                                                    "İ",
                                                    "i",
                                                    "ß",
                                                    "ss",
                                                    "%",
                                                    "_",
                                                    "\\",
                                                    "'",
                                                    "\"",
                                                    " ",
                                                    " a",
                                                    "a ",
                                                    "10",
                                                    "9",
                                                    "Ab",
                                                    "😀",
                                                    "\xf4\x8f\xbf\xbf",
                                                    "aé😀b",
                                                    "?1",
                                                    "a?b",
                                                    "a\nb",
                                                    "\t",
                                                    "\xe2\x80\x8d",
                                                    "\xef\xbf\xbd",
                                                    "ﬁ",
                                                    "user",
                                                    "null",
                                                    "0",
                                                    "1234567",
                                                    "12345678",
                                                    "12345679",
                                                    "123456789",
                                                    "a long text",
                                                    "a long test",
                                                    "a long texts"};
    return one_of(kTexts);
  }
  std::string currency() { return one_of(std::vector<std::string>{"EUR", "EUR", "USD", "JPY"}); }

  int64_t integer() {
    static const std::vector<int64_t> kIntegers = {
        0, 1, -1, 2, 3, 5, 10, 100, INT64_MAX, INT64_MIN + 1, 4294967296};
    return one_of(kIntegers);
  }
  int64_t day() { return Date::unpack(kToday)->plus_days(below(13) - 6).packed(); }
  int64_t time() {
    static const std::vector<int64_t> kOffsets = {0, 1, -1, 43200000000, 86399999999};
    return talon::expression::detail::start_us(day()) + one_of(kOffsets);
  }

  /// A value that a column of `field` may hold; NULL once in four.
  Value value(const model::Field& field) {
    if (once_in(4)) return {};
    switch (field.type) {
      case model::FieldType::Text:
        return field.name.find("currency") != std::string::npos ? Value(currency()) : Value(text());
      case model::FieldType::Choice:
      case model::FieldType::State:
        return Value(one_of(field.choices));
      case model::FieldType::Date:
        return Value(day());
      case model::FieldType::Timestamp:
        return Value(time());
      case model::FieldType::Boolean:
        return Value(below(2));
      case model::FieldType::Ref:
        return Value(1 + below(5));
      case model::FieldType::Money:
        return Value(one_of(std::vector<int64_t>{0, 100, -100, 500, Money::kMax}));
      case model::FieldType::Decimal:
        return Value(one_of(std::vector<int64_t>{0, 10000, -15000, 1}));
      case model::FieldType::File:
        return Value(Value::Bytes{"x"});
      default:
        return Value(integer());
    }
  }

  /// A condition on invoices in the inline form, nested at most `depth` deep.
  std::string condition(int depth) {
    if (depth == 0 || once_in(4)) return comparison();
    const int64_t kind = below(5);
    if (kind == 0) return "not (" + condition(depth - 1) + ")";
    std::string text = kind == 1 ? "none of (" : "(";
    const int64_t count = 1 + below(3);
    for (int64_t i = 0; i < count; ++i) {
      if (i > 0) text += kind == 1 ? ", " : kind == 2 ? " and " : " or ";
      text += condition(depth - 1);
    }
    return text + ")";
  }

 private:
  std::string comparison() {
    static const std::vector<std::string> kPaths = {"number",
                                                    "note",
                                                    "state",
                                                    "kind",
                                                    "client",
                                                    "partner",
                                                    "approved_by",
                                                    "net",
                                                    "gross",
                                                    "limit",
                                                    "rate",
                                                    "floor_rate",
                                                    "count",
                                                    "wanted",
                                                    "due",
                                                    "day",
                                                    "seen",
                                                    "is_open",
                                                    "is_late",
                                                    "currency",
                                                    "scan",
                                                    "id",
                                                    "created_by",
                                                    "created_at",
                                                    "version",
                                                    "client.name",
                                                    "client.access",
                                                    "client.credit",
                                                    "client.partner",
                                                    "client.partner.country",
                                                    "client.partner.partner.name",
                                                    "approved_by.name",
                                                    "client.partner.partner.credit"};
    const std::string& path = one_of(kPaths);
    const model::Model& example = model();
    const model::Field& field = **model::resolve_path(example, *example.find("invoice"), path);
    if (once_in(12)) return path + (once_in(2) ? " is empty" : " is not empty");
    if (field.type != model::FieldType::File && once_in(40)) return path + " is unknown";
    return path + " " + typed(field);
  }

  std::string typed(const model::Field& field) {
    switch (field.type) {
      case model::FieldType::Text:
        return once_in(3) ? search() : ordered(field);
      case model::FieldType::Choice:
      case model::FieldType::State:
      case model::FieldType::Ref:
        return equal(field);
      case model::FieldType::Boolean:
        return std::string(once_in(2) ? "is " : "is not ") + boolean();
      case model::FieldType::Date:
      case model::FieldType::Timestamp:
        return once_in(2) ? dated() : ordered(field);
      case model::FieldType::File:
        return "is empty";
      default:
        return ordered(field);
    }
  }

  std::string search() {
    std::string quoted;
    expression::detail::print_text(quoted, text(), true);
    return (once_in(2) ? "contains " : "starts with ") + quoted;
  }
  std::string boolean() {
    return one_of(std::vector<std::string>{"on", "off", "yes", "no", "true", "false", "is_open", "is_late"});
  }
  std::string dated() {
    const int64_t kind = below(4);
    if (kind == 0) return once_in(2) ? "before today" : "after today";
    if (kind == 1) return "within last " + std::to_string(below(7)) + " days";
    const std::string days = std::to_string(below(6)) + " days";
    return sign() + (once_in(2) ? " today + " : " today - ") + days;
  }
  std::string sign() { return one_of(std::vector<std::string>{"is", "is not", "<", "<=", ">", ">="}); }

  std::string equal(const model::Field& field) {
    if (once_in(2)) return std::string(once_in(2) ? "is " : "is not ") + operand(field, true);
    return list(field);
  }
  std::string ordered(const model::Field& field) {
    if (once_in(3)) return list(field);
    return sign() + " " + operand(field, true);
  }
  /// Mostly short, sometimes longer than what is bound one by one.
  std::string list(const model::Field& field) {
    std::string text = once_in(2) ? "in [" : "not in [";
    const int64_t count = once_in(4) ? 20 : 1 + below(3);
    const std::string code = currency();
    for (int64_t i = 0; i < count; ++i) text += (i > 0 ? ", " : "") + literal(field, code);
    return text + "]";
  }
  std::string operand(const model::Field& field, bool may_be_path) {
    if (may_be_path && once_in(4)) {
      std::vector<std::string> same;
      for (const model::Field& other : model().find("invoice")->fields) {
        const bool is_text = other.type == field.type && field.choices.empty();
        if (is_text && other.to == field.to && other.scale == field.scale && other.name != "stray") {
          same.push_back(other.name);
        }
      }
      if (!same.empty()) return one_of(same);
    }
    return literal(field, currency());
  }
  std::string literal(const model::Field& field, const std::string& code) {
    Value chosen = value(field);
    while (chosen.is_null()) chosen = value(field);
    expression::detail::LiteralType as;
    as.type = field.type;
    as.scale = field.scale;
    as.currency = code;
    if (field.type == model::FieldType::Ref) as.prefix = model().find(field.to)->prefix;
    const std::string written = expression::detail::write_literal(chosen, as);
    if (field.type == model::FieldType::Money) return written + " " + code;
    std::string text;
    expression::detail::print_text(text, written, chosen.is_text());
    return text;
  }

  static const model::Model& model() {
    static const model::Model kModel = expression::testing::example_model();
    return kModel;
  }

  std::mt19937_64 random_;
};

}  // namespace talon::gate::testing
