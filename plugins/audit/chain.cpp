/// Reads where the chain ends.
#include "chain.hpp"

namespace audit {

talon::Result<std::optional<Chain::Turn>> Chain::try_turn() {
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return std::optional<Turn>();
  TALON_TRY(Place end, this->end());
  return std::optional<Turn>(std::in_place, std::move(lock), std::move(end));
}

talon::Result<Place> Chain::end() const {
  const talon::Query newest{"audit_entry", {"seq", "chain"}, "seq is not empty", {"-seq"}, {}, {}, 1};
  TALON_TRY(const std::vector<talon::Record> last, host_.records().query(newest));
  if (last.empty()) return Place();
  return Place{last.front().integer("seq"), last.front().text("chain")};
}

}  // namespace audit
