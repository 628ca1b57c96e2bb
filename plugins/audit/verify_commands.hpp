/// The command `verify`: the log in the database, or an exported file without a server.
#pragma once

#include <talon/plugin.hpp>

#include <string>
#include <vector>

namespace audit {

/// Verifies the log in the database with the plugin's own rights: a caller's filter would look like missing
/// entries. Writes one JSON object,
/// {"ok","sealed","unsealed","checkpoints","values","erased","expired","erasures", "bad_seq","problem"}.
/// @param trusted  public keys, hex.
/// @param copies   checkpoints that were kept elsewhere, one JSON line each; may be empty.
/// @return FailedPrecondition naming the first bad entry (callers see its message; DataLoss would hide it
/// behind a 500).
talon::Result<void> verify_log(const talon::Records& records, const std::vector<std::string>& trusted,
                               const std::string& copies, talon::Output& out);

/// The same for an exported file; needs no server.
/// @param key  the public key, hex, or the path of a file that holds it. Empty: the file's own is taken, and
/// said so.
talon::Result<void> verify_file(const std::string& file, const std::string& key, const std::string& copies,
                                talon::Output& out);

/// A public key as it was given: hexadecimal, or the path of a file with it.
talon::Result<std::string> read_key(const std::string& key);

}  // namespace audit
