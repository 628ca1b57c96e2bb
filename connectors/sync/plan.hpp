/// Plans: what a run would do, kept with a digest; an apply that finds anything else refuses.
#pragma once

#include "run.hpp"

namespace talon::sync {

struct Plan {
  std::vector<Planned> items;
  std::vector<StreamResult> streams;
  std::string digest;

  Json json() const;
  /// @param lines_max  items shown; the rest is counted.
  std::string text(const std::string& connector, std::size_t lines_max = 200) const;
};

/// Reads and compares, writes nothing. @param stream  empty: all of the connector.
/// @return the first stream's failure as an error.
Result<Plan> make_plan(Host& host, const Connector& connector, const model::Model& model,
                       const std::string& stream);

/// @return the id of the sync_plan.
Result<std::string> store_plan(Host& host, const Connector& connector, const Plan& plan);

/// Plans again; the same as plan `id` is carried out, row by row as planned.
/// @return FailedPrecondition: the plan is stale (nothing is written), applied already, or another
/// connector's.
Result<std::vector<StreamResult>> apply_plan(Host& host, const Connector& connector,
                                             const model::Model& model, const std::string& id);

}  // namespace talon::sync
