/// What must be there before an invoice is issued; every gap names its field and the remedy.
#pragma once

#include "invoice_data.hpp"

#include <talon/date.hpp>

namespace talon::invoicing {

/// How much is asked of both parties.
enum class PartyDetails { NameOnly, Complete };

/// Judges an invoice that is about to be issued.
///
/// @param seller, client  party fields.  @param issue_date  the date that it will bear.
/// @return FailedPrecondition with details [{pointer, code, message}], all gaps at once.
/// @threads any; pure.
Result<void> check_complete(const InvoiceData& invoice, const Totals& totals, const Fields& seller,
                            const Fields& client, Date issue_date, PartyDetails details);

}  // namespace talon::invoicing
