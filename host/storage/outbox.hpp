/// Where a reader of the outbox goes on, and where it stops.
#pragma once

#include "host/storage/database.hpp"

#include <string>

namespace talon::storage {

/// A condition on the outbox' rows behind (tx, id), which are bound in that order; their order is `tx, id`.
/// Each form begins in the middle of the index: on SQLite every tx is 0 and ids are given inside the
/// transaction; SQLite would walk a comparison of the pair from the index' start. On PostgreSQL rows of
/// transactions that still run are left for later, and so is what comes after them.
inline std::string outbox_after(Dialect dialect) {
  if (dialect == Dialect::Sqlite) return "tx = ? and id > ?";
  return "(tx, id) > (?, ?) and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
}

}  // namespace talon::storage
