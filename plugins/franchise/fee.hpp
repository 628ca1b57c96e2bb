/// A franchise fee from sales: what counts, the rate or tiers, minimum, cap, and the advertising fund.
#pragma once

#include <talon/date.hpp>
#include <talon/decimal.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::franchise {

enum class Basis { Net, Gross };
enum class PeriodLength { Month, Quarter, Year };
enum class TierMode {
  Marginal,  ///< each slice of turnover at the rate of its own tier
  Whole      ///< all of it at the rate of the tier that it reaches
};

struct Tier {
  int64_t above = 0;  ///< turnover from which it holds, minor units
  Decimal percentage{0, 4};
};

/// What a contract says. Amounts are minor units of its currency, for a whole period.
struct Terms {
  Basis basis = Basis::Net;
  PeriodLength period = PeriodLength::Month;
  bool counts_returns = true;
  std::vector<std::string> categories;  ///< only these; empty: all
  std::vector<std::string> excluded_categories;
  std::optional<Decimal> percentage;  ///< scale 4; empty: the tiers hold
  std::vector<Tier> tiers;
  TierMode tier_mode = TierMode::Marginal;
  std::optional<int64_t> minimum;
  std::optional<int64_t> cap;
  Decimal advertising_percentage{0, 4};
  Date valid_from;
  std::optional<Date> valid_until;  ///< the last day
};

struct Period {
  Date start;
  Date end;  ///< the last day
  bool operator==(const Period&) const = default;
};

/// Sales of one category and kind in a period, added up.
struct Sales {
  std::string category;
  bool is_return = false;
  int64_t net = 0;  ///< negative for returns
  int64_t gross = 0;
  int64_t records = 0;
};

/// Sales as the contract sees them.
struct CountedSales {
  Sales sales;
  int64_t amount = 0;  ///< on the contract's basis
  bool is_counted = false;
};

enum class Applied { Rate, Minimum, Cap };

struct Fee {
  std::vector<CountedSales> sales;
  int64_t sales_total = 0;
  int64_t counted_total = 0;
  int64_t fee = 0;
  int64_t advertising = 0;
  Applied applied = Applied::Rate;
};

/// The month, quarter or year that a day lies in.
Period period_of(Date day, PeriodLength length);

/// Works the fee of a period out.
///
/// A contract that begins or ends within the period has that part of its minimum and cap: the fraction of
/// days is rounded to 9 decimals, the amount once. Negative turnover has no fee but the minimum.
/// @errors  OutOfRange: an amount does not fit 64 bits.
/// @threads any; pure.
Result<Fee> fee_of(const Terms& terms, const Period& period, const std::vector<Sales>& sales);

/// Checks that the terms can be worked with, before a contract becomes active.
/// @return InvalidArgument naming field and remedy.
Result<void> check_terms(const Terms& terms);

/// "food, drinks" → {"food", "drinks"}; blanks around the words go.
std::vector<std::string> read_categories(std::string_view text);

}  // namespace talon::franchise
