/// Signed checkpoints: made as the log grows, kept as records, and copied to where the operator says.
#pragma once

#include "merkle.hpp"
#include "signing.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace audit {

struct CheckpointSettings {
  int64_t entries = 1000;  ///< after so many new entries
  int64_t seconds = 60;    ///< at the latest, with a new one
  std::string file;        ///< copies are appended here; empty: nowhere
  std::string command;     ///< gets each copy as its standard input; empty: none
};

/// @threads one signing and one publishing at a time: the jobs `seal` and `publish`.
class Checkpoints {
 public:
  /// @param host, key  outlive this.
  Checkpoints(talon::Host& host, const SigningKey& key, CheckpointSettings settings)
      : host_(host), key_(key), settings_(std::move(settings)) {}

  /// Signs one for the chain up to `seq` when it is due.
  talon::Result<void> sign_due(int64_t seq, const std::string& chain);
  /// Copies what is not copied yet; a copy that fails holds up no sealing.
  /// @errors Unavailable: a copy cannot be put where it belongs; it is tried again with the next run.
  talon::Result<void> publish();

 private:
  talon::Result<void> sign(int64_t seq, const std::string& chain, int64_t before);
  using Put = std::function<talon::Result<void>(const Checkpoint&)>;
  /// Hands the checkpoints that `place` does not have yet to `put`, and remembers how far it got.
  talon::Result<void> copy(const std::string& place, const Put& put);

  talon::Host& host_;
  const SigningKey& key_;
  CheckpointSettings settings_;
};

/// All of them, in the order of their places.
talon::Result<std::vector<Checkpoint>> read_checkpoints(const talon::Records& records);

/// Grows `tree` by the sealed entries after its size, up to `seq`.
talon::Result<void> grow_tree(const talon::Records& records, int64_t seq, MerkleTree& tree);

}  // namespace audit
