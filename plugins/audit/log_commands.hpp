/// The commands: verify, export, log.
#pragma once

#include <talon/plugin.hpp>

#include <string>
#include <vector>

namespace audit {

/// Verifies the log in the database with the plugin's own rights: a caller's filter would look like missing
/// entries. Writes one JSON object, {"ok","sealed","unsealed","checkpoints","bad_seq","problem"}.
/// @param trusted  public keys, hex.
/// @return FailedPrecondition naming the first bad entry (callers see its message; DataLoss would hide it
/// behind a 500).
talon::Result<void> verify_log(const talon::Records& records, const std::vector<std::string>& trusted,
                               talon::Output& out);

/// The same for an exported file; needs no server.
/// @param key  the public key, hex, or the path of a file that holds it. Empty: the file's own is taken, and
/// said so.
talon::Result<void> verify_file(const std::string& file, const std::string& key, talon::Output& out);

/// Streams the sealed log as JSON lines: a header, entries in the order of the chain, each checkpoint behind
/// the entry that it names, an end with the counts. Memory does not grow with the log.
talon::Result<void> export_log(const talon::Records& records, const std::string& public_key,
                               talon::Output& out);

/// Streams entries as JSON lines, newest first.
/// @param args  {"user","type","record","action","kind","from","to","limit"}, each optional; times in RFC
/// 3339.
talon::Result<void> show_log(const talon::Records& records, const talon::Json& args, talon::Output& out);

}  // namespace audit
