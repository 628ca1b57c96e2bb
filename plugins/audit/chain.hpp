/// The end of the log's chain: where entries get their places.
#pragma once

#include "entry.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace audit {

/// A place in the chain; without a `seq` the chain is empty.
struct Place {
  int64_t seq = 0;
  std::string chain;  ///< hex digest of the chain up to here
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
    Turn(std::unique_lock<std::mutex> lock, Place end) : lock_(std::move(lock)), end_(std::move(end)) {}
    /// The last place that was given.
    const Place& end() const { return end_; }
    /// The next place, for an entry's `hash`. Where places are not written after all, the turn is over.
    const Place& next(std::string_view hash) {
      end_.chain = chain_link(end_.chain, hash);
      ++end_.seq;
      return end_;
    }

   private:
    std::unique_lock<std::mutex> lock_;
    Place end_;
  };
  /// @return nothing: somebody on this host has the turn.  @errors as the host's records give them.
  talon::Result<std::optional<Turn>> try_turn();
  /// The last place that was given.
  talon::Result<Place> end() const;

 private:
  talon::Host& host_;
  std::mutex mutex_;
};

}  // namespace audit
