/// The jobs `seal` and `catch_up`.
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

Result<void> Sealer::run(Pace pace) {
  const auto alone = pace == Pace::WhenIdle ? turns_.try_take() : turns_.take();
  if (!alone.owns_lock()) return {};
  TALON_TRY(std::optional<Chain::Turn> turn, chain_.try_turn());
  if (!turn) return {};
  const auto is_wanted = [&] { return pace == Pace::WhenIdle && turns_.is_wanted(); };
  for (int64_t batch = 0; batch < kBatchesAtOnce && !is_wanted(); ++batch) {
    const Result<int64_t> count = seal_batch(*turn);
    if (!count && count.error().code == talon::Code::AlreadyExists) return {};  // another host's sealer
    TALON_DO(count);
    if (*count < kSealedAtOnce) break;
  }
  const Place end = turn->end();
  turn.reset();
  return checkpoints_.sign_due(end.seq, end.chain, is_wanted);
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
