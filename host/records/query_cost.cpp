/// Counts what a query asks for.
#include "host/records/query_cost.hpp"

#include <talon/text.hpp>

#include <algorithm>
#include <set>

namespace talon::records {

namespace {

Error too_many(const std::string& what, std::size_t limit, std::string_view remedy) {
  return invalid(what + "; at most " + std::to_string(limit) + " go together: " + std::string(remedy));
}

/// @param sign  a character before an entry that does not make it another one; 0: none.
Result<void> check_list(std::string_view name, const std::vector<std::string>& list, std::size_t limit,
                        char sign) {
  if (list.size() > limit) {
    return too_many(std::string(name) + " has " + std::to_string(list.size()) + " entries", limit,
                    "ask for fewer");
  }
  std::set<std::string_view> seen;
  for (std::string_view entry : list) {
    if (!entry.empty() && entry.front() == sign) entry.remove_prefix(1);
    if (!seen.insert(entry).second)
      return invalid(std::string(name) + ": " + echoed(entry) + " stands twice; name it once");
  }
  return {};
}

std::size_t links_of(std::string_view path) {
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '.'));
}

}  // namespace

Result<void> check_lists(const QueryRequest& request) {
  TALON_DO(check_list("fields", request.fields, QueryLimits::kFields, 0));
  TALON_DO(check_list("order", request.order, QueryLimits::kOrder, '-'));
  TALON_DO(check_list("group", request.group, QueryLimits::kGroup, 0));
  return check_list("aggregates", request.aggregates, QueryLimits::kAggregates, 0);
}

Result<void> check_cost(const QueryRequest& request, const expression::Expression& where) {
  std::size_t comparisons = 0;
  expression::each_comparison(where, [&](const expression::Expression&) { ++comparisons; });
  if (comparisons > QueryLimits::kComparisons) {
    return too_many("where has " + std::to_string(comparisons) + " comparisons", QueryLimits::kComparisons,
                    "write `FIELD in [a, b]`, or ask in parts");
  }
  std::size_t links = 0;
  expression::each_path(where, [&](const std::string& path) { links += links_of(path); });
  for (const auto* list : {&request.fields, &request.order, &request.group, &request.aggregates}) {
    for (const std::string& path : *list) links += links_of(path);
  }
  if (links <= QueryLimits::kLinks) return {};
  return too_many("the query's paths have " + std::to_string(links) + " links", QueryLimits::kLinks,
                  "each dot of a path is one; ask in parts");
}

}  // namespace talon::records
