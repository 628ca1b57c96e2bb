/// What lower rooms call plugins through.
#pragma once

#include "host/plugins/inside.hpp"

namespace talon::plugins {

/// Sets the authorizer, the action runner and the read log, which find their plugin at each call.
/// @param inside  outlives them.
void make_adapters(Plugins::Inside& inside);

}  // namespace talon::plugins
