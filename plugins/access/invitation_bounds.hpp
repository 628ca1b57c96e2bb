/// How far an inviter's word goes: which facts they may hand on, and of whom.
#pragma once

#include "authority.hpp"
#include "invitations.hpp"

namespace talon::access {

/// Who invites, with the policies applied.
struct Inviter {
  std::string id;  ///< "usr_…"
  const Person& person;
  const Subject& subject;
};

/// Whoever may make users sets any fact on their records anyway. Everybody else hands on what rules for the
/// invited roles ask for and nothing else; one record a fact, which they may invite for (the right `invite`
/// on it, where its type has one); and under `hands on: own facts` what is their own, without that right.
/// @param invited  the roles that are given. @param is_bound_to_own  by the roles that hand them on.
/// @errors PermissionDenied. What `explain` fails with.
Result<void> require_bounds(Authority& authority, const CompiledSet& set, const Inviter& inviter,
                            const RoleSet& invited, bool is_bound_to_own, const Holdings& holdings, Date day);

}  // namespace talon::access
