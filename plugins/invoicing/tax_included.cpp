/// Takes VAT out of prices that include it, and rounds VAT once per document.
#include "tax_included.hpp"

#include "amounts.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace talon::invoicing {

namespace {

/// One amount of a group: a line, or a share of a document allowance (then it counts negative).
struct Part {
  int64_t* amount;  ///< gross before, net after; points into Totals
  int64_t sign;     ///< −1 for an allowance
  int64_t tax = 0;  ///< its share of the group's tax, with the sign of `amount`
};

struct Group {
  TaxGroup result;
  std::vector<Part> parts;
};

Group& group_of(std::vector<Group>& groups, const std::string& category, const Decimal& rate) {
  for (Group& group : groups) {
    if (group.result.category == category && group.result.rate == rate) return group;
  }
  return groups.emplace_back(Group{{category, rate, 0, 0}, {}});
}

/// gross × rate / (100 + rate).
Result<int64_t> tax_in(int64_t gross, const Decimal& rate) {
  TALON_TRY(const Decimal percent, rate.rescaled(2, Rounding::HalfAwayFromZero));
  return divide_rounded(static_cast<Int128>(gross) * percent.units(),
                        10000 + static_cast<Int128>(percent.units()), Rounding::HalfAwayFromZero);
}

/// Takes the tax out of the parts of one group so that they add up to its net.
Result<void> take_out(Group& group) {
  Sum gross;
  Sum given;
  for (Part& part : group.parts) {
    gross.add(part.sign * *part.amount);
    TALON_TRY(part.tax, tax_in(*part.amount, group.result.rate));
    given.add(part.sign * part.tax);
  }
  TALON_TRY(const int64_t total, gross.value());
  TALON_TRY(group.result.tax, tax_in(total, group.result.rate));
  TALON_TRY(const int64_t spread, given.value());
  std::vector<std::size_t> order(group.parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::llabs(*group.parts[a].amount) > std::llabs(*group.parts[b].amount);
  });
  int64_t rest = group.result.tax - spread;  // at most half a cent per part
  for (std::size_t i = 0; rest != 0; i = (i + 1) % order.size()) {
    const int64_t step = rest > 0 ? 1 : -1;
    Part& part = group.parts[order[i]];
    part.tax += step * part.sign;
    rest -= step;
  }
  for (Part& part : group.parts) *part.amount -= part.tax;
  group.result.taxable = total - group.result.tax;
  return {};
}

}  // namespace

Result<void> take_tax_out(const TotalsInput& input, Totals& totals) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < input.lines.size(); ++i) {
    const LineInput& line = input.lines[i];
    const Decimal rate = is_taxed(line.category) ? line.rate : Decimal(0, 2);
    group_of(groups, line.category, rate).parts.push_back({&totals.line_nets[i], 1});
  }
  for (Adjustment& adjustment : totals.adjustments) {
    const int64_t sign = input.adjustments[adjustment.index].is_charge ? 1 : -1;
    group_of(groups, adjustment.category, adjustment.rate).parts.push_back({&adjustment.amount, sign});
  }
  for (Group& group : groups) {
    TALON_DO(take_out(group));
    totals.taxes.push_back(group.result);
  }
  return {};
}

Result<void> tax_per_document(std::vector<TaxGroup>& taxes) {
  Int128 exact = 0;  // of a hundredth of a percent of a minor unit
  std::vector<Int128> rests;
  int64_t given = 0;
  for (TaxGroup& group : taxes) {
    TALON_TRY(const Decimal rate, group.rate.rescaled(2, Rounding::HalfAwayFromZero));
    const Int128 product = static_cast<Int128>(group.taxable) * rate.units();
    exact += product;
    group.tax = static_cast<int64_t>(product / 10000);
    rests.push_back(product % 10000);
    given += group.tax;
  }
  TALON_TRY(const int64_t total, divide_rounded(exact, 10000, Rounding::HalfAwayFromZero));
  while (given != total) {
    const int64_t step = total > given ? 1 : -1;
    std::size_t best = 0;
    for (std::size_t i = 1; i < rests.size(); ++i) {
      if (step * rests[i] > step * rests[best]) best = i;
    }
    taxes[best].tax += step;
    rests[best] -= step * 10000;
    given += step;
  }
  return {};
}

}  // namespace talon::invoicing
