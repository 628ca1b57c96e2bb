/// Gives entries of changes their place in the chain: records → rules → records.
#pragma once

#include "chain.hpp"
#include "checkpoints.hpp"
#include "turns.hpp"

#include <talon/plugin.hpp>

#include <cstdint>

namespace audit {

/// The jobs `seal` and `catch_up`: what the host wrote with its changes, and what another host took in
/// meanwhile.
class Sealer {
 public:
  /// @param host, chain, checkpoints  outlive this.
  Sealer(talon::Host& host, Chain& chain, Checkpoints& checkpoints)
      : host_(host), chain_(chain), checkpoints_(checkpoints) {}

  /// Gives places and signs what is due. Gives none while reads are taken in here or another host seals: it
  /// comes again.
  /// @threads any.
  /// @errors as the host's records give them; a retry goes on where this stopped and doubles nothing.
  talon::Result<void> run(Pace pace);

 private:
  /// @return the number of entries that were sealed, at most a batch.
  talon::Result<int64_t> seal_batch(Chain::Turn& turn);

  talon::Host& host_;
  Chain& chain_;
  Checkpoints& checkpoints_;
  Turns turns_;
};

}  // namespace audit
