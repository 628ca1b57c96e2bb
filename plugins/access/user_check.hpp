/// What callers write of a person's roles and facts, judged before it is written (the manifest's `checks`).
#pragma once

#include "holdings.hpp"

namespace talon::access {

/// Judges {"id": of the user, empty: a new one, "body": {"roles": [{"role"}…], "facts": [{"fact",
/// "value"}…]}}. What the record holds already is not judged anew: a role that the policies no longer have
/// keeps nobody from giving another one.
/// @param host  reads what stands, as the plugin. @param records  the caller's.
/// @errors InvalidArgument with details: all mistakes at once, in an invitation's words.
Result<void> check_user(Host& host, const CompiledSet& set, const Records& records, People& people,
                        const Json& args);

}  // namespace talon::access
