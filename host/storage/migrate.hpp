/// From the model to tables: makes what is missing, widens in place, refuses what would lose data.
#pragma once

#include "host/storage/database.hpp"

#include <talon/model.hpp>

#include <string>
#include <vector>

namespace talon::storage {

/// What a model needs that the database does not have yet; statements in order, in words a person can read.
struct Migration {
  std::vector<std::string>
      statements;  ///< DDL: tables, columns, indexes, freeze triggers (children included)
};

/// Compares the model with the database's tables. New tables, new columns, wider choices and new indexes are
/// made in place; anything else (a changed type, a dropped column) is refused with what to do (a numbered
/// migration).
Result<Migration> plan_migration(const Options& options, const model::Model& model);

/// Runs it in one transaction with the owner's role; on PostgreSQL also grants the running role rows, not
/// tables. kill -9 in the middle leaves the old or the new schema, never between.
Result<void> migrate(const Options& options, const model::Model& model);

/// The host's own tables beside the record types: outbox, idempotency_keys, leases,
/// deliveries, settings. Their columns are part of the contract with `records` and `jobs`; see
/// migrate_host.cpp.

}  // namespace talon::storage
