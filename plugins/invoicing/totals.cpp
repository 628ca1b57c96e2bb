/// Line amounts, VAT groups and totals of an invoice.
#include "totals.hpp"

#include "amounts.hpp"
#include "tax_included.hpp"

#include <algorithm>
#include <array>

namespace talon::invoicing {

namespace {

constexpr int kQuantityScale = 4;  // the manifest's scales: quantity 4, price 6, rates and percentages 2
constexpr int kPriceScale = 6;
constexpr int64_t kPercentUnit = 10000;  // 100 % at scale 2

std::string line_name(std::size_t index) { return "line " + std::to_string(index + 1); }

Error on_line(std::size_t index, const Error& error) {
  return {error.code, line_name(index) + ": " + error.message, error.details};
}

TaxGroup& group_of(std::vector<TaxGroup>& groups, const std::string& category, const Decimal& rate) {
  for (TaxGroup& group : groups) {
    if (group.category == category && group.rate == rate) return group;
  }
  return groups.emplace_back(TaxGroup{category, rate, 0, 0});
}

Decimal effective_rate(const std::string& category, const Decimal& rate) {
  return is_taxed(category) ? rate : Decimal(0, 2);
}

bool is_rate(const Decimal& rate) { return !(rate < Decimal(0, 2)) && !(Decimal(kPercentUnit, 2) < rate); }

/// Line amounts as written (with VAT where prices include it), charges and allowances taken in.
Result<std::vector<int64_t>> written_lines(const TotalsInput& input) {
  std::vector<int64_t> amounts;
  for (std::size_t i = 0; i < input.lines.size(); ++i) {
    const LineInput& line = input.lines[i];
    if (!is_vat_category(line.category)) {
      return invalid(line_name(i) + ": vat_category \"" + line.category +
                     "\" is not one of S, Z, E, AE, K, G, O");
    }
    if (!is_rate(line.rate)) return invalid(line_name(i) + ": vat_rate is between 0 and 100");
    auto amount = line_amount(line, input.currency);
    if (!amount) return on_line(i, amount.error());
    int64_t allowance = line.allowance;
    if (line.allowance_percent) {
      TALON_TRY(allowance, percent_of(*amount, *line.allowance_percent));
    }
    const auto net = Sum().add(*amount).add(line.charge).subtract(allowance).value();
    if (!net) return on_line(i, net.error());
    amounts.push_back(*net);
  }
  return amounts;
}

/// The amount of a document allowance or charge: as given, or its percentage of the lines it is about.
Result<int64_t> adjustment_amount(const TotalsInput& input, const AdjustmentInput& adjustment,
                                  const std::vector<int64_t>& lines) {
  if (!adjustment.percent) return adjustment.amount;
  Sum base;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const LineInput& line = input.lines[i];
    const bool is_its = adjustment.category.empty() || (line.category == adjustment.category &&
                                                        effective_rate(line.category, line.rate) ==
                                                            effective_rate(line.category, adjustment.rate));
    if (is_its) base.add(lines[i]);
  }
  TALON_TRY(const int64_t total, base.value());
  return percent_of(total, *adjustment.percent);
}

/// Splits an adjustment without a category over the groups, by what their lines come to (rule 6).
Result<void> split(std::size_t index, int64_t amount, const Currency& currency,
                   const std::vector<TaxGroup>& lines, std::vector<Adjustment>& out) {
  std::vector<int64_t> weights;
  for (const TaxGroup& group : lines) weights.push_back(std::max<int64_t>(0, group.taxable));
  auto parts = allocate(Money(amount, currency), weights);
  if (!parts) {
    return invalid("allowances " + std::to_string(index + 1) +
                   ": there is no line above zero to split it over; give it a vat_category and a vat_rate");
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if ((*parts)[i].minor() == 0 && lines.size() > 1) continue;
    out.push_back({index, lines[i].category, lines[i].rate, (*parts)[i].minor()});
  }
  return {};
}

Result<std::vector<Adjustment>> adjustments_of(const TotalsInput& input, const std::vector<int64_t>& lines) {
  std::vector<TaxGroup> by_lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const LineInput& line = input.lines[i];
    TaxGroup& group = group_of(by_lines, line.category, effective_rate(line.category, line.rate));
    TALON_TRY(group.taxable, Sum().add(group.taxable).add(lines[i]).value());
  }
  std::vector<Adjustment> adjustments;
  for (std::size_t i = 0; i < input.adjustments.size(); ++i) {
    const AdjustmentInput& adjustment = input.adjustments[i];
    TALON_TRY(const int64_t amount, adjustment_amount(input, adjustment, lines));
    if (adjustment.category.empty()) {
      TALON_DO(split(i, amount, input.currency, by_lines, adjustments));
      continue;
    }
    if (!is_vat_category(adjustment.category)) {
      return invalid("allowances " + std::to_string(i + 1) + ": vat_category \"" + adjustment.category +
                     "\" is not one of S, Z, E, AE, K, G, O");
    }
    if (!is_rate(adjustment.rate)) {
      return invalid("allowances " + std::to_string(i + 1) + ": vat_rate is between 0 and 100");
    }
    adjustments.push_back(
        {i, adjustment.category, effective_rate(adjustment.category, adjustment.rate), amount});
  }
  return adjustments;
}

/// Rule 3 per group; or per line or per document where the series asks for it.
Result<void> tax_groups(const TotalsInput& input, Totals& totals) {
  if (input.rounding == VatRounding::PerGroup) {
    for (TaxGroup& group : totals.taxes) {
      TALON_TRY(group.tax, percent_of(group.taxable, group.rate));
    }
    return {};
  }
  if (input.rounding == VatRounding::PerLine) {
    for (std::size_t i = 0; i < input.lines.size(); ++i) {
      const LineInput& line = input.lines[i];
      const Decimal rate = effective_rate(line.category, line.rate);
      TALON_TRY(const int64_t tax, percent_of(totals.line_nets[i], rate));
      TaxGroup& group = group_of(totals.taxes, line.category, rate);
      TALON_TRY(group.tax, Sum().add(group.tax).add(tax).value());
    }
    for (const Adjustment& adjustment : totals.adjustments) {
      TALON_TRY(const int64_t tax, percent_of(adjustment.amount, adjustment.rate));
      TaxGroup& group = group_of(totals.taxes, adjustment.category, adjustment.rate);
      const int64_t sign = input.adjustments[adjustment.index].is_charge ? 1 : -1;
      TALON_TRY(group.tax, Sum().add(group.tax).add(sign * tax).value());
    }
    return {};
  }
  return tax_per_document(totals.taxes);
}

Result<void> add_up(const TotalsInput& input, Totals& totals) {
  Sum lines;
  for (const int64_t net : totals.line_nets) lines.add(net);
  Sum allowances;
  Sum charges;
  for (const Adjustment& adjustment : totals.adjustments) {
    (input.adjustments[adjustment.index].is_charge ? charges : allowances).add(adjustment.amount);
  }
  Sum tax;
  for (const TaxGroup& group : totals.taxes) tax.add(group.tax);
  TALON_TRY(totals.lines_total, lines.value());
  TALON_TRY(totals.allowances_total, allowances.value());
  TALON_TRY(totals.charges_total, charges.value());
  TALON_TRY(totals.tax_total, tax.value());
  TALON_TRY(totals.net_total, lines.add(totals.charges_total).subtract(totals.allowances_total).value());
  TALON_TRY(totals.gross_total, Sum().add(totals.net_total).add(totals.tax_total).value());
  if (input.prepaid < 0)
    return failed_precondition(
        "prepaid_total is below zero: what is to be paid beside the lines is a charge");
  TALON_TRY(totals.payable,
            Sum().add(totals.gross_total).subtract(input.prepaid).add(input.rounding_amount).value());
  return {};
}

Result<void> group_taxables(const TotalsInput& input, Totals& totals) {
  for (std::size_t i = 0; i < input.lines.size(); ++i) {
    const LineInput& line = input.lines[i];
    TaxGroup& group = group_of(totals.taxes, line.category, effective_rate(line.category, line.rate));
    TALON_TRY(group.taxable, Sum().add(group.taxable).add(totals.line_nets[i]).value());
  }
  for (const Adjustment& adjustment : totals.adjustments) {
    TaxGroup& group = group_of(totals.taxes, adjustment.category, adjustment.rate);
    const int64_t sign = input.adjustments[adjustment.index].is_charge ? 1 : -1;
    TALON_TRY(group.taxable, Sum().add(group.taxable).add(sign * adjustment.amount).value());
  }
  return {};
}

}  // namespace

bool is_taxed(const std::string& category) { return category == "S"; }

bool is_vat_category(const std::string& category) {
  // UNCL 5305, the codes that EN 16931 takes and Talon supports.
  constexpr std::array<const char*, 7> kCategories = {"S", "Z", "E", "AE", "K", "G", "O"};
  return std::find(kCategories.begin(), kCategories.end(), category) != kCategories.end();
}

Result<int64_t> percent_of(int64_t amount, const Decimal& percent) {
  TALON_TRY(const Decimal rate, percent.rescaled(2, Rounding::HalfAwayFromZero));
  return divide_rounded(static_cast<Int128>(amount) * rate.units(), kPercentUnit, Rounding::HalfAwayFromZero);
}

Result<int64_t> line_amount(const LineInput& line, const Currency& currency) {
  TALON_TRY(const Decimal quantity, line.quantity.rescaled(kQuantityScale, Rounding::HalfAwayFromZero));
  TALON_TRY(const Decimal price, line.price.rescaled(kPriceScale, Rounding::HalfAwayFromZero));
  TALON_TRY(const Decimal base, line.base_quantity.rescaled(kQuantityScale, Rounding::HalfAwayFromZero));
  if (base.units() <= 0) return invalid("base_quantity must be above zero");
  const Int128 product = static_cast<Int128>(quantity.units()) * price.units();
  const Int128 magnitude = product < 0 ? -product : product;
  constexpr Int128 kProductMax =
      (static_cast<Int128>(1) << 126) / 1000;  // leaves room for 3 digits of minor unit
  if (magnitude > kProductMax)
    return Error{Code::OutOfRange, "quantity × price is too large; split the line"};
  // The scale of the quantity and of the base quantity cancel out.
  return divide_rounded(product * power_of_ten(currency.digits()),
                        static_cast<Int128>(base.units()) * power_of_ten(kPriceScale),
                        Rounding::HalfAwayFromZero);
}

Result<int64_t> converted(int64_t amount, const Currency& from, const Currency& to,
                          const Decimal& exchange_rate) {
  Int128 numerator = static_cast<Int128>(amount) * exchange_rate.units();
  Int128 denominator = power_of_ten(exchange_rate.scale());
  const int shift = to.digits() - from.digits();
  if (shift < 0) denominator *= power_of_ten(-shift);
  const Int128 magnitude = numerator < 0 ? -numerator : numerator;
  if (magnitude > (static_cast<Int128>(1) << 126) / 1000)
    return Error{Code::OutOfRange, "the amount is too large"};
  if (shift > 0) numerator *= power_of_ten(shift);
  return divide_rounded(numerator, denominator, Rounding::HalfAwayFromZero);
}

Result<int64_t> tax_converted(const Totals& totals, const Currency& from, const Currency& to,
                              const Decimal& exchange_rate) {
  Sum sum;
  for (const TaxGroup& group : totals.taxes) {
    TALON_TRY(const int64_t tax, converted(group.tax, from, to, exchange_rate));
    sum.add(tax);
  }
  return sum.value();
}

std::optional<Decimal> net_price(int64_t amount, const LineInput& line, const Currency& currency) {
  for (int decimals = 0; decimals <= kPriceScale; ++decimals) {
    const Int128 numerator =
        static_cast<Int128>(amount) * line.base_quantity.units() * power_of_ten(decimals);
    Int128 denominator = static_cast<Int128>(line.quantity.units()) * power_of_ten(currency.digits());
    if (denominator == 0) return std::nullopt;
    const Int128 sign = denominator < 0 ? -1 : 1;
    const auto units = divide_rounded(numerator * sign, denominator * sign, Rounding::HalfAwayFromZero);
    if (!units) return std::nullopt;
    LineInput trial = line;
    trial.price = Decimal(*units, decimals);
    const auto back = line_amount(trial, currency);
    if (back && *back == amount) return trial.price;
  }
  return std::nullopt;
}

Result<Totals> work_out(const TotalsInput& input) {
  if (input.lines.empty()) return invalid("lines: an invoice needs at least one line");
  TALON_TRY(const std::vector<int64_t> written, written_lines(input));
  Totals totals;
  TALON_TRY(totals.adjustments, adjustments_of(input, written));
  totals.line_nets = written;
  if (input.is_tax_included) {
    TALON_DO(take_tax_out(input, totals));
  } else {
    TALON_DO(group_taxables(input, totals));
    TALON_DO(tax_groups(input, totals));
  }
  std::sort(totals.taxes.begin(), totals.taxes.end(), [](const TaxGroup& a, const TaxGroup& b) {
    return a.category != b.category ? a.category < b.category : a.rate < b.rate;
  });
  TALON_DO(add_up(input, totals));
  return totals;
}

}  // namespace talon::invoicing
