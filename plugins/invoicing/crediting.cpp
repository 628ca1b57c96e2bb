/// Works out what a credit note says, from its invoice and what was credited before.
#include "crediting.hpp"

#include <algorithm>

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

int64_t left_of(const Fields& line, int64_t position, const CreditedQuantities& before) {
  const auto taken = before.find(position);
  return integer_of(line, "quantity") - (taken == before.end() ? 0 : taken->second);
}

Result<Fields> credited_line(const Fields& line, const LineCredit& wanted, const CreditedQuantities& before) {
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
  for (const char* amount : {"allowance", "charge"}) {
    if (field(line, amount).is_null() || quantity == whole) continue;
    TALON_TRY(const int64_t part, share(integer_of(line, amount), quantity, whole));
    copy[amount] = part;
  }
  return copy;
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
    const Fields& line = invoice.lines[static_cast<std::size_t>(wanted.position - 1)];
    TALON_TRY(Fields copy, credited_line(line, wanted, before));
    note.lines.push_back(std::move(copy));
  }
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
