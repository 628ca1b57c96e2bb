/// Keyset cursors: where the next page begins, encrypted and bound to the query and its caller.
#pragma once

#include "host/storage/outbox.hpp"

#include <talon/result.hpp>
#include <talon/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

/// @param keys     what the last row was sorted by, values among them that the caller may not see.
/// @param binding  what the cursor is bound to (filter, order, principal); any text.
std::string write_cursor(const std::vector<Value>& keys, std::string_view binding,
                         std::string_view signing_key);

/// @return InvalidArgument: not a cursor of this query, or altered.
Result<std::vector<Value>> read_cursor(std::string_view cursor, std::string_view binding,
                                       std::string_view signing_key);

/// A place in the change feed. It is a number of the whole installation, which tells how much happened: so it
/// is encrypted, and two tokens of one place differ.
std::string seal_place(const storage::OutboxPlace& place, std::string_view binding,
                       std::string_view signing_key);

/// @return InvalidArgument: not a token of this feed and caller, or altered.
Result<storage::OutboxPlace> open_place(std::string_view token, std::string_view binding,
                                        std::string_view signing_key);

}  // namespace talon::records
