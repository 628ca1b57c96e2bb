/// The interface's `?` as PostgreSQL's $1, $2…
#pragma once

#include <string>
#include <string_view>

namespace talon::storage::postgresql {

/// Replaces each `?` outside of quotes, comments and dollar quotes by $n. Operators with `?` cannot be
/// written.
/// @threads any; pure.
std::string number_placeholders(std::string_view sql);

}  // namespace talon::storage::postgresql
