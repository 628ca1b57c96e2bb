/// Whom a question about the log names.
#pragma once

#include <talon/expression/tree.hpp>
#include <talon/records.hpp>

#include <string>
#include <string_view>

namespace audit {

/// `text` as entries write principals: a user's id for an e-mail address, what entries name (usr_…,
/// plugin:NAME, system) as it is. A question about somebody of whom the log knows nothing is an error and not
/// an empty answer.
/// @param caller  whose rights decide which people and entries there are.
/// @errors NotFound: no such user; InvalidArgument: no form of a principal that the log has.
talon::Result<std::string> principal_named(const talon::Records& caller, std::string_view text);

/// Whether a condition asks for entries of principals whom the log, or the records, know: of others its
/// answer would be empty, and look like nobody's doing. Whom it leaves out (`is not`, `not (…)`) may be
/// anybody.
/// @errors as `principal_named`; InvalidArgument: somebody is named otherwise than entries name them, or more
/// are named than are looked for (100).
talon::Result<void> judge_principals(const talon::Records& caller,
                                     const talon::expression::Expression& where);

}  // namespace audit
