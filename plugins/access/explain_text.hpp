/// An explanation as a person reads it in a terminal, as policy.md shows it.
#pragma once

#include <talon/json.hpp>

#include <string>

namespace talon::access {

/// @param answer  of `Authority::explain`. @return its lines; the first words are the verdict. @threads any;
/// pure.
std::string explain_text(const Json& answer);

}  // namespace talon::access
