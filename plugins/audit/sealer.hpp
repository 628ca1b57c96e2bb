/// Takes the read log in, gives entries their place in the chain, signs checkpoints: records → rules →
/// records.
#pragma once

#include "entry.hpp"
#include "read_log.hpp"
#include "signing.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <string>

namespace audit {

struct SealSettings {
  int64_t checkpoint_entries = 1000;
  int64_t checkpoint_seconds = 60;
  std::string checkpoint_file;  ///< empty: none
};

/// One at a time: the job `seal`, whose lease the host holds.
class Sealer {
 public:
  /// @param host, reads, key  outlive this.
  Sealer(talon::Host& host, ReadLog& reads, const SigningKey& key, SealSettings settings)
      : host_(host), reads_(reads), key_(key), settings_(std::move(settings)) {}

  /// @errors as the host's records give them; a retry goes on where this stopped and doubles nothing.
  talon::Result<void> run();

 private:
  struct Head {
    int64_t seq = 0;
    std::string chain;
  };
  talon::Result<void> take_in(const std::string& file);
  talon::Result<int64_t> lines_taken(const std::string& name);
  talon::Result<void> forget(const std::string& name);  // the file is gone
  talon::Result<Head> head_of(const std::string& type);
  /// @return the number of entries that were sealed, at most a batch.
  talon::Result<int64_t> seal_batch(Head& head);
  talon::Result<void> sign_checkpoint(const Head& head);
  talon::Result<void> append_to_file(const Checkpoint& checkpoint) const;

  talon::Host& host_;
  ReadLog& reads_;
  const SigningKey& key_;
  SealSettings settings_;
};

}  // namespace audit
