/// Gives entries their place in the chain: records → rules → records.
#pragma once

#include "checkpoints.hpp"
#include "entry.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <string>

namespace audit {

/// One at a time: the job `seal`, whose lease the host holds.
class Sealer {
 public:
  /// @param host, checkpoints  outlive this.
  Sealer(talon::Host& host, Checkpoints& checkpoints) : host_(host), checkpoints_(checkpoints) {}

  /// @errors as the host's records give them; a retry goes on where this stopped and doubles nothing.
  talon::Result<void> run();

 private:
  struct Head {
    int64_t seq = 0;
    std::string chain;
  };
  talon::Result<Head> head();
  /// @return the number of entries that were sealed, at most a batch.
  talon::Result<int64_t> seal_batch(Head& head);

  talon::Host& host_;
  Checkpoints& checkpoints_;
};

}  // namespace audit
