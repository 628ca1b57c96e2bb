/// Verifies a chain of audit entries, one by one, and names the first bad one. Pure rules.
#pragma once

#include "absences.hpp"
#include "entry.hpp"
#include "merkle.hpp"
#include "signing.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace audit {

/// How the mark of a personal value (talon/personal_values.hpp) begins in an entry's text.
inline constexpr std::string_view kMarkText = "{\"$personal\":\"";

/// What can be said of an entry by itself.
struct Checked {
  std::string mistake;  ///< empty: its hashes hold
  Hash leaf{};
  int64_t marks = 0;  ///< personal values that its content names
};
/// @threads any; pure.
Checked check_entry(const Entry& entry);

/// What was found.
struct Findings {
  int64_t sealed = 0;        ///< entries with a place in the chain
  int64_t unsealed = 0;      ///< entries without one yet
  int64_t checkpoints = 0;   ///< checkpoints that hold
  int64_t signed_up_to = 0;  ///< place of the last one that holds: what stands behind it is not signed yet
  int64_t marks = 0;         ///< personal values that sealed entries name
  int64_t bad_seq = 0;       ///< place of the first bad entry; 0: none, or it has no place
  std::string bad;           ///< what is wrong with it; empty: everything holds
  bool holds() const { return bad.empty(); }
};

/// Takes entries in the order of `seq`, checkpoints in the same order, then the unsealed ones.
class Verifier {
 public:
  /// @param trusted  public keys, hex.
  explicit Verifier(std::vector<std::string> trusted) : trusted_(std::move(trusted)) {}

  void sealed(const Entry& entry, const Checked& checked);
  /// Any time before the entry that it names, or right after it.
  void checkpoint(const Checkpoint& checkpoint);
  void unsealed(const Entry& entry, const Checked& checked);
  Absences& absences() { return absences_; }
  /// Checkpoints for entries that never came say how many were cut off.
  Findings finish();

 private:
  void fail(int64_t seq, const std::string& what);
  void compare(const Checkpoint& checkpoint);

  std::vector<std::string> trusted_;
  std::deque<Checkpoint> waiting_;  // of entries that have not come yet, in their order
  std::string chain_;
  MerkleTree tree_;
  Absences absences_;
  Findings findings_;
};

}  // namespace audit
