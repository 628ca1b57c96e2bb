/// The tables of a model as DDL, and what two models differ in.
#pragma once

#include "host/storage/database.hpp"

#include <talon/model.hpp>

#include <string>
#include <vector>

namespace talon::storage {

/// A column that a record type's table has.
struct Column {
  enum class Kind { Integer, Text, Bytes };
  std::string name;
  Kind kind = Kind::Integer;
  bool is_required = false;             ///< NOT NULL: only the host's own columns
  const model::Field* field = nullptr;  ///< of the type; null for the host's own
};

/// All columns in order: the host's own, then the declared fields that are stored.
std::vector<Column> columns_of(const model::RecordType& type);

/// Whether the type has a table.
bool has_table(const model::RecordType& type);

/// Appends what makes the tables of `before` those of `after`.
/// @errors FailedPrecondition: it would lose or change data; the message lists all such places and the
/// remedy.
Result<void> plan_tables(const model::Model& before, const model::Model& after, Dialect dialect,
                         std::vector<std::string>& statements);

/// `value` as an SQL literal; for DDL, which takes no bound values.
std::string literal(const Value& value);

}  // namespace talon::storage
