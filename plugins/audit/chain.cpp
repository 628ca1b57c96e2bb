/// Reads where the chain ends, and remembers what was put behind it.
#include "chain.hpp"

#include <iterator>
#include <utility>

namespace audit {

namespace {

// Hashes: 3 MB, half a minute of 3,000 reads a second. The oldest are forgotten first, and read back.
constexpr std::size_t kKeptMax = 100'000;

}  // namespace

const Place& Chain::Turn::next(std::string_view hash) {
  Place& end = given_.end;
  end.chain = chain_link(end.chain, hash);
  ++end.seq;
  // What is no hash is not remembered: who signs reads it back, and says so.
  if (Hash bytes{}; read_hash(hash, bytes)) given_.hashes.push_back(bytes);
  return end;
}

void Chain::Turn::remember() {
  const Place end = given_.end;
  chain_->remember(std::exchange(given_, Stretch{end, {}, end}));
}

talon::Result<std::optional<Chain::Turn>> Chain::try_turn() {
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return std::optional<Turn>();
  TALON_TRY(Place end, this->end());
  return std::optional<Turn>(std::in_place, *this, std::move(lock), std::move(end));
}

talon::Result<Place> Chain::end() const {
  const talon::Query newest{"audit_entry", {"seq", "chain"}, "seq is not empty", {"-seq"}, {}, {}, 1};
  TALON_TRY(const std::vector<talon::Record> last, host_.records().query(newest));
  if (last.empty()) return Place();
  return Place{last.front().integer("seq"), last.front().text("chain")};
}

void Chain::remember(Stretch stretch) {
  if (std::ssize(stretch.hashes) != stretch.end.seq - stretch.before.seq) return;
  auto kept = std::make_shared<const Stretch>(std::move(stretch));
  const std::lock_guard lock(kept_mutex_);
  count_ += kept->hashes.size();
  kept_.push_back(std::move(kept));
  for (; count_ > kKeptMax; kept_.pop_front()) count_ -= kept_.front()->hashes.size();
}

Chain::Stretches Chain::remembered(int64_t after) const {
  const std::lock_guard lock(kept_mutex_);
  Stretches found;
  for (const auto& stretch : kept_) {
    if (stretch->end.seq > after) found.push_back(stretch);
  }
  return found;
}

void Chain::forget(int64_t seq) {
  const std::lock_guard lock(kept_mutex_);
  for (; !kept_.empty() && kept_.front()->end.seq <= seq; kept_.pop_front())
    count_ -= kept_.front()->hashes.size();
}

}  // namespace audit
