/// Money: an integer of minor units with its currency. It is rounded once, on purpose, by name.
#pragma once

#include <talon/decimal.hpp>

#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace talon {

/// An ISO 4217 currency: three capital letters and the digits of its minor unit.
class Currency {
 public:
  constexpr Currency() = default;

  /// @return InvalidArgument: not a code that ISO 4217 lists.
  static Result<Currency> parse(std::string_view code);

  std::string_view code() const { return {code_.data(), 3}; }
  int digits() const { return digits_; }
  bool operator==(const Currency&) const = default;

 private:
  std::array<char, 3> code_ = {'X', 'X', 'X'};
  int digits_ = 2;
};

namespace detail {
// ISO 4217 (2024), the active codes by count of digits of the minor unit.
inline constexpr std::string_view kTwoDigits =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN "
    "NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";
inline constexpr std::string_view kNoDigits =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
inline constexpr std::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND";
}  // namespace detail

inline Result<Currency> Currency::parse(std::string_view code) {
  const auto lists = [&](std::string_view codes) {  // in the order of the alphabet
    std::size_t from = 0;
    for (std::size_t to = (codes.size() + 1) / 4; from < to;) {
      const std::size_t middle = (from + to) / 2;
      const int order = codes.compare(middle * 4, 3, code);
      if (order == 0) return true;
      if (order < 0)
        from = middle + 1;
      else
        to = middle;
    }
    return false;
  };
  Currency currency;
  if (lists(detail::kTwoDigits))
    currency.digits_ = 2;
  else if (lists(detail::kNoDigits))
    currency.digits_ = 0;
  else if (lists(detail::kThreeDigits))
    currency.digits_ = 3;
  else
    return invalid("\"" + std::string(code.substr(0, 12)) + "\" is not an ISO 4217 currency code, as in EUR");
  currency.code_ = {code[0], code[1], code[2]};
  return currency;
}

/// An amount in minor units of its currency.
class Money {
 public:
  /// The largest amount that is taken in, in minor units: nine hundred of them still add up in 64 bits, so
  /// that no document and no report that anybody has overflows.
  static constexpr int64_t kMax = 10'000'000'000'000'000;

  constexpr Money() = default;
  constexpr Money(int64_t minor, Currency currency) : minor_(minor), currency_(currency) {}

  /// Reads "1234.50"; more decimals than the currency has are an error, not a rounding.
  /// @errors InvalidArgument; OutOfRange: beyond `kMax`.
  static Result<Money> parse(std::string_view amount, Currency currency) {
    TALON_TRY(const Decimal decimal, Decimal::parse(amount, currency.digits()));
    TALON_DO(check(decimal.units(), currency));
    return Money(decimal.units(), currency);
  }
  /// @return OutOfRange, with what to do: the amount is beyond `kMax`, either way.
  static Result<void> check(Int128 minor, Currency currency) {
    if (minor <= kMax && minor >= -kMax) return {};
    return Error{Code::OutOfRange, "an amount goes up to " + Decimal(kMax, currency.digits()).to_string() +
                                       "; split the document"};
  }

  constexpr int64_t minor() const { return minor_; }
  const Currency& currency() const { return currency_; }
  std::string amount() const { return Decimal(minor_, currency_.digits()).to_string(); }  ///< "1234.50"
  bool operator==(const Money&) const = default;

  /// @return InvalidArgument: other currency; OutOfRange: does not fit.
  Result<Money> plus(const Money& other) const { return combined(other, 1); }
  Result<Money> minus(const Money& other) const { return combined(other, -1); }
  Money negated() const { return {-minor_, currency_}; }

 private:
  Result<Money> combined(const Money& other, int sign) const {
    if (currency_ != other.currency_) {
      return invalid("cannot add " + std::string(other.currency_.code()) + " to " +
                     std::string(currency_.code()));
    }
    const Int128 sum = static_cast<Int128>(minor_) + static_cast<Int128>(sign) * other.minor_;
    if (sum > INT64_MAX || sum < -static_cast<Int128>(INT64_MAX)) {
      return Error{Code::OutOfRange, "the sum does not fit 64 bits"};
    }
    return Money(static_cast<int64_t>(sum), currency_);
  }

  int64_t minor_ = 0;
  Currency currency_;
};

/// Splits `total` over `weights` so that the parts add up to `total` exactly.
///
/// Largest-remainder method; ties go to the lower index, so the result is reproducible.
/// @param weights  1 or more entries, each ≥ 0, not all zero; no unit.
/// @return  weights.size() parts, in order, same currency and sign as `total`.
/// @errors  InvalidArgument: weights break the rule above.
/// @threads any; pure.
inline Result<std::vector<Money>> allocate(Money total, std::span<const int64_t> weights) {
  Int128 sum = 0;
  for (const int64_t weight : weights) {
    if (weight < 0) return invalid("weights must not be negative");
    sum += weight;
  }
  if (sum == 0) return invalid("weights must not all be zero");
  const Int128 sign = total.minor() < 0 ? -1 : 1;
  const Int128 magnitude = static_cast<Int128>(total.minor()) * sign;
  std::vector<int64_t> parts;
  std::vector<Int128> rests;
  Int128 given = 0;
  for (const int64_t weight : weights) {
    parts.push_back(static_cast<int64_t>(magnitude * weight / sum));
    rests.push_back(magnitude * weight % sum);
    given += parts.back();
  }
  for (; given < magnitude; ++given) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < rests.size(); ++i) {
      if (rests[i] > rests[best]) best = i;
    }
    ++parts[best];
    rests[best] = -1;
  }
  std::vector<Money> result;
  for (const int64_t part : parts) result.emplace_back(static_cast<int64_t>(sign * part), total.currency());
  return result;
}

}  // namespace talon
