/// What a query may ask for at once: no caller makes a statement that costs the database more than a list
/// does.
#pragma once

#include "host/records/records.hpp"

#include <talon/expression/parse.hpp>

namespace talon::records {

/// The most that one query may have of each.
struct QueryLimits {
  static constexpr std::size_t kFields = 200;
  static constexpr std::size_t kOrder = 8;
  static constexpr std::size_t kGroup = 8;
  static constexpr std::size_t kAggregates = 32;
  static constexpr std::size_t kComparisons = 500;
  static constexpr std::size_t kLinks = 100;  ///< steps over references, in all paths together
};

/// Each of `fields`, `order`, `group` and `aggregates` stands once, and there are not too many.
/// @errors InvalidArgument, naming the list and the limit.
Result<void> check_lists(const QueryRequest& request);

/// The comparisons of the condition, and the links of all paths. @errors as above.
Result<void> check_cost(const QueryRequest& request, const expression::Expression& where);

}  // namespace talon::records
