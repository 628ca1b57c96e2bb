/// Conflicts told to the caller: a stale write with its three versions, a key that is taken.
#pragma once

#include "host/records/inside.hpp"

#include <string_view>

namespace talon::records {

struct StaleWrite {
  const TypeInfo& type;
  std::string_view id;
  int64_t version;   ///< what the caller had read
  const Json& body;  ///< what the caller wanted to write
};

/// Adds details {"base","theirs","mine","version"} to `stale`: the fields of `body` as they were at the
/// caller's version (out of the audit entries since), as they are now, and as the caller wants them. Shows
/// only what the caller may see.
Error conflict_error(Records& records, const Call& call, const StaleWrite& write, Error stale);

/// A broken unique key in the words of the model: "number is already taken"; details [{pointer, code,
/// message}]. A key that a twin of the request took is Aborted; other errors come back as they are.
Error duplicate_error(const Generation& generation, Error error);

}  // namespace talon::records
