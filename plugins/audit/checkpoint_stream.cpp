/// Checkpoints in their order, a few at a time.
#include "checkpoints.hpp"

#include <algorithm>
#include <sstream>

namespace audit {

namespace {

constexpr int64_t kAtOnce = 100;

bool is_same(const Checkpoint& a, const Checkpoint& b) {
  return a.seq == b.seq && a.chain == b.chain && a.root == b.root && a.signature == b.signature;
}

}  // namespace

const std::vector<std::string>& checkpoint_fields() {
  static const std::vector<std::string> kFields = {"seq", "chain", "root", "signed_at", "key", "signature"};
  return kFields;
}

Checkpoint checkpoint_in(talon::Row row) {
  return {row[0].integer(), std::string(row[1].text()), std::string(row[2].text()),
          row[3].integer(), std::string(row[4].text()), std::string(row[5].text())};
}

CheckpointStream::CheckpointStream(const talon::Records& records, const std::vector<Checkpoint>& copies,
                                   int64_t newest)
    : records_(&records), copies_(copies.begin(), copies.end()), newest_(newest) {}

talon::Result<CheckpointStream> CheckpointStream::open(const talon::Records& records,
                                                       const std::vector<Checkpoint>& copies) {
  TALON_TRY(const auto found, records.query({"audit_checkpoint", {"seq"}, "", {"-seq"}, {}, {}, 1}));
  return CheckpointStream(records, copies, found.empty() ? 0 : found.front().integer("seq"));
}

talon::Result<void> CheckpointStream::load() {
  talon::Query query{"audit_checkpoint",
                     checkpoint_fields(),
                     "seq > " + std::to_string(loaded_) + " and seq <= " + std::to_string(newest_),
                     {"seq"}};
  query.limit = kAtOnce;
  TALON_DO(records_->each(query, [&](talon::Row row) -> talon::Result<void> {
    own_.push_back(checkpoint_in(row));
    return {};
  }));
  loaded_ = own_.empty() ? newest_ : own_.back().seq;
  return {};
}

talon::Result<void> CheckpointStream::up_to(int64_t seq, const Take& take) {
  for (;;) {
    if (own_.empty() && loaded_ < std::min(seq, newest_)) TALON_DO(load());
    const bool is_copy = own_.empty() || (!copies_.empty() && copies_.front().seq < own_.front().seq);
    std::deque<Checkpoint>& from = is_copy ? copies_ : own_;
    if (from.empty() || from.front().seq > seq) return {};
    const bool is_again = last_ && is_same(*last_, from.front());
    last_ = std::move(from.front());
    from.pop_front();
    if (!is_again) TALON_DO(take(*last_));
  }
}

talon::Result<std::vector<Checkpoint>> read_copies(const std::string& lines) {
  std::istringstream in(lines);
  std::vector<Checkpoint> copies;
  int64_t number = 1;
  for (std::string line; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const talon::Result<talon::Json> json = talon::Json::parse(line);
    if (!json || (*json)["seq"].integer() <= 0)
      return talon::invalid("the copies of checkpoints, line " + std::to_string(number) + ": no checkpoint");
    copies.push_back(checkpoint_of(*json));
  }
  std::stable_sort(copies.begin(), copies.end(),
                   [](const Checkpoint& a, const Checkpoint& b) { return a.seq < b.seq; });
  copies.erase(std::unique(copies.begin(), copies.end(), is_same), copies.end());
  return copies;
}

}  // namespace audit
