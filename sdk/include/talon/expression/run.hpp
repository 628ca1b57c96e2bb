/// Running a program on one row (see evaluate.hpp). Every function is pure and allocates nothing.
#pragma once

#include <talon/date.hpp>
#include <talon/expression/evaluate.hpp>

#include <algorithm>
#include <span>

namespace talon::expression {

namespace detail {

inline const Cell kEmptyCell;
inline constexpr int64_t kDayUs = int64_t{86400} * 1000000;

constexpr Truth truth_of(bool is_true) { return is_true ? Truth::True : Truth::False; }

/// `order` is the sign of left compared with right.
constexpr Truth compared(int order, Operator op) {
  switch (op) {
    case Operator::Is:
      return truth_of(order == 0);
    case Operator::IsNot:
      return truth_of(order != 0);
    case Operator::Less:
      return truth_of(order < 0);
    case Operator::LessEqual:
      return truth_of(order <= 0);
    case Operator::Greater:
      return truth_of(order > 0);
    case Operator::GreaterEqual:
      return truth_of(order >= 0);
    default:
      return Truth::Unknown;
  }
}

inline int order_of(int64_t left, int64_t right) { return left < right ? -1 : left > right ? 1 : 0; }

/// By bytes, as both databases do.
inline int order_of(std::string_view left, std::string_view right) {
  const int order = left.compare(right);  // char_traits<char> compares as unsigned bytes
  return order < 0 ? -1 : order > 0 ? 1 : 0;
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

/// A time compared with a whole day: 0 is within it.
inline Truth compared_day(int64_t time_us, int64_t packed, Operator op) {
  const int64_t start = start_us(packed);
  return compared(time_us < start ? -1 : time_us >= start + kDayUs ? 1 : 0, op);
}

}  // namespace detail

inline Truth Program::run(uint32_t at, Row row, int64_t today) const {
  const Step& step = steps_[at];
  switch (step.code) {
    case Step::Code::Constant:
      return step.constant;
    case Step::Code::All:
    case Step::Code::Any:
    case Step::Code::None:
      return group(at, row, today);
    case Step::Code::Currency:
      return guarded(at, row, today);
    default:
      return leaf(step, step.slot < row.size() ? row[step.slot] : detail::kEmptyCell, row, today);
  }
}

inline Truth Program::group(uint32_t at, Row row, int64_t today) const {
  const Step& step = steps_[at];
  const Truth deciding = step.code == Step::Code::All ? Truth::False : Truth::True;
  Truth result = negate(deciding);
  for (uint32_t child = at + 1; child < step.next; child = steps_[child].next) {
    const Truth truth = run(child, row, today);
    if (truth == deciding) {
      result = deciding;
      break;
    }
    if (truth == Truth::Unknown) result = Truth::Unknown;
  }
  return step.code == Step::Code::None ? negate(result) : result;
}

inline Truth Program::guarded(uint32_t at, Row row, int64_t today) const {
  const Step& step = steps_[at];
  if (step.slot >= row.size() || !row[step.slot].is_text()) return Truth::Unknown;
  std::string_view wanted;
  if (!step.is_negated) {
    wanted = texts_[step.other];
  } else if (step.other < row.size() && row[step.other].is_text()) {
    wanted = row[step.other].text();
  } else {
    return Truth::Unknown;
  }
  return row[step.slot].text() == wanted ? run(at + 1, row, today) : Truth::Unknown;
}

inline Truth Program::leaf(const Step& step, const Cell& cell, Row row, int64_t today) const {
  using detail::truth_of;
  if (step.code == Step::Code::Empty) return truth_of(cell.is_null() != step.is_negated);
  if (cell.is_integer()) {
    switch (step.code) {
      case Step::Code::Integer:
        return detail::compared(detail::order_of(cell.as.integer, step.number), step.op);
      case Step::Code::IntegerIn: {
        const auto from = integers_.begin() + step.other;
        return truth_of(std::binary_search(from, from + step.count, cell.as.integer) != step.is_negated);
      }
      case Step::Code::Slots: {
        if (step.other >= row.size() || !row[step.other].is_integer()) return Truth::Unknown;
        return detail::compared(detail::order_of(cell.as.integer, row[step.other].as.integer), step.op);
      }
      default:
        return dated(step, cell, today);
    }
  }
  if (!cell.is_text()) return Truth::Unknown;
  switch (step.code) {
    case Step::Code::Text:
      return detail::compared(detail::order_of(cell.text(), texts_[step.other]), step.op);
    case Step::Code::StartsWith:
      return truth_of(cell.text().starts_with(texts_[step.other]));
    case Step::Code::Contains:
      return truth_of(cell.text().find(texts_[step.other]) != std::string_view::npos);
    case Step::Code::TextIn: {
      const auto from = texts_.begin() + step.other;
      return truth_of(std::binary_search(from, from + step.count, cell.text(), std::less<>()) !=
                      step.is_negated);
    }
    case Step::Code::Slots: {
      if (step.other >= row.size() || !row[step.other].is_text()) return Truth::Unknown;
      return detail::compared(detail::order_of(cell.text(), row[step.other].text()), step.op);
    }
    default:
      return Truth::Unknown;
  }
}

inline Truth Program::dated(const Step& step, const Cell& cell, int64_t today) const {
  const int64_t value = cell.as.integer;
  switch (step.code) {
    case Step::Code::Day:
      return detail::compared(detail::order_of(value, detail::shifted(today, step.number)), step.op);
    case Step::Code::TimeDay:
      return detail::compared_day(value, step.number, step.op);
    case Step::Code::TimeToday:
      return detail::compared_day(value, detail::shifted(today, step.number), step.op);
    case Step::Code::LastDays:
      return detail::truth_of(value >= detail::shifted(today, -step.number) && value <= today);
    case Step::Code::TimeLastDays:
      return detail::truth_of(value >= detail::start_us(detail::shifted(today, -step.number)) &&
                              value < detail::start_us(today) + detail::kDayUs);
    default:
      return Truth::Unknown;
  }
}

}  // namespace talon::expression
