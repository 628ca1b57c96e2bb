/// The snapshot of an issued invoice: everything that PDF and XML are rendered from, as canonical JSON; and
/// its check.
#pragma once

#include "invoice_data.hpp"

#include <talon/date.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace talon::invoicing {

/// Beside the invoice itself, what its snapshot holds.
struct SnapshotParts {
  Fields seller;  ///< party fields
  Fields client;
  Date issue_date;
  Date due_date;
  std::string series;  ///< code
  VatRounding rounding = VatRounding::PerGroup;
  std::string legal_text;
  std::string corrects;  ///< number of the invoice that a credit note corrects
  int64_t tax_accounting = 0;
};

/// The snapshot as a deferred text of change sets: sorted keys, amounts and dates as people write them, and
/// `number_pattern` ("INV-2026-%{n:5}") where the number will stand. No other "%{" is left in it, whatever a
/// line says.
Result<std::string> snapshot_text(const InvoiceData& invoice, const Totals& totals,
                                  const SnapshotParts& parts, std::string_view number_pattern);

/// Works the invoice out again from its snapshot.
/// @return what does not agree, in words; empty: the document is exact. InvalidArgument: not a snapshot.
Result<std::vector<std::string>> recheck(const Json& snapshot);

}  // namespace talon::invoicing
