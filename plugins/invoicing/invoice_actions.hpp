/// The actions on invoices: records → rules → records, one function each.
#pragma once

#include <talon/plugin.hpp>

namespace talon::invoicing {

// Each reads as plugin.yaml declares it and returns the change set that the host writes. Errors name field
// and remedy.
// @threads as the host calls them; they keep nothing.

/// Creates a draft with its lines and totals in one go.
Result<ChangeSet> draft(const Host& host, const ActionRequest& request);
/// Works the totals of a draft out and stores them.
Result<ChangeSet> calculate(const Host& host, const ActionRequest& request);
/// Approves a draft whose totals are up to date, and notes which version was approved.
Result<ChangeSet> approve(const Host& host, const ActionRequest& request);
/// Gives the number, the date and the snapshot; from then on nothing changes the document.
Result<ChangeSet> issue(const Host& host, const ActionRequest& request);
/// Issues up to 100 invoices in one transaction, in the order of their ids.
Result<ChangeSet> issue_many(const Host& host, const ActionRequest& request);
/// Notes that the invoice went out.
Result<ChangeSet> send(const Host& host, const ActionRequest& request);
/// Issues a credit note: of the whole invoice, of lines, or of a gross amount.
Result<ChangeSet> credit(const Host& host, const ActionRequest& request);
/// Gives up what is still open, or a part: a loss, or a discount for early payment.
Result<ChangeSet> write_off(const Host& host, const ActionRequest& request);

}  // namespace talon::invoicing
