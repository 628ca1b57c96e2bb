/// The actions of franchise: contracts become active, periods are worked out, fees are invoiced.
#pragma once

#include <talon/plugin.hpp>

namespace talon::franchise {

/// Checks a contract's terms and makes it active; from then on they cannot change.
Result<ChangeSet> activate_contract(const Host& host, const ActionRequest& request);
/// Works the statement of a period out, or anew while it is a draft, with corrections of the periods before.
Result<ChangeSet> compute_statement(const Host& host, const ActionRequest& request);
/// Makes a confirmed statement a draft again, while no later one stands on it.
Result<ChangeSet> reopen_statement(const Host& host, const ActionRequest& request);
/// A fee invoice that was credited in whole (or cancelled, deleted) gives its statement back: confirmed.
Result<void> release_statements(const Host& host, const Event& event);
/// Issues the fee invoice of a confirmed statement; a statement of nothing is settled without one.
Result<ChangeSet> invoice_statement(const Host& host, const ActionRequest& request);

}  // namespace talon::franchise
