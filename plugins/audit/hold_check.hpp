/// What callers write of a legal hold, judged before it is written (the manifest's `checks`): one that holds
/// nothing is worse than none.
#pragma once

#include <talon/plugin.hpp>

namespace audit {

/// Judges {"id": of the hold, empty: a new one, "body": {"type", "record", "user", "until"}}: each names
/// something that there is, or of which the log tells (a record that is gone may be held), and the record is
/// of the type; the day until which it holds is not over.
/// @param caller  whose rights decide what there is.
/// @errors InvalidArgument with details: all mistakes at once.
talon::Result<void> check_hold(const talon::Records& caller, const talon::model::Model& model,
                               talon::Date today, const talon::Json& args);

}  // namespace audit
