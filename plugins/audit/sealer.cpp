/// The job `seal`.
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

Result<void> Sealer::run() {
  TALON_TRY(Head head, this->head());
  for (int64_t batch = 0; batch < kBatchesAtOnce; ++batch) {
    TALON_TRY(const int64_t count, seal_batch(head));
    if (count < kSealedAtOnce) break;
  }
  return checkpoints_.sign_due(head.seq, head.chain);
}

Result<Sealer::Head> Sealer::head() {
  const Query newest{"audit_entry", {"seq", "chain"}, "seq is not empty", {"-seq"}, {}, {}, 1};
  TALON_TRY(const std::vector<Record> last, host_.records().query(newest));
  if (last.empty()) return Head{};
  return Head{last.front().integer("seq"), last.front().text("chain")};
}

Result<int64_t> Sealer::seal_batch(Head& head) {
  const Query open{"audit_entry", {"id", "version", "hash"}, "seq is empty", {"id"}, {}, {}, kSealedAtOnce};
  TALON_TRY(const std::vector<Record> entries, host_.records().query(open));
  if (entries.empty()) return 0;
  Head next = head;
  ChangeSet changes;
  for (const Record& record : entries) {
    next.chain = chain_link(next.chain, record.text("hash"));
    ++next.seq;
    changes.change("audit_entry", record.integer("id"), record.integer("version"),
                   {{"seq", next.seq}, {"chain", next.chain}});
  }
  // `seq` is unique: should two hosts ever seal at once, one of them fails as a whole and comes again.
  TALON_DO(host_.records().apply(changes));
  head = next;
  return static_cast<int64_t>(entries.size());
}

}  // namespace audit
