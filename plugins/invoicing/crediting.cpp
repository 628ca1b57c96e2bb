/// Works out what a credit note says, from its invoice and what was credited before.
#include "crediting.hpp"

#include "amounts.hpp"

#include <algorithm>
#include <cstdlib>

namespace talon::invoicing {

namespace {

/// The header that a credit note has in common with its invoice.
InvoiceData header_for(const InvoiceData& invoice) {
  InvoiceData note;
  for (const char* name : {"company", "client", "branch", "franchisee", "currency", "reference",
                           "order_reference", "contract_reference", "exemption_reason", "is_tax_included",
                           "accounting_currency", "exchange_rate", "supply_from", "supply_to", "rounding"}) {
    const Value& value = field(invoice.header, name);
    if (!value.is_null()) note.header[name] = value;
  }
  note.header["kind"] = "credit_note";
  note.header["corrects"] = invoice.id;
  return note;
}

Fields line_for(const Fields& line, int64_t position) {
  Fields copy = line;
  copy.erase("id");
  copy.erase("net");
  copy["credits_position"] = position;
  return copy;
}

/// amount × part / whole, rounded to the minor unit.
Result<int64_t> share(int64_t amount, int64_t part, int64_t whole) {
  const Int128 sign = whole < 0 ? -1 : 1;
  return divide_rounded(sign * static_cast<Int128>(amount) * part, sign * static_cast<Int128>(whole),
                        Rounding::HalfAwayFromZero);
}

int64_t taken_of(int64_t position, const CreditedQuantities& before) {
  const auto taken = before.find(position);
  return taken == before.end() ? 0 : taken->second.quantity;
}

int64_t left_of(const Fields& line, int64_t position, const CreditedQuantities& before) {
  return integer_of(line, "quantity") - taken_of(position, before);
}

/// What the first `quantity` of a line comes to, as written.
struct PartAmounts {
  int64_t charge = 0;
  int64_t total = 0;  ///< charge and allowance taken in
};

Result<PartAmounts> first_of(const LineInput& line, int64_t quantity, const Currency& currency) {
  const int64_t whole = line.quantity.units();
  LineInput part = line;
  part.quantity = Decimal(quantity, 4);
  TALON_TRY(const int64_t amount, line_amount(part, currency));
  TALON_TRY(int64_t allowance, share(line.allowance, quantity, whole));
  if (line.allowance_percent) {
    TALON_TRY(allowance, percent_of(amount, *line.allowance_percent));
  }
  TALON_TRY(const int64_t charge, share(line.charge, quantity, whole));
  TALON_TRY(const int64_t total, Sum().add(amount).add(charge).subtract(allowance).value());
  return PartAmounts{charge, total};
}

/// A part of a line comes to the difference of what the line comes to after it and before it, so that parts
/// add up to the whole, whatever is rounded; its allowance (or charge) makes it so.
Result<void> set_part(Fields& copy, const LineInput& line, int64_t taken, int64_t quantity,
                      const Currency& currency) {
  TALON_TRY(const PartAmounts from, first_of(line, taken, currency));
  TALON_TRY(const PartAmounts to, first_of(line, taken + quantity, currency));
  LineInput part = line;
  part.quantity = Decimal(quantity, 4);
  TALON_TRY(const int64_t amount, line_amount(part, currency));
  int64_t charge = to.charge - from.charge;
  int64_t allowance = amount + charge - (to.total - from.total);
  const bool is_discounted = line.allowance != 0 || line.allowance_percent;
  if (!is_discounted && allowance < 0) {
    charge -= allowance;
    allowance = 0;
  }
  for (const char* name : {"allowance", "allowance_percent", "charge"}) copy.erase(name);
  if (allowance != 0) copy["allowance"] = allowance;
  if (charge != 0) copy["charge"] = charge;
  return {};
}

Result<Fields> credited_line(const Fields& line, const LineInput& written, const LineCredit& wanted,
                             const CreditedQuantities& before, const Currency& currency) {
  const std::string name = "lines: line " + std::to_string(wanted.position);
  const int64_t whole = integer_of(line, "quantity");
  const int64_t left = left_of(line, wanted.position, before);
  const int64_t quantity = wanted.quantity ? wanted.quantity->units() : left;
  if (left == 0) return failed_precondition(name + " is credited in full already");
  const bool has_sign = (quantity > 0) == (whole > 0) && quantity != 0;
  if (!has_sign) return invalid(name + ": quantity must be above zero");
  if (whole > 0 ? quantity > left : quantity < left) {
    return failed_precondition(name + ": only " + Decimal(left, 4).to_string() + " of it is left to credit");
  }
  Fields copy = line_for(line, wanted.position);
  copy["quantity"] = quantity;
  if (quantity != whole) {
    TALON_DO(set_part(copy, written, taken_of(wanted.position, before), quantity, currency));
  }
  return copy;
}

/// By what an allowance or charge on the document is split over the lines: the amounts of its group's lines;
/// of all lines where it has a group of its own (postage).
std::vector<int64_t> weights_for(const Adjustment& adjustment, const TotalsInput& input,
                                 const std::vector<int64_t>& amounts) {
  std::vector<int64_t> own(input.lines.size(), 0);
  std::vector<int64_t> all(input.lines.size(), 0);
  std::vector<int64_t> even(input.lines.size(), 1);
  for (std::size_t i = 0; i < input.lines.size(); ++i) {
    const LineInput& line = input.lines[i];
    if (line.quantity.units() == 0) {  // cannot be credited, so it takes no part
      even[i] = 0;
      continue;
    }
    all[i] = std::max<int64_t>(0, amounts[i]);
    const Decimal rate = is_taxed(line.category) ? line.rate : Decimal(0, 2);
    if (line.category == adjustment.category && rate == adjustment.rate) own[i] = all[i];
  }
  const auto has_some = [](const std::vector<int64_t>& weights) {
    return std::any_of(weights.begin(), weights.end(), [](int64_t weight) { return weight != 0; });
  };
  return has_some(own) ? own : has_some(all) ? all : even;
}

/// The credited lines' share of each allowance and charge on the document.
Result<void> add_adjustments(const TotalsInput& input, const InvoiceData& invoice,
                             const CreditedQuantities& before, InvoiceData& note) {
  TotalsInput as_written = input;
  as_written.is_tax_included = false;  // the note's amounts include VAT where the invoice's do
  TALON_TRY(const Totals written, work_out(as_written));
  for (const Adjustment& adjustment : written.adjustments) {
    const std::vector<int64_t> weights = weights_for(adjustment, input, written.line_nets);
    TALON_TRY(const std::vector<Money> shares, allocate(Money(adjustment.amount, input.currency), weights));
    Sum sum;
    for (const Fields& line : note.lines) {
      const int64_t position = integer_of(line, "credits_position");
      const auto index = static_cast<std::size_t>(position - 1);
      const int64_t whole = input.lines[index].quantity.units();
      const int64_t taken = taken_of(position, before);
      TALON_TRY(const int64_t from, share(shares[index].minor(), taken, whole));
      TALON_TRY(const int64_t to, share(shares[index].minor(), taken + integer_of(line, "quantity"), whole));
      sum.add(to).subtract(from);
    }
    TALON_TRY(const int64_t amount, sum.value());
    if (amount == 0) continue;
    Fields& part = note.allowances.emplace_back(invoice.allowances[adjustment.index]);
    for (const char* name : {"id", "percent"}) part.erase(name);
    part["amount"] = amount;
    part["vat_category"] = adjustment.category;
    part["vat_rate"] = adjustment.rate.units();
  }
  return {};
}

/// See `credit_lines`; a note that would come to more than is left, by rounding alone, is held to that too.
Result<void> take_the_rest(const InvoiceData& invoice, const CreditedQuantities& before, InvoiceData& note) {
  CreditedQuantities after = before;
  for (const Fields& line : note.lines) {
    Credited& credited = after[integer_of(line, "credits_position")];
    credited.quantity += integer_of(line, "quantity");
    ++credited.times;
  }
  int64_t times = 0;
  bool is_last = true;
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const auto position = static_cast<int64_t>(i) + 1;
    times += after[position].times;
    is_last = is_last && left_of(invoice.lines[i], position, after) == 0;
  }
  for (const char* name : {"rounding_amount", "prepaid_total"}) {
    const Value& value = field(invoice.header, name);
    if (is_last && !value.is_null()) note.header[name] = value;
  }
  TALON_TRY(const TotalsInput input, totals_input(note, rounding_of(text_of(invoice.header, "rounding"))));
  TALON_TRY(const Totals totals, work_out(input));
  const int64_t rest = integer_of(invoice.header, "payable_total") -
                       integer_of(invoice.header, "credited_total") - totals.payable;
  // Half a unit for each amount that was rounded; more is no rounding.
  const int64_t roundings = times * (static_cast<int64_t>(invoice.allowances.size()) + 1);
  if (rest == 0 || std::abs(rest) > roundings || (rest > 0 && !is_last)) return {};
  note.header["rounding_amount"] = integer_of(note.header, "rounding_amount") + rest;
  return {};
}

}  // namespace

InvoiceData credit_whole(const InvoiceData& invoice) {
  InvoiceData note = header_for(invoice);
  for (const char* name : {"rounding_amount", "prepaid_total"}) {
    const Value& value = field(invoice.header, name);
    if (!value.is_null()) note.header[name] = value;
  }
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    note.lines.push_back(line_for(invoice.lines[i], static_cast<int64_t>(i) + 1));
  }
  note.allowances = invoice.allowances;
  for (Fields& allowance : note.allowances) allowance.erase("id");
  return note;
}

Result<InvoiceData> credit_lines(const InvoiceData& invoice, const std::vector<LineCredit>& lines,
                                 const CreditedQuantities& before) {
  InvoiceData note = header_for(invoice);
  TALON_TRY(const TotalsInput input, totals_input(invoice, VatRounding::PerGroup));
  std::vector<int64_t> seen;
  for (const LineCredit& wanted : lines) {
    if (wanted.position < 1 || wanted.position > static_cast<int64_t>(invoice.lines.size())) {
      return invalid("lines: the invoice has no line " + std::to_string(wanted.position) + ", it has " +
                     std::to_string(invoice.lines.size()));
    }
    if (std::find(seen.begin(), seen.end(), wanted.position) != seen.end()) {
      return invalid("lines: line " + std::to_string(wanted.position) + " stands twice");
    }
    seen.push_back(wanted.position);
    const auto index = static_cast<std::size_t>(wanted.position - 1);
    TALON_TRY(Fields copy,
              credited_line(invoice.lines[index], input.lines[index], wanted, before, input.currency));
    note.lines.push_back(std::move(copy));
  }
  TALON_DO(add_adjustments(input, invoice, before, note));
  TALON_DO(take_the_rest(invoice, before, note));
  return note;
}

Result<InvoiceData> credit_amount(const InvoiceData& invoice, int64_t gross,
                                  const std::vector<TaxGroup>& taxes, const std::string& number) {
  if (gross <= 0) return invalid("amount: must be above zero");
  TALON_TRY(const Currency currency, invoice.currency());
  std::vector<int64_t> weights;
  for (const TaxGroup& group : taxes) weights.push_back(std::max<int64_t>(0, group.taxable + group.tax));
  TALON_TRY(const std::vector<Money> parts, allocate(Money(gross, currency), weights));
  InvoiceData note = header_for(invoice);
  note.header["is_tax_included"] = 1;  // the amount includes VAT, so its parts do
  for (std::size_t i = 0; i < taxes.size(); ++i) {
    if (parts[i].minor() == 0) continue;
    Fields& line = note.lines.emplace_back();
    line["description"] = "Credit on invoice " + number;
    line["quantity"] = 10000;
    line["base_quantity"] = 10000;
    line["price"] = parts[i].minor() * power_of_ten(6 - currency.digits());
    line["vat_category"] = taxes[i].category;
    line["vat_rate"] = taxes[i].rate.units();
  }
  return note;
}

std::vector<std::string> freed_sources(const InvoiceData& invoice, const InvoiceData& credit_note,
                                       const CreditedQuantities& before) {
  std::vector<std::string> sources;
  for (const Fields& line : credit_note.lines) {
    const int64_t position = integer_of(line, "credits_position");
    if (position < 1) continue;
    const Fields& original = invoice.lines[static_cast<std::size_t>(position - 1)];
    const std::string source = text_of(original, "source");
    if (!source.empty() && left_of(original, position, before) == integer_of(line, "quantity"))
      sources.push_back(source);
  }
  return sources;
}

}  // namespace talon::invoicing
