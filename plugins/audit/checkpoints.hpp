/// Signed checkpoints: made as the log grows, kept as records, and copied to where the operator says.
///
/// Each host also remembers beside its key what it signed last, and what it remembers of the reads that it
/// took in it signs as they were: whoever has the database alone cannot have another history signed.
#pragma once

#include "chain.hpp"
#include "signing.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <deque>
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

/// Why a checkpoint is due.
enum class Due {
  Late,   ///< its time is over; the first one's is at once
  Enough  ///< there are entries enough behind the last one
};

/// @threads one signing and one publishing at a time: the sealer's and the job `publish`.
class Checkpoints {
 public:
  /// @param host, chain, key  outlive this.
  Checkpoints(talon::Host& host, Chain& chain, const SigningKey& key, CheckpointSettings settings)
      : host_(host), chain_(chain), key_(key), settings_(std::move(settings)) {}

  /// Whether one is for the chain up to `seq`.
  talon::Result<bool> is_due(int64_t seq, Due due) const;
  /// Signs one: over the reads that this host took in as they were then, and over all else as it is read
  /// back.
  /// @param stops  asked now and then: yes leaves it unsigned.
  /// @errors DataLoss: the log is not the one that was signed so far, or goes on otherwise than this host
  /// wrote it, or an entry that is read back is not what its hashes say; nothing is signed then.
  talon::Result<void> sign(const Place& end, const std::function<bool()>& stops);
  /// Copies what is not copied yet; a copy that fails holds up no sealing.
  /// @errors Unavailable: a copy cannot be put where it belongs; it is tried again with the next run.
  talon::Result<void> publish();

 private:
  using Put = std::function<talon::Result<void>(const Checkpoint&)>;
  /// Hands the checkpoints that `place` does not have yet to `put`, and remembers how far it got.
  talon::Result<void> copy(const std::string& place, const Put& put);

  talon::Host& host_;
  Chain& chain_;
  const SigningKey& key_;
  CheckpointSettings settings_;
};

/// The checkpoints of a log in the order of their places, with copies from elsewhere among them; a few at a
/// time, so that memory does not grow with the log. @threads one at a time.
class CheckpointStream {
 public:
  /// Ends with the newest one of this moment. @param copies  in order.
  /// @param records  outlives this.
  static talon::Result<CheckpointStream> open(const talon::Records& records,
                                              const std::vector<Checkpoint>& copies);

  /// Place of the newest one in the log; 0: there is none.
  int64_t newest() const { return newest_; }
  using Take = std::function<talon::Result<void>(const Checkpoint&)>;
  /// Hands those up to place `seq` to `take` that were not handed out before; one that stands twice but once.
  talon::Result<void> up_to(int64_t seq, const Take& take);
  talon::Result<void> rest(const Take& take) { return up_to(INT64_MAX, take); }

 private:
  CheckpointStream(const talon::Records& records, const std::vector<Checkpoint>& copies, int64_t newest);
  talon::Result<void> load();

  const talon::Records* records_;
  std::deque<Checkpoint> copies_;
  std::deque<Checkpoint> own_;
  int64_t newest_;
  int64_t loaded_ = 0;  // up to this place
  std::optional<Checkpoint> last_;
};

/// What is read of a checkpoint's record, and the checkpoint that a row of it is.
const std::vector<std::string>& checkpoint_fields();
Checkpoint checkpoint_in(talon::Row row);

/// Checkpoints as they are copied elsewhere, one a line; in the order of their places, each once. @errors
/// InvalidArgument: a line that is none.
talon::Result<std::vector<Checkpoint>> read_copies(const std::string& lines);

/// What a host signed last; nothing: it signed none yet. @errors DataLoss: the file holds no checkpoint.
talon::Result<std::optional<Checkpoint>> read_signed(const std::string& file);

}  // namespace audit
