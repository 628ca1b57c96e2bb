/// Running a program on one row (see evaluate.hpp). Every function is pure and allocates nothing.
#pragma once

#include <talon/date.hpp>
#include <talon/expression/evaluate.hpp>
#include <talon/expression/keys.hpp>

#include <algorithm>
#include <cstring>
#include <span>

namespace talon::expression {

namespace detail {

inline const Cell kEmptyCell;

constexpr Truth truth_of(bool is_true) { return is_true ? Truth::True : Truth::False; }

inline int order_of(int64_t left, int64_t right) { return (left > right ? 1 : 0) - (left < right ? 1 : 0); }

/// By bytes, as both databases do.
inline int order_of(std::string_view left, std::string_view right) {
  const int order = left.compare(right);  // char_traits<char> compares as unsigned bytes
  return (order > 0 ? 1 : 0) - (order < 0 ? 1 : 0);
}

/// Whether a comparison that `accepts` some orders (1 less, 2 equal, 4 greater) is true.
constexpr Truth judged(int order, uint8_t accepts) {
  return truth_of(((static_cast<unsigned>(accepts) >> static_cast<unsigned>(order + 1)) & 1U) != 0);
}

/// `today` + days, packed; 0 where today is no day.
inline int64_t shifted(int64_t today, int64_t days) {
  const std::chrono::year_month_day ymd{std::chrono::year(static_cast<int>(today / 10000)),
                                        std::chrono::month(static_cast<unsigned>(today / 100 % 100)),
                                        std::chrono::day(static_cast<unsigned>(today % 100))};
  if (days == 0) return today;
  if (!ymd.ok()) return 0;
  return Date(std::chrono::sys_days(ymd)).plus_days(days).packed();
}

/// The first microsecond (UTC) of a packed day.
inline int64_t start_us(int64_t packed) {
  const std::chrono::year_month_day ymd{std::chrono::year(static_cast<int>(packed / 10000)),
                                        std::chrono::month(static_cast<unsigned>(packed / 100 % 100)),
                                        std::chrono::day(static_cast<unsigned>(packed % 100))};
  return int64_t{std::chrono::sys_days(ymd).time_since_epoch().count()} * kDayUs;
}

/// A time compared with a whole day: within it is equal.
inline int order_of_day(int64_t time_us, int64_t packed) {
  const int64_t start = start_us(packed);
  return time_us < start ? -1 : time_us >= start + kDayUs ? 1 : 0;
}

inline const Cell& cell_at(Row row, uint32_t slot) { return slot < row.size() ? row[slot] : kEmptyCell; }

}  // namespace detail

[[gnu::flatten]] inline uint32_t Programs::first_of(uint32_t list, Row row, int64_t today) const {
  const Step* step = steps() + list;
  while (true) {
    const auto truth = static_cast<unsigned>(test(*step, row, today));
    if (((static_cast<unsigned>(step->jumps_on) >> truth) & 1U) == 0) {
      ++step;  // where it goes on is known before the test is done
    } else if ((step->jump & kAnswer) != 0) {
      return step->jump & ~kAnswer;
    } else {
      step += step->jump;
    }
  }
}

/// Unknown where the cell is empty or of another kind than the field's.
inline Truth Programs::test(const Step& step, Row row, int64_t today) const {
  using detail::cell_at;
  using detail::judged;
  using detail::truth_of;
  const Cell& cell = cell_at(row, step.slot);
  switch (step.code) {
    case Code::Constant:
      return Truth::Unknown;
    case Code::Empty:
      return truth_of(cell.is_null());
    case Code::Currency:
      return cell.is_text() && is_text(step, cell.text()) ? Truth::True : Truth::Unknown;
    case Code::Currencies: {
      const Cell& other = cell_at(row, step.at);
      const bool is_same = cell.is_text() && other.is_text() && cell.text() == other.text();
      return is_same ? Truth::True : Truth::Unknown;
    }
    case Code::Integer:
      if (!cell.is_integer()) return Truth::Unknown;
      return judged(detail::order_of(cell.as.integer, step.number), step.accepts);
    case Code::IntegerIn:
      return cell.is_integer() ? truth_of(has_integer(step, cell.as.integer)) : Truth::Unknown;
    case Code::TextIs:
      return cell.is_text() ? judged(is_text(step, cell.text()) ? 0 : 1, step.accepts) : Truth::Unknown;
    case Code::TextIn:
      return cell.is_text() ? truth_of(has_text(step, cell.text())) : Truth::Unknown;
    case Code::Slots:
      return test_slots(step, cell, cell_at(row, step.at));
    case Code::TextOrder:
    case Code::StartsWith:
    case Code::Contains:
      return cell.is_text() ? test_text(step, cell.text()) : Truth::Unknown;
    default:
      return cell.is_integer() ? test_days(step, cell.as.integer, today) : Truth::Unknown;
  }
}

inline Truth Programs::test_slots(const Step& step, const Cell& cell, const Cell& other) {
  if (cell.is_integer() && other.is_integer()) {
    return detail::judged(detail::order_of(cell.as.integer, other.as.integer), step.accepts);
  }
  if (!cell.is_text() || !other.is_text()) return Truth::Unknown;
  return detail::judged(detail::order_of(cell.text(), other.text()), step.accepts);
}

[[gnu::noinline]] inline Truth Programs::test_text(const Step& step, std::string_view value) const {
  const std::string_view wanted(bytes_ + step.at, step.count);
  if (step.code == Code::StartsWith) return detail::truth_of(value.starts_with(wanted));
  if (step.code == Code::Contains) return detail::truth_of(value.find(wanted) != std::string_view::npos);
  return detail::judged(detail::order_of(value, wanted), step.accepts);
}

[[gnu::noinline]] inline Truth Programs::test_days(const Step& step, int64_t value, int64_t today) {
  using detail::shifted;
  switch (step.code) {
    case Code::Day:
      return detail::judged(detail::order_of(value, shifted(today, step.number)), step.accepts);
    case Code::TimeDay:
      return detail::judged(detail::order_of_day(value, step.number), step.accepts);
    case Code::TimeToday:
      return detail::judged(detail::order_of_day(value, shifted(today, step.number)), step.accepts);
    case Code::LastDays:
      return detail::truth_of(value >= shifted(today, -step.number) && value <= today);
    default:  // TimeLastDays
      return detail::truth_of(value >= detail::start_us(shifted(today, -step.number)) &&
                              value < detail::start_us(today) + kDayUs);
  }
}

inline bool Programs::has_integer(const Step& step, int64_t value) const {
  const int64_t* const from = integers_ + step.at + detail::hash_of(value, step.number);
  for (uint32_t i = 0; i < step.count; ++i) {
    if (from[i] == value) return true;
  }
  return false;
}

inline bool Programs::has_text(const Step& step, std::string_view value) const {
  constexpr uint32_t kFewMax = 8;  // choices: cheaper one by one
  const uint64_t head = detail::first_eight(value);
  const Text* const from = texts_ + step.at;
  const Text* const to = from + step.count;
  if (step.count <= kFewMax) {
    return std::any_of(from, to, [&](const Text& each) { return order_of(each, head, value) == 0; });
  }
  const Text* found = std::lower_bound(from, to, value, [&](const Text& each, std::string_view wanted) {
    return order_of(each, head, wanted) < 0;
  });
  return found != to && order_of(*found, head, value) == 0;
}

/// By size, by head, by what is behind it: any order serves to find.
inline int Programs::order_of(const Text& one, uint64_t head, std::string_view other) const {
  if (one.size != other.size()) return one.size < other.size() ? -1 : 1;
  if (one.head != head) return one.head < head ? -1 : 1;
  return one.size <= sizeof head ? 0 : std::memcmp(bytes_ + one.at, other.data(), one.size);
}

inline bool Programs::is_text(const Step& step, std::string_view value) const {
  return order_of(Text{static_cast<uint64_t>(step.number), step.at, step.count}, detail::first_eight(value),
                  value) == 0;
}

}  // namespace talon::expression
