/// The content of a credit note: the whole invoice, some of its lines, or a gross amount.
#pragma once

#include "invoice_data.hpp"

#include <map>
#include <string>
#include <vector>

namespace talon::invoicing {

/// A quantity of one line; positions count from 1. An empty quantity is all that is left of the line.
struct LineCredit {
  int64_t position = 0;
  std::optional<Decimal> quantity;
};

/// What earlier credit notes took of a line.
struct Credited {
  int64_t quantity = 0;  ///< scale 4, unscaled
  int64_t times = 0;     ///< in so many lines of credit notes
};
using CreditedQuantities = std::map<int64_t, Credited>;  ///< by position

/// Everything of the invoice once more, document allowances and rounding included.
InvoiceData credit_whole(const InvoiceData& invoice);

/// Lines with the quantities to credit; the line's allowance and charge and its share of the document's go
/// with the quantity, so that what is credited bit by bit adds up to what was charged. The note that takes
/// the last of the invoice comes to what is left of it: VAT is rounded anew on each note, and the minor units
/// that this leaves over become its rounding amount.
/// @errors  InvalidArgument: no such line, a line twice, nothing or less than nothing; FailedPrecondition:
///          more than what is left of the line.
Result<InvoiceData> credit_lines(const InvoiceData& invoice, const std::vector<LineCredit>& lines,
                                 const CreditedQuantities& before);

/// One line per VAT rate with a share of `gross`, so that the credit note comes to exactly that amount.
/// @param taxes  the VAT groups of the invoice.
/// @errors  InvalidArgument: not above zero.
Result<InvoiceData> credit_amount(const InvoiceData& invoice, int64_t gross,
                                  const std::vector<TaxGroup>& taxes, const std::string& number);

/// The `source` of every line that the credit note takes back in full: what may be billed anew.
std::vector<std::string> freed_sources(const InvoiceData& invoice, const InvoiceData& credit_note,
                                       const CreditedQuantities& before);

}  // namespace talon::invoicing
