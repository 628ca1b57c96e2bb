/// The condition language's second back end: a checked, folded tree as SQL with bound values.
#pragma once

#include "host/storage/database.hpp"

#include <talon/expression/tree.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace talon::storage {

/// Gives the SQL of a field path ("client.country"): a column, or a scalar sub-query for links.
using PathSql = std::function<std::string(std::string_view path)>;

/// Appends the condition to `sql` (text and binds), in parentheses, three-valued exactly as Program::evaluate:
/// NULL is Unknown.
/// @param today  yyyymmdd.
void write_condition(const expression::Expression& condition, const PathSql& path_sql, int64_t today, Dialect dialect,
                     Sql& sql);

/// The path_sql of a stored type's table under `alias`: columns by name, links as
/// (select x from parties where parties.id = alias.client).
PathSql path_sql_of(const model::Model& model, const model::RecordType& type, std::string_view alias);

}  // namespace talon::storage
