/// Gives entries of changes their place in the chain: records → rules → records.
#pragma once

#include "chain.hpp"
#include "checkpoints.hpp"
#include "turns.hpp"

#include <talon/plugin.hpp>

#include <cstdint>

namespace audit {

/// The jobs `seal`, for what the host wrote with its changes and what another host took in meanwhile, and
/// `sign`.
class Sealer {
 public:
  /// @param host, chain, checkpoints  outlive this.
  Sealer(talon::Host& host, Chain& chain, Checkpoints& checkpoints)
      : host_(host), chain_(chain), checkpoints_(checkpoints) {}

  /// Gives places, and signs what is late: the first of all at once. Gives none while reads are taken in here
  /// or another host seals: it comes again.
  /// @threads one at a time.
  /// @errors as the host's records give them; a retry goes on where this stopped and doubles nothing.
  talon::Result<void> seal();
  /// Signs where there are entries enough. For a thread that may get hardly any time: it stops where `seal`
  /// has to.
  /// @threads one at a time, beside `seal`.  @errors as `seal`.
  talon::Result<void> sign();

 private:
  /// @return the number of entries that were sealed, at most a batch.
  talon::Result<int64_t> seal_batch(Chain::Turn& turn);

  talon::Host& host_;
  Chain& chain_;
  Checkpoints& checkpoints_;
  Turns signing_;
};

}  // namespace audit
