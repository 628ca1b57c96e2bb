/// What a person does with a delivery that holds its lane: try it again, or give it up.
#pragma once

#include "mapping.hpp"

#include <talon/changeset.hpp>
#include <talon/plugin.hpp>

#include <string>

namespace talon::sync {

enum class Release { Retry, Dismiss };

/// The actions `sync_delivery.retry` and `.dismiss`.
/// @return FailedPrecondition: the delivery has arrived, or was dismissed; or one that waits is to be
/// dismissed.
Result<ChangeSet> release(const ActionRequest& request, Release as);

/// Tries all deliveries of a connector (or of one of its streams) that failed, conflict or wait for their
/// next attempt again. @return how many.
Result<int64_t> retry_all(const Records& records, const Connector& connector, const std::string& stream);

}  // namespace talon::sync
