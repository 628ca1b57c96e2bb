/// Whom a question about the log names.
#pragma once

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

}  // namespace audit
