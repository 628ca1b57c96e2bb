/// The actions on payments: recording one, giving it to invoices, taking it back.
#pragma once

#include <talon/plugin.hpp>

namespace talon::invoicing {

/// Records a payment and allocates it; what fits no invoice stays unallocated.
Result<ChangeSet> record_payment(const Host& host, const ActionRequest& request);
/// Gives what is unallocated of a payment to one or several invoices.
Result<ChangeSet> allocate_payment(const Host& host, const ActionRequest& request);
/// Takes what a payment gave to an invoice back, so that it can go elsewhere.
Result<ChangeSet> unallocate_payment(const Host& host, const ActionRequest& request);

}  // namespace talon::invoicing
