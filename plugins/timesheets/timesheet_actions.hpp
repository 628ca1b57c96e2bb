/// What timesheets does beyond its manifest: billing approved time, and freeing it when its invoice is
/// undone.
#pragma once

#include <talon/plugin.hpp>

namespace talon::timesheets {

/// Bills a client's approved time of a period into one draft invoice; the entries become `billed`.
Result<ChangeSet> bill(const Host& host, const ActionRequest& request);

/// Frees the entries of an invoice that was credited (those of the lines credited in full), cancelled or
/// deleted. Doing it twice is doing it once.
Result<void> release(const Host& host, const Event& event);

}  // namespace talon::timesheets
