/// The end of the log's chain: where entries get their places.
#pragma once

#include "entry.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace audit {

/// A place in the chain; without a `seq` the chain is empty.
struct Place {
  int64_t seq = 0;
  std::string chain;  ///< hex digest of the chain up to here
};

/// Entries that follow each other in the chain, written in one transaction.
struct Stretch {
  Place before;  ///< the first of them
  std::vector<Hash> hashes;
  Place end;  ///< of the last one
};

/// @threads any.
class Chain {
 public:
  /// @param host  outlives this.
  explicit Chain(talon::Host& host) : host_(host) {}

  /// Holds the end: nobody else on this host gives places meanwhile. On another host somebody may: `seq` is
  /// unique, so of the two who wrote the same places the later one fails with AlreadyExists, as a whole.
  class Turn {
   public:
    Turn(Chain& chain, std::unique_lock<std::mutex> lock, Place end)
        : chain_(&chain), lock_(std::move(lock)), given_{end, {}, end} {}
    /// The last place that was given.
    const Place& end() const { return given_.end; }
    /// The next place, for an entry's `hash`. Where places are not written after all, the turn is over.
    const Place& next(std::string_view hash);
    /// The places given so far are in the log: whoever signs takes the entries as they are now.
    void remember();

   private:
    Chain* chain_;
    std::unique_lock<std::mutex> lock_;
    Stretch given_;  // and not known to be written
  };
  /// @return nothing: somebody on this host has the turn.  @errors as the host's records give them.
  talon::Result<std::optional<Turn>> try_turn();
  /// The last place that was given.
  talon::Result<Place> end() const;

  using Stretches = std::vector<std::shared_ptr<const Stretch>>;
  /// What is remembered of what stands behind a place: all of it, some, or none.
  Stretches remembered(int64_t after) const;
  /// Nobody will ask for what stands up to place `seq`.
  void forget(int64_t seq);

 private:
  void remember(Stretch stretch);

  talon::Host& host_;
  std::mutex mutex_;  // who has the turn
  mutable std::mutex kept_mutex_;
  // In the order in which they were written. Shared, so that a thread that gets hardly any time holds the
  // lock for no copy of them.
  std::deque<std::shared_ptr<const Stretch>> kept_;
  std::size_t count_ = 0;  // of their hashes
};

}  // namespace audit
