/// The actions on customers' orders.
#pragma once

#include <talon/plugin.hpp>

namespace talon::trade {

/// Prices the lines from their products and places the order.
Result<ChangeSet> place_order(const Host& host, const ActionRequest& request);
/// Accepts what was placed: lines that come to other figures by now are refused.
Result<ChangeSet> accept_order(const Host& host, const ActionRequest& request);
/// Turns an accepted order into a draft invoice; an order that was changed since is refused.
Result<ChangeSet> invoice_order(const Host& host, const ActionRequest& request);
/// An invoice that was cancelled, deleted or credited in whole gives its order back: accepted, to be invoiced
/// anew.
Result<void> release_orders(const Host& host, const Event& event);

}  // namespace talon::trade
