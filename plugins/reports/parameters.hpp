/// A caller's values for a report's parameters, and how they get into its condition.
#pragma once

#include "definition.hpp"

#include <talon/json.hpp>

#include <map>
#include <string>

namespace talon::reports {

/// Values by name, each checked and in the form that a condition's literal has.
using Values = std::map<std::string, std::string, std::less<>>;

/// @param given  {"name": text}. @errors InvalidArgument: unknown, missing or of another type; details name
/// each.
Result<Values> read_values(const Definition& definition, const Json& given);

/// The condition with values in place of $NAME. A comparison with a value that was not given is left out.
/// The tree is built, never the text: a value cannot become anything but one literal.
expression::Expression with_values(const expression::Expression& where, const Values& values);

/// A value of the parameter's type, to check a condition by.
std::string sample_of(const Parameter& parameter);

}  // namespace talon::reports
