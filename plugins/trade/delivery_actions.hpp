/// The actions on suppliers' deliveries.
#pragma once

#include <talon/plugin.hpp>

namespace talon::trade {

/// Notes what came of a delivery; without lines, all of it as announced.
Result<ChangeSet> receive_delivery(const Host& host, const ActionRequest& request);
/// Records the supplier's bill for a confirmed delivery; a bill's number counts once per supplier.
Result<ChangeSet> bill_delivery(const Host& host, const ActionRequest& request);

}  // namespace talon::trade
