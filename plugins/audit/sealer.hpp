/// Gives entries of changes their place in the chain: records → rules → records.
#pragma once

#include "chain.hpp"
#include "checkpoints.hpp"

#include <talon/plugin.hpp>

#include <cstdint>

namespace audit {

/// The job `seal`: what the host wrote with its changes, and what another host took in meanwhile.
class Sealer {
 public:
  /// @param host, chain, checkpoints  outlive this.
  Sealer(talon::Host& host, Chain& chain, Checkpoints& checkpoints)
      : host_(host), chain_(chain), checkpoints_(checkpoints) {}

  /// Does nothing while reads are taken in: it comes again.
  /// @errors as the host's records give them; a retry goes on where this stopped and doubles nothing.
  talon::Result<void> run();

 private:
  /// @return the number of entries that were sealed, at most a batch.
  talon::Result<int64_t> seal_batch(Chain::Turn& turn);

  talon::Host& host_;
  Chain& chain_;
  Checkpoints& checkpoints_;
};

}  // namespace audit
