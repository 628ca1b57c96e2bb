/// What an invitation says, judged against the policies and the records that its writer sees.
#pragma once

#include "holdings.hpp"

namespace talon::access {

/// What an invitation gives.
struct Invited {
  std::string email;  ///< in small letters
  Holdings holdings;  ///< each role and value once; no fact without a value
  RoleSet roles;      ///< the same as numbers of the set
};

/// Reads {"email","name","language","roles":[…],"facts":{NAME:[…]}}. A fact that names a record, by id or
/// number, names one that the caller of `records` may see.
/// @errors InvalidArgument with details, all mistakes at once: no address or name, an unknown role or fact,
///         roles that one person may not hold together, a fact without a value or with one of another type,
///         no such record, a member that means nothing here.
Result<Invited> read_invited(const CompiledSet& set, const Records& records, People& people,
                             const Json& args);

/// The address of {"email","name"}, in small letters.
/// @errors InvalidArgument with details: it is none, or there is no name.
Result<std::string> read_address(const Json& args);

}  // namespace talon::access
