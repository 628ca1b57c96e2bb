/// The commands of invoicing: composing an invoice for another plugin, and proving an issued one.
#pragma once

#include <talon/plugin.hpp>

namespace talon::invoicing {

/// For other plugins' actions: {"invoice": {…, "lines": […]}, "as": NAME, "issue": BOOL, "issue_date": DATE}
/// →
/// {"operations", "events", "totals"} to put into their own change set, so that the arithmetic has one place.
Result<void> compose(const Host& host, const CommandRequest& request, Output& output);

/// {"invoice": ID} → {"invoice", "number", "ok", "problems": [TEXT…]}: works the document out again from its
/// snapshot and compares every amount, the digest and the record.
Result<void> check(const Host& host, const CommandRequest& request, Output& output);

}  // namespace talon::invoicing
