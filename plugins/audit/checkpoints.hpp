/// Signed checkpoints: made as the log grows, kept as records, and copied to where the operator says.
///
/// Each host also remembers beside its key what it signed last: whoever has the database alone cannot have
/// another history signed.
#pragma once

#include "signing.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace audit {

struct CheckpointSettings {
  int64_t entries = 1000;            ///< after so many new entries
  int64_t seconds = 60;              ///< at the latest, with a new one
  std::string file;                  ///< copies are appended here; empty: nowhere
  std::string command;               ///< gets each copy as its standard input; empty: none
  std::string signed_file;           ///< what this host signed last
  std::vector<std::string> trusted;  ///< public keys, hex
};

/// @threads one signing and one publishing at a time: the jobs `seal` and `publish`.
class Checkpoints {
 public:
  /// @param host, key  outlive this.
  Checkpoints(talon::Host& host, const SigningKey& key, CheckpointSettings settings)
      : host_(host), key_(key), settings_(std::move(settings)) {}

  /// Signs one for the chain up to `seq` when it is due.
  /// @errors DataLoss: the log is not the one that was signed so far, or an entry since is not what its
  /// hashes say; nothing is signed then.
  talon::Result<void> sign_due(int64_t seq, const std::string& chain);
  /// Copies what is not copied yet; a copy that fails holds up no sealing.
  /// @errors Unavailable: a copy cannot be put where it belongs; it is tried again with the next run.
  talon::Result<void> publish();

 private:
  talon::Result<void> sign(int64_t seq, const std::string& chain);
  using Put = std::function<talon::Result<void>(const Checkpoint&)>;
  /// Hands the checkpoints that `place` does not have yet to `put`, and remembers how far it got.
  talon::Result<void> copy(const std::string& place, const Put& put);

  talon::Host& host_;
  const SigningKey& key_;
  CheckpointSettings settings_;
};

/// All of them, in the order of their places.
talon::Result<std::vector<Checkpoint>> read_checkpoints(const talon::Records& records);

/// What a host signed last; nothing: it signed none yet. @errors DataLoss: the file holds no checkpoint.
talon::Result<std::optional<Checkpoint>> read_signed(const std::string& file);

}  // namespace audit
