/// The `?` of a statement that stand for values.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace talon::storage {

/// Replaces each `?` outside of quotes, comments and dollar quotes by what `text_of` gives for its number
/// (from 1). Operators with `?` cannot be written. @threads any; pure.
std::string replace_placeholders(std::string_view sql, const std::function<std::string(int number)>& text_of);

/// As PostgreSQL wants them: $1, $2…
std::string number_placeholders(std::string_view sql);

}  // namespace talon::storage
