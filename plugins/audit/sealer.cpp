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
  TALON_TRY(bool is_late, checkpoints_.is_due(end.seq, Due::Late));
  if (!is_late) return {};
  const auto alone = signing_.take();
  TALON_TRY(is_late, checkpoints_.is_due(end.seq, Due::Late));  // `sign` may have been at it
  return is_late ? checkpoints_.sign(end, [] { return false; }) : Result<void>();
}

Result<void> Sealer::sign() {
  TALON_TRY(const Place end, chain_.end());
  TALON_TRY(const bool is_enough, checkpoints_.is_due(end.seq, Due::Enough));
  if (!is_enough) return {};
  const auto alone = signing_.try_take();
  if (!alone.owns_lock()) return {};
  return checkpoints_.sign(end, [this] { return signing_.is_wanted(); });
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
