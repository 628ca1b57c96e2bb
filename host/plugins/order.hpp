/// In which order plugins start, and which cannot.
#pragma once

#include "host/plugins/spec.hpp"

#include <map>
#include <string>
#include <vector>

namespace talon::plugins {

struct Order {
  std::vector<std::string> names;              ///< requirements before dependents; ties by name
  std::map<std::string, std::string> refused;  ///< name → why: a missing requirement, a circle (all named)
};

/// The same for every order of `specs`. Disabled plugins count as not there.
/// @threads any; pure.
Order start_order(const std::vector<Spec>& specs);

}  // namespace talon::plugins
