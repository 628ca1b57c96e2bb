/// Corrections, carry-over and the lines of the fee invoice.
#include "statement.hpp"

#include <algorithm>

namespace talon::franchise {

std::vector<TrueUp> due_true_ups(const std::vector<Reviewed>& earlier, const std::vector<TrueUp>& made,
                                 int64_t carrier) {
  std::vector<TrueUp> due;
  for (const Reviewed& one : earlier) {
    TrueUp correction{one.statement.id, carrier, one.statement.period.start, one.fee_now - one.statement.fee,
                      one.advertising_now - one.statement.advertising};
    for (const TrueUp& before : made) {
      if (before.statement != one.statement.id || before.carrier == carrier) continue;
      correction.fee -= before.fee;
      correction.advertising -= before.advertising;
    }
    if (correction.fee != 0 || correction.advertising != 0) due.push_back(correction);
  }
  return due;
}

int64_t carried_in(const std::vector<Statement>& earlier) {
  return earlier.empty() ? 0 : std::min<int64_t>(0, earlier.back().total);
}

std::vector<FeeLine> fee_lines(const Period& period, const std::string& contract, int64_t fee,
                               int64_t advertising, const std::vector<TrueUp>& true_ups, int64_t carried) {
  const std::string span = period.start.to_string() + " to " + period.end.to_string();
  std::vector<FeeLine> lines;
  if (fee != 0) lines.push_back({"Franchise fee, contract " + contract + ", " + span, fee});
  if (advertising != 0)
    lines.push_back({"Advertising fund, contract " + contract + ", " + span, advertising});
  for (const TrueUp& correction : true_ups) {
    lines.push_back(
        {"Correction of the period from " + correction.period_start.to_string() + ", contract " + contract,
         correction.fee + correction.advertising});
  }
  if (carried != 0) lines.push_back({"Carried over from the period before, contract " + contract, carried});
  return lines;
}

}  // namespace talon::franchise
