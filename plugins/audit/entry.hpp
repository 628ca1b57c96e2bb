/// One audit entry: its canonical text, its digest, and its link in the chain. Pure rules.
#pragma once

#include <talon/json.hpp>
#include <talon/records.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

struct Entry {
  int64_t id = 0;    ///< the record's id
  int64_t at = 0;    ///< microseconds since 1970-01-01 UTC
  std::string kind;  ///< change, read, access, system
  std::string principal;
  std::string on_behalf_of;
  std::string channel;
  std::string address;
  std::string request;
  std::string type;
  int64_t record = 0;
  std::string action;
  std::string reason;
  std::string policy_set;
  std::string content;  ///< canonical JSON
  std::string hash;     ///< hex SHA-256 of `canonical_text`
  int64_t seq = 0;      ///< place in the chain, from 1; 0: not sealed yet
  std::string chain;    ///< hex digest of the chain up to here
};

/// Fields of audit_entry as `entry_of` wants them.
const std::vector<std::string>& entry_fields();
Entry entry_of(const talon::Record& record);
/// The same by position, for streamed rows of `entry_fields()`.
Entry entry_of(talon::Row row);

/// What `hash` covers: every column but hash, seq and chain, as JSON with sorted keys. The id of a read entry
/// is not known when its hash is made, so it stands as 0 there.
std::string canonical_text(const Entry& entry);
/// Hex SHA-256.
std::string digest(std::string_view text);
/// The link after `before` (hex; empty at the start) for an entry's `hash`.
std::string chain_link(std::string_view before, std::string_view hash);

/// One line of the read log ({"at","principal",…}) as an entry of kind read; hash filled in.
/// @errors InvalidArgument: no JSON object with a time (a line torn by a crash).
talon::Result<Entry> entry_of_read(std::string_view line);

/// One line of an export, and back.
talon::Json export_json(const Entry& entry);
Entry entry_of_export(const talon::Json& json);

}  // namespace audit
