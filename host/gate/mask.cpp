/// Masks: how a value is shown that may not be seen whole.
#include "host/gate/gate.hpp"

#include <talon/date.hpp>
#include <talon/decimal.hpp>
#include <talon/money.hpp>
#include <talon/utf8.hpp>

#include <charconv>

namespace talon::gate {

namespace {

/// The code points of `text`; a byte that is no UTF-8 counts as one.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_sequence(text, at), 1);
    all.push_back(text.substr(at, length));
    at += length;
  }
  return all;
}

Value last(std::string_view text, int64_t count) {
  const std::vector<std::string_view> all = characters(text);
  const std::size_t shown = std::min(static_cast<std::size_t>(std::max<int64_t>(count, 0)), all.size() / 2);
  std::string masked = "****";
  for (std::size_t i = all.size() - shown; i < all.size(); ++i) masked += all[i];
  return Value(masked);
}

Value initials(std::string_view text) {
  std::string masked;
  bool is_start = true;
  for (const std::string_view character : characters(text)) {
    const bool is_between = character == " " || character == "-" || character == "\t" || character == "\n";
    if (is_start && !is_between) masked.append(masked.empty() ? "" : " ").append(character).append(".");
    is_start = is_between;
  }
  return Value(masked);
}

Value year(model::FieldType type, int64_t value) {
  if (type == model::FieldType::Date) return Value(value / 10000 * 10000 + 101);
  if (type != model::FieldType::Timestamp) return {};
  const auto first = Date::of(Timestamp(value).date().year(), 1, 1);
  if (!first) return {};
  return Value(int64_t{std::chrono::microseconds(first->days().time_since_epoch()).count()});
}

/// Decimals of amounts in `currency`; the most there are where it cannot be told.
int digits_of(std::string_view currency) {
  constexpr int kMost = 3;
  const auto known = Currency::parse(currency);
  return known ? known->digits() : kMost;
}

Value rounded(const model::Field& field, std::string_view currency, int64_t value, int64_t to) {
  int decimals = 0;
  if (field.type == model::FieldType::Decimal) decimals = field.scale;
  if (field.type == model::FieldType::Money) decimals = digits_of(currency);
  const bool is_number = field.type == model::FieldType::Integer || field.type == model::FieldType::Decimal ||
                         field.type == model::FieldType::Money;
  if (!is_number || to <= 0) return {};
  const Int128 step = static_cast<Int128>(to) * power_of_ten(decimals);
  const auto count = divide_rounded(value, step, Rounding::HalfAwayFromZero);
  if (!count || static_cast<Int128>(*count) * step > INT64_MAX ||
      static_cast<Int128>(*count) * step < INT64_MIN) {
    return {};
  }
  return Value(static_cast<int64_t>(*count * step));
}

}  // namespace

Result<Mask> read_mask(std::string_view text) {
  if (text == "initials") return Mask{Mask::Kind::Initials, 0};
  if (text == "year") return Mask{Mask::Kind::Year, 0};
  for (const auto& [word, kind] : {std::pair<std::string_view, Mask::Kind>{"last ", Mask::Kind::Last},
                                   {"rounded ", Mask::Kind::Rounded}}) {
    if (!text.starts_with(word)) continue;
    const std::string_view digits = text.substr(word.size());
    int64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error == std::errc() && end == digits.data() + digits.size() && count > 0) return Mask{kind, count};
  }
  return invalid("\"" + std::string(text.substr(0, 40)) +
                 "\" is not a mask: write last 4, initials, year or rounded 100");
}

Value apply_mask(const Mask& mask, const model::Field& field, const Value& value, std::string_view currency) {
  if (value.is_null() || value.is_bytes()) return {};
  switch (mask.kind) {
    case Mask::Kind::Last:
      return value.is_text() ? last(value.text(), mask.count) : Value();
    case Mask::Kind::Initials:
      return value.is_text() ? initials(value.text()) : Value();
    case Mask::Kind::Year:
      return value.is_integer() ? year(field.type, value.integer()) : Value();
    case Mask::Kind::Rounded:
      return value.is_integer() ? rounded(field, currency, value.integer(), mask.count) : Value();
  }
  return {};
}

}  // namespace talon::gate
