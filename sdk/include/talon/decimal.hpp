/// Exact decimals: a 64-bit integer and a scale, with 128-bit intermediates and rounding by name.
#pragma once

#include <talon/result.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace talon {

__extension__ typedef __int128 Int128;

/// How a result that does not fit its scale is rounded. EN 16931 rounds half away from zero (billing.md).
enum class Rounding { HalfAwayFromZero, Down, Up };

/// 10^exponent; exponent 0..18.
constexpr int64_t power_of_ten(int exponent) {
  int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// numerator / denominator, rounded as named ("Up" is away from zero). denominator > 0.
/// @return OutOfRange when the quotient does not fit 64 bits.
inline Result<int64_t> divide_rounded(Int128 numerator, Int128 denominator, Rounding rounding) {
  const Int128 sign = numerator < 0 ? -1 : 1;
  const Int128 magnitude = numerator * sign;
  Int128 quotient = magnitude / denominator;
  const Int128 rest = magnitude % denominator;
  const bool up = (rounding == Rounding::HalfAwayFromZero && rest >= denominator - rest) ||
                  (rounding == Rounding::Up && rest > 0);
  if (up) ++quotient;
  if (quotient > INT64_MAX) return Error{Code::OutOfRange, "the amount does not fit 64 bits"};
  return static_cast<int64_t>(quotient * sign);
}

/// A number with a fixed count of decimals: value = units / 10^scale.
class Decimal {
 public:
  static constexpr int kScaleMax = 9;  // 10^9 × 9.2·10^9 still leaves the whole part room

  constexpr Decimal() = default;
  /// @param units  the unscaled integer.  @param scale  0..kScaleMax decimals.
  constexpr Decimal(int64_t units, int scale) : units_(units), scale_(scale) {}

  constexpr int64_t units() const { return units_; }
  constexpr int scale() const { return scale_; }

  /// Reads "-12.30". No exponent, no thousands separator, no leading "+".
  /// @return InvalidArgument: not a decimal, or more than `scale` decimals (nothing is rounded in reading);
  ///         OutOfRange: does not fit.
  static Result<Decimal> parse(std::string_view text, int scale) {
    const std::string quoted = "\"" + std::string(text.substr(0, 40)) + "\"";
    std::size_t i = 0;
    const bool is_negative = !text.empty() && text[0] == '-';
    if (is_negative) ++i;
    Int128 units = 0;
    int decimals = -1;
    bool has_digits = false;
    for (; i < text.size(); ++i) {
      if (text[i] == '.' && decimals < 0 && has_digits) {
        decimals = 0;
        continue;
      }
      if (text[i] < '0' || text[i] > '9') return invalid(quoted + " is not a decimal number, as in 12.30");
      has_digits = true;
      if (decimals >= scale) {
        if (text[i] != '0') {
          return invalid(quoted + " has more than " + std::to_string(scale) + " decimals");
        }
        continue;
      }
      if (decimals >= 0) ++decimals;
      units = units * 10 + (text[i] - '0');
      if (units > INT64_MAX) return Error{Code::OutOfRange, quoted + " is too large"};
    }
    if (!has_digits || text.back() == '.') return invalid(quoted + " is not a decimal number, as in 12.30");
    for (int d = decimals < 0 ? 0 : decimals; d < scale; ++d) {
      units *= 10;
      if (units > INT64_MAX) return Error{Code::OutOfRange, quoted + " is too large"};
    }
    return Decimal(static_cast<int64_t>(is_negative ? -units : units), scale);
  }

  /// All `scale` decimals, "12.30".
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  /// Appends what `to_string` says.
  void append_to(std::string& out) const {
    const bool is_negative = units_ < 0;
    const uint64_t magnitude =
        is_negative ? 0 - static_cast<uint64_t>(units_) : static_cast<uint64_t>(units_);
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), magnitude).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    const auto places = static_cast<std::size_t>(scale_);
    const std::size_t whole = text.size() > places ? text.size() - places : 0;
    if (is_negative) out.push_back('-');
    out.append(whole > 0 ? text.substr(0, whole) : "0");
    if (places == 0) return;
    out.push_back('.');
    out.append(places - (text.size() - whole), '0').append(text.substr(whole));
  }

  /// The same number at another scale. @return OutOfRange when it does not fit.
  Result<Decimal> rescaled(int scale, Rounding rounding) const {
    if (scale >= scale_) {
      const Int128 units = static_cast<Int128>(units_) * power_of_ten(scale - scale_);
      if (units > INT64_MAX || units < -static_cast<Int128>(INT64_MAX)) {
        return Error{Code::OutOfRange, to_string() + " is too large"};
      }
      return Decimal(static_cast<int64_t>(units), scale);
    }
    TALON_TRY(const int64_t units, divide_rounded(units_, power_of_ten(scale_ - scale), rounding));
    return Decimal(units, scale);
  }

  /// Compares by value, whatever the scales.
  friend bool operator==(const Decimal& a, const Decimal& b) {
    return a.widened(b.scale_) == b.widened(a.scale_);
  }
  friend bool operator<(const Decimal& a, const Decimal& b) {
    return a.widened(b.scale_) < b.widened(a.scale_);
  }

 private:
  Int128 widened(int other) const {
    return static_cast<Int128>(units_) * (other > scale_ ? power_of_ten(other - scale_) : 1);
  }

  int64_t units_ = 0;
  int scale_ = 0;
};

}  // namespace talon
