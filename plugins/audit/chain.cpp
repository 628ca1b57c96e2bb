/// Reads where the chain ends, and remembers what was put behind it.
#include "chain.hpp"

#include <iterator>
#include <utility>

namespace audit {

namespace {

constexpr std::size_t kKeptMax = 100'000;  // hashes: 3 MB; more than that is read back where it is needed

}  // namespace

const Place& Chain::Turn::next(std::string_view hash) {
  Place& end = given_.end;
  end.chain = chain_link(end.chain, hash);
  ++end.seq;
  // What is no hash is not remembered: who signs reads it back, and says so.
  if (Hash bytes{}; read_hash(hash, bytes)) given_.hashes.push_back(bytes);
  return end;
}

void Chain::Turn::written() {
  const Place end = given_.end;
  chain_->keep(std::exchange(given_, Stretch{end, {}, end}));
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

void Chain::keep(Stretch stretch) {
  if (std::ssize(stretch.hashes) != stretch.end.seq - stretch.before.seq) return;
  const std::lock_guard lock(kept_mutex_);
  count_ += stretch.hashes.size();
  kept_.push_back(std::move(stretch));
  if (count_ <= kKeptMax) return;
  kept_.clear();
  count_ = 0;
}

std::vector<Stretch> Chain::written(int64_t after, int64_t upto) const {
  const std::lock_guard lock(kept_mutex_);
  std::vector<Stretch> found;
  for (const Stretch& stretch : kept_) {
    if (stretch.before.seq >= after && stretch.end.seq <= upto) found.push_back(stretch);
  }
  return found;
}

void Chain::forget(int64_t seq) {
  const std::lock_guard lock(kept_mutex_);
  while (!kept_.empty() && kept_.front().end.seq <= seq) {
    count_ -= kept_.front().hashes.size();
    kept_.pop_front();
  }
}

}  // namespace audit
