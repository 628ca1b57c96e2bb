/// The published table of rights: for every role, what it may do to which records, and what it sees of them.
#pragma once

#include "compile.hpp"

namespace talon::access {

/// Markdown, one section a role in the order of their names: by record type the actions with their conditions
/// as the rules say them, then the fields that are hidden, masked or locked. Equal sets give equal texts.
/// Personal rules and partners' files are not in it: they are about people and partners, not about roles.
/// @threads any; pure.
std::string rights_table(const CompiledSet& set);

}  // namespace talon::access
