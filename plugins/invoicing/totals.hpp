/// The arithmetic of an invoice (EN 16931): line nets, VAT groups and totals, exact and rounded by name.
///
/// Amounts are minor units of the invoice's currency; quantities are Decimals of scale 4, prices of scale 6,
/// rates and percentages of scale 2. Every product is worked out in 128 bits and rounded half away from zero,
/// once.
#pragma once

#include <talon/decimal.hpp>
#include <talon/money.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace talon::invoicing {

/// Where VAT is rounded: once per (category, rate), which is EN 16931's way, on each line, or once per
/// document.
enum class VatRounding { PerGroup, PerLine, PerDocument };

/// One line as it is written, before any arithmetic.
struct LineInput {
  Decimal quantity{10000, 4};
  Decimal price{0, 6};
  Decimal base_quantity{10000, 4};           ///< > 0: the price is for so many
  int64_t allowance = 0;                     ///< lowers the line, ≥ 0 on a usual line
  std::optional<Decimal> allowance_percent;  ///< in place of `allowance`: of quantity × price / base quantity
  int64_t charge = 0;                        ///< raises the line
  std::string category = "S";                ///< S Z E AE K G O
  Decimal rate{0, 2};                        ///< percent; 0 for every category but S
};

/// An allowance or charge on the whole document.
struct AdjustmentInput {
  bool is_charge = false;
  int64_t amount = 0;
  std::optional<Decimal> percent;  ///< in place of `amount`: of the lines of its group, or of all lines
  std::string category;            ///< empty: split over the groups by their taxable amounts
  Decimal rate{0, 2};
};

struct TotalsInput {
  Currency currency;
  std::vector<LineInput> lines;
  std::vector<AdjustmentInput> adjustments;
  int64_t prepaid = 0;
  int64_t rounding_amount = 0;   ///< cash rounding only
  bool is_tax_included = false;  ///< prices, line allowances and adjustments include VAT
  VatRounding rounding = VatRounding::PerGroup;
};

/// The VAT of one (category, rate).
struct TaxGroup {
  std::string category;
  Decimal rate{0, 2};
  int64_t taxable = 0;
  int64_t tax = 0;
  bool operator==(const TaxGroup&) const = default;
};

/// A document allowance or charge as it counts in one group, without VAT.
struct Adjustment {
  std::size_t index = 0;  ///< into TotalsInput::adjustments; a split one appears once per group
  std::string category;
  Decimal rate{0, 2};
  int64_t amount = 0;
};

struct Totals {
  std::vector<int64_t> line_nets;  ///< one per line, in order, without VAT
  std::vector<Adjustment> adjustments;
  std::vector<TaxGroup> taxes;   ///< by category, then rate
  int64_t lines_total = 0;       ///< BT-106
  int64_t allowances_total = 0;  ///< BT-107
  int64_t charges_total = 0;     ///< BT-108
  int64_t net_total = 0;         ///< BT-109
  int64_t tax_total = 0;         ///< BT-110
  int64_t gross_total = 0;       ///< BT-112
  int64_t payable = 0;           ///< BT-115
};

/// Works out all amounts of an invoice.
///
/// @errors  InvalidArgument: no line, a base quantity that is not above zero, a document discount with
/// nothing to
///          split it over, an unknown category; the message names the line. OutOfRange: an amount does not
///          fit 64 bits.
/// @threads any; pure.
Result<Totals> work_out(const TotalsInput& input);

/// quantity × price / base quantity, rounded to the currency's minor unit.
Result<int64_t> line_amount(const LineInput& line, const Currency& currency);

/// amount × percent / 100, rounded to the minor unit.
Result<int64_t> percent_of(int64_t amount, const Decimal& percent);

/// `amount` in another currency. @param exchange_rate  units of the other currency for 1 of this one, any
/// scale.
Result<int64_t> converted(int64_t amount, const Currency& from, const Currency& to,
                          const Decimal& exchange_rate);

/// VAT in the accounting currency: each group converted once, then added up (billing.md, rule 8).
Result<int64_t> tax_converted(const Totals& totals, const Currency& from, const Currency& to,
                              const Decimal& exchange_rate);

/// The net unit price, with the fewest decimals up to 6 that give `amount` back by rule 1; empty where 6 do
/// not (then the line is written with quantity 1 and the amount as its price).
std::optional<Decimal> net_price(int64_t amount, const LineInput& line, const Currency& currency);

/// True when the category taxes at its rate; false for those that are always 0: Z E AE K G O.
bool is_taxed(const std::string& category);
bool is_vat_category(const std::string& category);

}  // namespace talon::invoicing
