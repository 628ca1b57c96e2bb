/// The records that a caller's input names: judged as the caller's own, whatever the code that gets the input
/// may read.
#pragma once

#include "host/records/inside.hpp"

#include <vector>

namespace talon::records {

/// The caller sees every record that `input` names: by a declared `ref`, or, inside a `json` value, by a text
/// that is an id of some record type. (An id inside a declared text is a text.)
/// @errors InvalidArgument: a record that is not there or that the caller may not see, in the same words;
///         details [{pointer, code, message}].
Result<void> judge_references(Records::Inside& inside, const Call& call, const Generation& generation,
                              const std::vector<model::Field>& declared, const Json& input);

}  // namespace talon::records
