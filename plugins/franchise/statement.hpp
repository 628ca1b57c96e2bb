/// What a statement comes to: the period's fee, corrections of periods before, and what was carried over.
#pragma once

#include "franchise_store.hpp"

#include <string>
#include <vector>

namespace talon::franchise {

/// A settled statement beside what it would be today.
struct Reviewed {
  Statement statement;
  int64_t fee_now = 0;
  int64_t advertising_now = 0;
};

/// The corrections that are still due: what each earlier statement would be today, less what it was and what
/// other statements corrected already. Those that come to nothing are left out.
/// @param carrier  the statement that is worked out; its own corrections do not count as made. 0: a new one.
std::vector<TrueUp> due_true_ups(const std::vector<Reviewed>& earlier, const std::vector<TrueUp>& made,
                                 int64_t carrier);

/// The negative total of the statement before, which no invoice took.
/// @param earlier  by period; drafts among them are refused before.
int64_t carried_in(const std::vector<Statement>& earlier);

/// A line of the fee invoice.
struct FeeLine {
  std::string description;
  int64_t amount = 0;
};

/// Fee, advertising, corrections and carry-over as lines that add up to the statement's total; zero ones are
/// left out.
std::vector<FeeLine> fee_lines(const Period& period, const std::string& contract, int64_t fee,
                               int64_t advertising, const std::vector<TrueUp>& true_ups, int64_t carried);

}  // namespace talon::franchise
