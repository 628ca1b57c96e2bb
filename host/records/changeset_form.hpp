/// The form of a change set: what is not understood is refused, and not passed over.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

namespace talon::records {

/// @errors InvalidArgument: a word that no change set has, or one of another kind than it must be.
Result<void> check_form(const Json& changeset);

}  // namespace talon::records
