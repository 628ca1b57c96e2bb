/// The actions on customers' orders.
#pragma once

#include <talon/plugin.hpp>

namespace talon::trade {

/// Prices the lines from their products and places the order.
Result<ChangeSet> place_order(const Host& host, const ActionRequest& request);
/// Turns an accepted order into a draft invoice; an order is invoiced once.
Result<ChangeSet> invoice_order(const Host& host, const ActionRequest& request);

}  // namespace talon::trade
