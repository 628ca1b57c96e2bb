/// A decision as SQL: the filter of its rows, and the level of a field on each of them.
#pragma once

#include "host/gate/gate.hpp"
#include "host/storage/condition_sql.hpp"

#include <string_view>

namespace talon::gate {

/// Appends ((allow₁ or allow₂ …) and not coalesce(deny₁, true) …), in parentheses; (1 = 1) or (1 = 0) where
/// the record does not matter. It selects exactly the rows for which Decision::allows_row is true.
/// @param path_sql  as storage::path_sql_of; of a view, its group keys.
/// @param today     yyyymmdd.
void write_row_filter(const Decision& decision, const storage::PathSql& path_sql, int64_t today,
                      storage::Dialect dialect, storage::Sql& sql);

/// Appends an expression that tells the level of `field` on a row, and by which rule it is masked: a bigint
/// in both databases, never NULL, for Decision::read_level. Equal to Decision::level.
/// @param field  as Decision::level takes it ("iban", "lines.cost").
void write_level(const Decision& decision, std::string_view field, const storage::PathSql& path_sql,
                 int64_t today, storage::Dialect dialect, storage::Sql& sql);

}  // namespace talon::gate
