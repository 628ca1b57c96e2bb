/// Calendar dates and times: `Date` (proleptic Gregorian, no zone) and `Timestamp` (microseconds UTC).
#pragma once

#include <talon/result.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace talon {

inline constexpr int64_t kSecondUs = 1'000'000;  ///< instants and durations count microseconds
inline constexpr int64_t kDayUs = 86'400 * kSecondUs;

namespace detail {
/// `count` decimal digits of `text` from `at`, or -1.
inline int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Appends `value`, which is not negative, with zeros in front of what has less than `count` digits.
inline void append_digits(std::string& out, int64_t value, std::size_t count) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  out.append(count > size ? count - size : 0, '0').append(digits.data(), size);
}
}  // namespace detail

/// A day. As a value (`packed`) it is the integer yyyymmdd: it sorts, a person can read it in SQL, and month
/// and year are divisions in every database (decisions/0002).
class Date {
 public:
  constexpr Date() = default;
  constexpr explicit Date(std::chrono::sys_days days) : days_(days) {}

  static Result<Date> of(int year, int month, int day) {
    const std::chrono::year_month_day ymd{std::chrono::year(year),
                                          std::chrono::month(static_cast<unsigned>(month)),
                                          std::chrono::day(static_cast<unsigned>(day))};
    if (year < 1 || year > 9999 || month < 1 || day < 1 || !ymd.ok()) {
      return invalid("there is no day " + std::to_string(year) + "-" + std::to_string(month) + "-" +
                     std::to_string(day));
    }
    return Date(std::chrono::sys_days(ymd));
  }
  /// Reads "2026-11-21" and nothing else.
  static Result<Date> parse(std::string_view text) {
    if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
      const int year = detail::digits_at(text, 0, 4);
      const int month = detail::digits_at(text, 5, 2);
      const int day = detail::digits_at(text, 8, 2);
      if (year > 0 && month > 0 && day > 0) return of(year, month, day);
    }
    return invalid("\"" + std::string(text.substr(0, 30)) + "\" is not a date, as in 2026-11-21");
  }
  /// @param packed  yyyymmdd.
  static Result<Date> unpack(int64_t packed) {
    return of(static_cast<int>(packed / 10000), static_cast<int>(packed / 100 % 100),
              static_cast<int>(packed % 100));
  }

  int64_t packed() const { return year() * 10000 + month() * 100 + day(); }
  int year() const { return static_cast<int>(ymd().year()); }
  int month() const { return static_cast<int>(static_cast<unsigned>(ymd().month())); }
  int day() const { return static_cast<int>(static_cast<unsigned>(ymd().day())); }
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  /// Appends what `to_string` says.
  void append_to(std::string& out) const {
    const std::chrono::year_month_day day = ymd();
    const int year = static_cast<int>(day.year());
    if (year < 0) out.push_back('-');  // of an instant only: no date that is read has it
    detail::append_digits(out, year < 0 ? -year : year, 4);
    out.push_back('-');
    detail::append_digits(out, static_cast<unsigned>(day.month()), 2);
    out.push_back('-');
    detail::append_digits(out, static_cast<unsigned>(day.day()), 2);
  }
  Date plus_days(int64_t count) const { return Date(days_ + std::chrono::days(count)); }
  /// The same day `count` months on, clamped to that month's last day.
  Date plus_months(int count) const {
    const auto month = std::chrono::year_month(ymd().year(), ymd().month()) + std::chrono::months(count);
    const std::chrono::year_month_day_last last(month.year(), std::chrono::month_day_last(month.month()));
    return Date(
        std::chrono::sys_days(std::min(std::chrono::year_month_day(month.year(), month.month(), ymd().day()),
                                       std::chrono::year_month_day(last))));
  }
  std::chrono::sys_days days() const { return days_; }
  auto operator<=>(const Date&) const = default;

 private:
  std::chrono::year_month_day ymd() const { return std::chrono::year_month_day(days_); }

  std::chrono::sys_days days_{};
};

/// An instant: microseconds since 1970-01-01 00:00 UTC.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  constexpr explicit Timestamp(int64_t us) : us_(us) {}

  /// Reads RFC 3339, "2026-11-21T10:31:02.123456Z" or with an offset "+01:00"; up to 6 digits of fraction.
  static Result<Timestamp> parse(std::string_view text) {
    const auto bad = [&] {
      return invalid("\"" + std::string(text.substr(0, 40)) + "\" is not a time, as in 2026-11-21T10:31:02Z");
    };
    auto date = Date::parse(text.substr(0, 10));
    if (!date || text.size() < 20 || (text[10] != 'T' && text[10] != ' ')) return bad();
    const int hour = detail::digits_at(text, 11, 2);
    const int minute = detail::digits_at(text, 14, 2);
    const int second = detail::digits_at(text, 17, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return bad();
    if (text[13] != ':' || text[16] != ':') return bad();
    std::size_t at = 19;
    int64_t fraction = 0;
    if (at < text.size() && text[at] == '.') {
      int64_t unit = 100000;
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
        if (unit == 0) return bad();
        fraction += (text[at] - '0') * unit;
      }
    }
    int64_t offset_minutes = 0;
    if (at < text.size() && text[at] == 'Z') {
      ++at;
    } else {
      if (at + 6 != text.size() || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':') return bad();
      const int hours = detail::digits_at(text, at + 1, 2);
      const int minutes = detail::digits_at(text, at + 4, 2);
      if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return bad();
      offset_minutes = (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
      at += 6;
    }
    if (at != text.size()) return bad();
    const int64_t seconds = std::chrono::seconds(date->days().time_since_epoch()).count() + hour * 3600 +
                            minute * 60 + second - offset_minutes * 60;
    return Timestamp(seconds * kSecondUs + fraction);
  }

  constexpr int64_t us() const { return us_; }
  Date date() const {  ///< the day in UTC
    return Date(std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(us_))));
  }
  /// RFC 3339 in UTC with the fraction only where there is one.
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  /// Appends what `to_string` says.
  void append_to(std::string& out) const {
    const Date day = date();
    const int64_t rest = us_ - std::chrono::microseconds(day.days().time_since_epoch()).count();
    const int64_t seconds = rest / kSecondUs;
    day.append_to(out);
    out.push_back('T');
    detail::append_digits(out, seconds / 3600, 2);
    out.push_back(':');
    detail::append_digits(out, seconds / 60 % 60, 2);
    out.push_back(':');
    detail::append_digits(out, seconds % 60, 2);
    if (rest % kSecondUs != 0) {
      out.push_back('.');
      detail::append_digits(out, rest % kSecondUs, 6);
    }
    out.push_back('Z');
  }
  auto operator<=>(const Timestamp&) const = default;

 private:
  int64_t us_ = 0;
};

}  // namespace talon
