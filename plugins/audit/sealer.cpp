/// The jobs `seal` and `sign`.
#include "sealer.hpp"

namespace audit {

namespace {

using talon::ChangeSet;
using talon::Query;
using talon::Record;
using talon::Result;

constexpr int64_t kSealedAtOnce = 500;  // entries in one transaction: some 20 ms of the writer
constexpr int64_t kBatchesAtOnce = 40;  // then the job ends and comes again a second later

}  // namespace

Result<void> Sealer::seal() {
  TALON_TRY(std::optional<Chain::Turn> turn, chain_.try_turn());
  if (!turn) return {};
  for (int64_t batch = 0; batch < kBatchesAtOnce; ++batch) {
    const Result<int64_t> count = seal_batch(*turn);
    // Another host gave the same places to what it took in: it comes again.
    if (!count && count.error().code == talon::Code::AlreadyExists) return {};
    TALON_DO(count);
    if (*count < kSealedAtOnce) break;
  }
  const Place end = turn->end();
  turn.reset();
  const auto alone = signing_.take();
  return checkpoints_.sign_due(end.seq, end.chain, Due::Late, [] { return false; });
}

Result<void> Sealer::sign() {
  const auto alone = signing_.try_take();
  if (!alone.owns_lock()) return {};
  TALON_TRY(const Place end, chain_.end());
  return checkpoints_.sign_due(end.seq, end.chain, Due::LateOrEnough,
                               [this] { return signing_.is_wanted(); });
}

Result<int64_t> Sealer::seal_batch(Chain::Turn& turn) {
  const Query open{"audit_entry", {"id", "version", "hash"}, "seq is empty", {"id"}, {}, {}, kSealedAtOnce};
  TALON_TRY(const std::vector<Record> entries, host_.records().query(open));
  if (entries.empty()) return 0;
  ChangeSet changes;
  for (const Record& record : entries) {
    const Place& place = turn.next(record.text("hash"));
    changes.change("audit_entry", record.integer("id"), record.integer("version"),
                   {{"seq", place.seq}, {"chain", place.chain}});
  }
  TALON_DO(host_.records().apply(changes));
  return static_cast<int64_t>(entries.size());
}

}  // namespace audit
