/// Which hourly rate an entry is billed at: the most specific one that is valid on its day.
#pragma once

#include <talon/date.hpp>
#include <talon/decimal.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace talon::timesheets {

/// A row of the type `rate`. An empty worker, client or activity fits any.
struct Rate {
  int64_t id = 0;
  int64_t worker = 0;  ///< 0: any
  int64_t client = 0;
  std::string activity;
  std::string currency = "EUR";
  Decimal per_hour{0, 4};
  std::string vat_category;  ///< empty: the plugin's setting
  std::optional<Decimal> vat_rate;
  Date valid_from;
  std::optional<Date> valid_until;  ///< the last day
};

/// What a rate is looked up for.
struct RateQuestion {
  int64_t worker = 0;
  int64_t client = 0;
  std::string activity;
  Date day;
};

/// The rate that fits best, or null.
///
/// Client counts more than worker, worker more than activity (a price agreed with a client holds for whoever
/// works); among equals the later `valid_from`, then the higher id.
/// @threads any; pure.
const Rate* best_rate(std::span<const Rate> rates, const RateQuestion& question);

}  // namespace talon::timesheets
