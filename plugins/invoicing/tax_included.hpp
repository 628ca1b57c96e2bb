/// Prices with VAT included, and VAT rounded once per document: the two ways that spread a total back over
/// its parts.
#pragma once

#include "totals.hpp"

#include <vector>

namespace talon::invoicing {

/// Turns amounts with VAT into amounts without (billing.md, rule 5): per group the gross is fixed, tax =
/// gross × rate / (100 + rate), and the cents of rounding go to the largest amounts of the group, so that all
/// parts add up.
/// @param totals  `line_nets` and `adjustments` hold gross amounts before, net ones after; fills `taxes`.
Result<void> take_tax_out(const TotalsInput& input, Totals& totals);

/// Rounds the VAT of all groups once, together, and gives the cents to the groups with the largest
/// remainders.
Result<void> tax_per_document(std::vector<TaxGroup>& taxes);

}  // namespace talon::invoicing
