/// Reads where the chain ends.
#include "chain.hpp"

namespace audit {

talon::Result<std::optional<Chain::Turn>> Chain::try_turn() {
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return std::optional<Turn>();
  const talon::Query newest{"audit_entry", {"seq", "chain"}, "seq is not empty", {"-seq"}, {}, {}, 1};
  TALON_TRY(const std::vector<talon::Record> last, host_.records().query(newest));
  Place end;
  if (!last.empty()) end = {last.front().integer("seq"), last.front().text("chain")};
  return std::optional<Turn>(std::in_place, std::move(lock), std::move(end));
}

}  // namespace audit
