/// Places in the outbox: where a reader goes on, where it stops, and how far it has been trimmed.
#pragma once

#include "host/storage/database.hpp"

#include <compare>
#include <cstdint>
#include <string>

namespace talon::storage {

/// An event's place: events are read in this order.
struct OutboxPlace {
  int64_t tx = 0;  ///< the transaction's number on PostgreSQL; 0 on SQLite
  int64_t id = 0;
  auto operator<=>(const OutboxPlace&) const = default;
};

/// A condition on the outbox' rows behind (tx, id), which are bound in that order; their order is `tx, id`.
/// Each form begins in the middle of the index: on SQLite every tx is 0 and ids are given inside the
/// transaction; SQLite would walk a comparison of the pair from the index' start. On PostgreSQL rows of
/// transactions that still run are left for later, and so is what comes after them.
inline std::string outbox_after(Dialect dialect) {
  if (dialect == Dialect::Sqlite) return "tx = ? and id > ?";
  return "(tx, id) > (?, ?) and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
}

/// The last event that is gone; {0, 0}: none. Whoever stands before it has missed events.
Result<OutboxPlace> trimmed_to(Reader& reader);
Result<void> note_trimmed(Transaction& transaction, const OutboxPlace& place);

}  // namespace talon::storage
