/// Keyset cursors: where the next page begins, signed and bound to the query and its caller.
#pragma once

#include <talon/result.hpp>
#include <talon/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

/// @param binding  what the cursor is bound to (filter, order, principal); any text.
std::string write_cursor(const std::vector<Value>& keys, std::string_view binding,
                         std::string_view signing_key);

/// @return InvalidArgument: not a cursor of this query, or altered.
Result<std::vector<Value>> read_cursor(std::string_view cursor, std::string_view binding,
                                       std::string_view signing_key);

}  // namespace talon::records
