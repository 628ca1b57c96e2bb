/// Running a program on one row (see evaluate.hpp). Every function is pure and allocates nothing.
#pragma once

#include <talon/date.hpp>
#include <talon/expression/evaluate.hpp>

#include <algorithm>
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

inline Truth Programs::run(const Step& step, Row row, int64_t today) const {
  switch (step.code) {
    case Code::Constant:
      return step.constant;
    case Code::All:
    case Code::Any:
    case Code::None:
      return group(step, row, today);
    case Code::Currency: {
      const Cell& currency = detail::cell_at(row, step.slot);
      if (!currency.is_text() || currency.text() != text(step.at, step.count)) return Truth::Unknown;
      return run((&step)[1], row, today);
    }
    case Code::Currencies: {
      const Cell& currency = detail::cell_at(row, step.slot);
      const Cell& other = detail::cell_at(row, step.at);
      if (!currency.is_text() || !other.is_text() || currency.text() != other.text()) return Truth::Unknown;
      return run((&step)[1], row, today);
    }
    case Code::Empty:
      return detail::truth_of(detail::cell_at(row, step.slot).is_null() != step.is_negated);
    default:
      return compare(step, detail::cell_at(row, step.slot), row, today);
  }
}

inline Truth Programs::group(const Step& step, Row row, int64_t today) const {
  const Truth deciding = step.code == Code::All ? Truth::False : Truth::True;
  Truth result = negate(deciding);
  const Step* const end = &step + step.next;
  for (const Step* child = &step + 1; child < end; child += child->next) {
    const Truth truth = run(*child, row, today);
    if (truth == deciding) {
      result = deciding;
      break;
    }
    if (truth == Truth::Unknown) result = Truth::Unknown;
  }
  return step.code == Code::None ? negate(result) : result;
}

/// A comparison; Unknown where the cell is empty or of another kind than the field's.
inline Truth Programs::compare(const Step& step, const Cell& cell, Row row, int64_t today) const {
  using detail::judged;
  using detail::order_of;
  using detail::truth_of;
  if (cell.is_integer()) {
    const int64_t value = cell.as.integer;
    switch (step.code) {
      case Code::Integer:
        return judged(order_of(value, step.number), step.accepts);
      case Code::IntegerIn:
        return truth_of(has_integer(step, value) != step.is_negated);
      case Code::Slots: {
        const Cell& other = detail::cell_at(row, step.at);
        return other.is_integer() ? judged(order_of(value, other.as.integer), step.accepts) : Truth::Unknown;
      }
      case Code::Day:
        return judged(order_of(value, detail::shifted(today, step.number)), step.accepts);
      case Code::TimeDay:
        return judged(detail::order_of_day(value, step.number), step.accepts);
      case Code::TimeToday:
        return judged(detail::order_of_day(value, detail::shifted(today, step.number)), step.accepts);
      case Code::LastDays:
        return truth_of(value >= detail::shifted(today, -step.number) && value <= today);
      case Code::TimeLastDays:
        return truth_of(value >= detail::start_us(detail::shifted(today, -step.number)) &&
                        value < detail::start_us(today) + kDayUs);
      default:
        return Truth::Unknown;
    }
  }
  if (!cell.is_text()) return Truth::Unknown;
  const std::string_view value = cell.text();
  switch (step.code) {
    case Code::Text:
      return judged(order_of(value, text(step.at, step.count)), step.accepts);
    case Code::TextIn:
      return truth_of(has_text(step, value) != step.is_negated);
    case Code::StartsWith:
      return truth_of(value.starts_with(text(step.at, step.count)));
    case Code::Contains:
      return truth_of(value.find(text(step.at, step.count)) != std::string_view::npos);
    case Code::Slots: {
      const Cell& other = detail::cell_at(row, step.at);
      return other.is_text() ? judged(order_of(value, other.text()), step.accepts) : Truth::Unknown;
    }
    default:
      return Truth::Unknown;
  }
}

/// Halves without branches: the processor cannot guess where an id lies.
inline bool Programs::has_integer(const Step& step, int64_t value) const {
  const int64_t* from = integers_.data() + step.at;
  for (uint32_t count = step.count; count > 1;) {
    const uint32_t half = count / 2;
    from += from[half] <= value ? half : 0;
    count -= half;
  }
  return *from == value;
}

inline bool Programs::has_text(const Step& step, std::string_view value) const {
  constexpr uint32_t kFewMax = 8;  // choices: cheaper one by one
  const Text* from = texts_.data() + step.at;
  if (step.count <= kFewMax) {
    return std::any_of(from, from + step.count,
                       [&](const Text& each) { return text(each.at, each.size) == value; });
  }
  const Text* found = std::lower_bound(
      from, from + step.count, value,
      [&](const Text& each, std::string_view wanted) { return text(each.at, each.size) < wanted; });
  return found != from + step.count && text(found->at, found->size) == value;
}

}  // namespace talon::expression
