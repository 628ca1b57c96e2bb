/// Roles that a login plugin hands out: what the policies make of them.
#pragma once

#include "authority.hpp"

namespace talon::access {

/// Which of {"roles"} somebody with the address {"email"} who holds {"held"} may hold as well: those that
/// exist and complete no `never together`, in order; what users.yaml gives the address counts as held.
/// @return {"roles", "refused": [{"role", "why": "unknown_role" | "never_together"}]}.
Result<Json> fit_roles(Authority& authority, const Json& args);

}  // namespace talon::access
