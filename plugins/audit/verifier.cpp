/// The verification of a chain.
#include "verifier.hpp"

#include <talon/id.hpp>

namespace audit {

namespace {

std::string name_of(const Entry& entry) { return "entry " + talon::id_text("aud", entry.id); }

}  // namespace

void Verifier::fail(int64_t seq, const std::string& what) {
  if (!findings_.bad.empty()) return;  // the first one counts: what follows may only follow from it
  findings_.bad_seq = seq;
  findings_.bad = what;
}

Checked check_entry(const Entry& entry) {
  Checked checked;
  checked.mistake = mistake_of(entry);
  Hash hash{};
  if (!read_hash(entry.hash, hash)) checked.mistake = "its hash is none";
  checked.leaf = leaf_of(hash);
  for (std::size_t at = entry.content.find(kMarkText); at != std::string::npos;
       at = entry.content.find(kMarkText, at + 1)) {
    ++checked.marks;
  }
  return checked;
}

void Verifier::sealed(const Entry& entry, const Checked& checked) {
  const int64_t expected = ++findings_.sealed;
  if (!findings_.holds()) return;
  if (entry.seq > expected) {
    const int64_t missing = entry.seq - expected;
    return fail(expected, "place " + std::to_string(expected) + ": " + std::to_string(missing) +
                              (missing == 1 ? " entry is" : " entries are") + " missing before " +
                              name_of(entry));
  }
  if (entry.seq < expected) return fail(expected, name_of(entry) + " stands twice, or at a wrong place");
  const auto wrong = [&](const std::string& what) {
    fail(expected, "place " + std::to_string(expected) + ", " + name_of(entry) + ": " + what);
  };
  if (!checked.mistake.empty()) return wrong(checked.mistake);
  chain_ = chain_link(chain_, entry.hash);
  if (chain_ != entry.chain) return wrong("it does not follow from the entry before it");
  tree_.add(checked.leaf);
  findings_.marks += checked.marks;
  absences_.take(entry);
  for (; !waiting_.empty() && waiting_.front().seq <= expected; waiting_.pop_front()) {
    compare(waiting_.front());
  }
}

void Verifier::checkpoint(const Checkpoint& checkpoint) {
  const std::string why = mistrust(checkpoint, trusted_);
  if (!why.empty())
    return fail(checkpoint.seq, "the checkpoint at place " + std::to_string(checkpoint.seq) + ": " + why);
  if (checkpoint.seq <= findings_.sealed)
    compare(checkpoint);
  else
    waiting_.push_back(checkpoint);
}

void Verifier::compare(const Checkpoint& checkpoint) {
  if (!findings_.holds()) return;
  if (checkpoint.seq != findings_.sealed || checkpoint.chain != chain_) {
    return fail(checkpoint.seq, "place " + std::to_string(checkpoint.seq) +
                                    ": the chain up to here is not the one that was signed");
  }
  if (checkpoint.root != hex(tree_.root())) {
    return fail(checkpoint.seq, "place " + std::to_string(checkpoint.seq) +
                                    ": the tree up to here is not the one that was signed");
  }
  ++findings_.checkpoints;
  findings_.signed_up_to = checkpoint.seq;
}

void Verifier::unsealed(const Entry& entry, const Checked& checked) {
  ++findings_.unsealed;
  if (!checked.mistake.empty()) fail(0, name_of(entry) + " (not sealed yet): " + checked.mistake);
  absences_.take(entry);
}

Findings Verifier::finish() {
  if (!waiting_.empty()) {
    const int64_t last = waiting_.back().seq;
    fail(findings_.sealed + 1, "place " + std::to_string(findings_.sealed + 1) +
                                   ": the log ends, but a checkpoint says " + "that it had " +
                                   std::to_string(last) +
                                   " entries: " + std::to_string(last - findings_.sealed) + " were cut off");
  }
  if (const std::string problem = absences_.problem(); !problem.empty()) fail(0, problem);
  return findings_;
}

}  // namespace audit
