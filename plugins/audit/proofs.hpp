/// Proofs that need no log: one entry is in it; it only grew between two checkpoints.
#pragma once

#include "merkle.hpp"

#include <talon/plugin.hpp>

#include <string>

namespace audit {

/// Writes {"proof": "talon-audit/2 inclusion", "entry", "checkpoint", "path"} for the entry `id`, as far as
/// the caller may see it: what they may not see of it stands there by its digest.
/// @param own     the plugin's own reading, for the hashes of all entries.
/// @param caller  for the entry.
/// @errors NotFound: no such entry; FailedPrecondition: no checkpoint covers it yet.
talon::Result<void> prove_entry(const talon::Records& own, const talon::Records& caller,
                                const std::string& id, talon::Output& out);

/// Writes {"proof": "talon-audit/2 consistency", "from", "to", "path"} for the checkpoints at two places.
/// @param to  0: the newest.  @errors NotFound: there is no checkpoint at that place.
talon::Result<void> prove_growth(const talon::Records& own, int64_t from, int64_t to, talon::Output& out);

/// Checks either proof with nothing but a public key.
/// @param key  hex, or a file with it.  @return FailedPrecondition: what does not hold.
talon::Result<void> verify_proof(const std::string& file, const std::string& key, talon::Output& out);

}  // namespace audit
