/// Errors that both databases tell in the same words.
#pragma once

#include <talon/result.hpp>

#include <cstdint>
#include <string>

namespace talon::storage {

/// AlreadyExists; `details` is {"constraint": NAME}. "TABLE_pkey" is the id itself.
Error duplicate_key(const std::string& constraint);

/// Aborted: a posted change met another number of rows than it expected (a stale version, as a rule).
Error unexpected_rows(int64_t expected, int64_t met);

/// OutOfRange: a sum of a query goes beyond 64 bits.
Error sum_too_large();

/// The name in a duplicate_key error; empty for others.
std::string constraint_of(const Error& error);

}  // namespace talon::storage
