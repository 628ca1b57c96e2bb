/// One audit entry: its canonical texts, its digests, and its link in the chain. Pure rules.
#pragma once

#include "digest.hpp"

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
  std::string salt;     ///< empty: salt, address, reason and content were emptied, their time was over
  std::string payload;  ///< hex SHA-256 of `payload_text`
  std::string hash;     ///< hex SHA-256 of `canonical_text`
  int64_t seq = 0;      ///< place in the chain, from 1; 0: not sealed yet
  std::string chain;    ///< hex digest of the chain up to here
  /// In an export: the four are left out, since whoever exported it may not see them.
  bool is_withheld = false;

  /// All four: one that kept some of them was not emptied by right.
  bool is_emptied() const { return salt.empty() && content.empty() && address.empty() && reason.empty(); }
};

/// Fields of audit_entry as `entry_of` wants them.
const std::vector<std::string>& entry_fields();
Entry entry_of(const talon::Record& record);
/// The same by position, for streamed rows of `entry_fields()`.
Entry entry_of(talon::Row row);
/// Fields of a new one, and its values for them, put behind `values`. The entry is used up.
const std::vector<std::string>& new_entry_fields();
void append_values(Entry&& entry, std::vector<talon::Value>& values);

/// What `payload` covers: salt, address, reason and content, as JSON with sorted keys.
std::string payload_text(const Entry& entry);
/// What `hash` covers: everything else but seq and chain, with `payload`, as JSON with sorted keys. The id of
/// a read entry is not known when its hash is made, so it stands as 0 there.
std::string canonical_text(const Entry& entry);
/// How a content begins of which the host withholds something from a caller.
inline constexpr std::string_view kWithheld = "{\"$withheld\":true";
/// Leaves out what the host has masked for a caller; its digest stands for it.
void withhold_masked(Entry& entry);
/// Salt, payload and hash of a new entry.
void seal_content(Entry& entry);
/// The link after `before` (hex; empty at the start) for an entry's `hash`.
std::string chain_link(std::string_view before, std::string_view hash);
/// Why the entry is not what its hashes say, or empty. @threads any; pure.
std::string mistake_of(const Entry& entry);

/// One line of an export, and back.
talon::Json export_json(const Entry& entry);
Entry entry_of_export(const talon::Json& json);

}  // namespace audit
