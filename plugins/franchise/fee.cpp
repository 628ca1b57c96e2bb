/// Works franchise fees out.
#include "fee.hpp"

#include <talon/money.hpp>

#include <algorithm>

namespace talon::franchise {

namespace {

constexpr int64_t kPercentUnit = 1000000;      // 100 % at scale 4
constexpr int64_t kFractionUnit = 1000000000;  // 9 decimals (billing.md, rule 7)

Result<int64_t> fitting(Int128 sum) {
  if (sum > Money::kMax || sum < -static_cast<Int128>(Money::kMax)) {
    return Error{Code::OutOfRange, "the period's turnover is beyond " + std::to_string(Money::kMax) +
                                       " minor units, the most that an amount may be"};
  }
  return static_cast<int64_t>(sum);
}

Result<int64_t> percent_of(int64_t amount, const Decimal& percentage) {
  TALON_TRY(const Decimal rate, percentage.rescaled(4, Rounding::HalfAwayFromZero));
  return divide_rounded(static_cast<Int128>(amount) * rate.units(), kPercentUnit, Rounding::HalfAwayFromZero);
}

bool holds(const std::vector<std::string>& categories, const std::string& category) {
  return std::find(categories.begin(), categories.end(), category) != categories.end();
}

bool is_counted(const Terms& terms, const Sales& sales) {
  if (sales.is_return && !terms.counts_returns) return false;
  if (holds(terms.excluded_categories, sales.category)) return false;
  return terms.categories.empty() || holds(terms.categories, sales.category);
}

Result<int64_t> tiered_fee(const Terms& terms, int64_t turnover) {
  std::vector<Tier> tiers = terms.tiers;
  std::sort(tiers.begin(), tiers.end(), [](const Tier& a, const Tier& b) { return a.above < b.above; });
  if (terms.tier_mode == TierMode::Whole) {
    Decimal percentage(0, 4);
    for (const Tier& tier : tiers) {
      if (turnover >= tier.above) percentage = tier.percentage;
    }
    return percent_of(turnover, percentage);
  }
  Int128 sum = 0;  // rounded once, at the end
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const int64_t top = i + 1 < tiers.size() ? std::min(turnover, tiers[i + 1].above) : turnover;
    if (top <= tiers[i].above) continue;
    TALON_TRY(const Decimal rate, tiers[i].percentage.rescaled(4, Rounding::HalfAwayFromZero));
    sum += static_cast<Int128>(top - tiers[i].above) * rate.units();
  }
  return divide_rounded(sum, kPercentUnit, Rounding::HalfAwayFromZero);
}

int64_t days_between(Date from, Date to) { return (to.days() - from.days()).count() + 1; }

/// An amount for a whole period, as far as the contract runs in it.
Result<int64_t> part_of(int64_t amount, const Terms& terms, const Period& period) {
  const Date from = std::max(period.start, terms.valid_from);
  const Date to = terms.valid_until ? std::min(period.end, *terms.valid_until) : period.end;
  if (to < from) return 0;
  const int64_t days = days_between(from, to);
  const int64_t all = days_between(period.start, period.end);
  if (days == all) return amount;
  TALON_TRY(const int64_t fraction,
            divide_rounded(static_cast<Int128>(days) * kFractionUnit, all, Rounding::HalfAwayFromZero));
  return divide_rounded(static_cast<Int128>(amount) * fraction, kFractionUnit, Rounding::HalfAwayFromZero);
}

Result<void> count(const Terms& terms, const std::vector<Sales>& sales, Fee& fee) {
  Int128 all = 0;
  Int128 counted = 0;
  for (const Sales& one : sales) {
    CountedSales& row = fee.sales.emplace_back();
    row.sales = one;
    row.amount = terms.basis == Basis::Gross ? one.gross : one.net;
    row.is_counted = is_counted(terms, one);
    all += row.amount;
    if (row.is_counted) counted += row.amount;
  }
  TALON_TRY(fee.sales_total, fitting(all));
  TALON_TRY(fee.counted_total, fitting(counted));
  return {};
}

}  // namespace

Period period_of(Date day, PeriodLength length) {
  const int months = length == PeriodLength::Month ? 1 : length == PeriodLength::Quarter ? 3 : 12;
  const int first = (day.month() - 1) / months * months + 1;
  const auto start = Date::of(day.year(), first, 1);
  TALON_CHECK(static_cast<bool>(start));
  return {*start, start->plus_months(months).plus_days(-1)};
}

Result<Fee> fee_of(const Terms& terms, const Period& period, const std::vector<Sales>& sales) {
  Fee fee;
  TALON_DO(count(terms, sales, fee));
  const int64_t turnover = std::max<int64_t>(0, fee.counted_total);
  if (terms.percentage) {
    TALON_TRY(fee.fee, percent_of(turnover, *terms.percentage));
  } else {
    TALON_TRY(fee.fee, tiered_fee(terms, turnover));
  }
  if (terms.minimum) {
    TALON_TRY(const int64_t minimum, part_of(*terms.minimum, terms, period));
    if (fee.fee < minimum) {
      fee.fee = minimum;
      fee.applied = Applied::Minimum;
    }
  }
  if (terms.cap) {
    TALON_TRY(const int64_t cap, part_of(*terms.cap, terms, period));
    if (fee.fee > cap) {
      fee.fee = cap;
      fee.applied = Applied::Cap;
    }
  }
  TALON_TRY(fee.advertising, percent_of(turnover, terms.advertising_percentage));
  return fee;
}

Result<void> check_terms(const Terms& terms) {
  if (terms.valid_until && *terms.valid_until < terms.valid_from)
    return invalid("valid_until: is before valid_from");
  if (!terms.percentage && terms.tiers.empty()) {
    return invalid(
        "tiers: a contract by tiers needs at least one, the first from 0.00; or choose fee percentage");
  }
  if (!terms.percentage) {
    std::vector<int64_t> bounds;
    for (const Tier& tier : terms.tiers) bounds.push_back(tier.above);
    std::sort(bounds.begin(), bounds.end());
    if (bounds.front() != 0)
      return invalid("tiers: the first one begins at 0.00, or turnover below it would have no rate");
    if (std::adjacent_find(bounds.begin(), bounds.end()) != bounds.end()) {
      return invalid("tiers: two begin at the same turnover; take one out");
    }
  }
  if (terms.minimum && *terms.minimum < 0) return invalid("minimum: must not be below zero");
  if (terms.cap && *terms.cap < 0) return invalid("cap: must not be below zero");
  if (terms.minimum && terms.cap && *terms.cap < *terms.minimum) return invalid("cap: is below the minimum");
  return {};
}

std::vector<std::string> read_categories(std::string_view text) {
  std::vector<std::string> categories;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view word = text.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    if (!word.empty()) categories.emplace_back(word);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return categories;
}

}  // namespace talon::franchise
