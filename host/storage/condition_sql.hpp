/// The condition language's second back end: a checked, folded tree as SQL with bound values.
#pragma once

#include "host/storage/database.hpp"

#include <talon/expression/tree.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace talon::storage {

/// Appends the SQL of a field path ("client.country"): a column, or a scalar sub-query for links. Without
/// binds.
using PathSql = std::function<void(std::string_view path, std::string& sql)>;

/// What it appends, by itself.
std::string path_text(const PathSql& path_sql, std::string_view path);

/// Appends the condition to `sql` (text and binds), in parentheses, three-valued exactly as
/// Program::evaluate: NULL is Unknown. What is not checked or not folded is NULL. Texts compare by bytes
/// where the columns do (PostgreSQL: collate "C").
/// @param today  yyyymmdd.
void write_condition(const expression::Expression& condition, const PathSql& path_sql, int64_t today,
                     Dialect dialect, Sql& sql);

/// The path_sql of a stored type's table under `alias`: columns by name, links as
/// (select a_1."country" from "parties" as a_1 where a_1.id = a."client"). A computed boolean is its
/// condition as 1, 0 or NULL, with the condition's literals in the text. What is not there is (null).
/// @param model, type  outlive the function.
/// @param today  yyyymmdd: goes into computed fields that ask for it.
PathSql path_sql_of(const model::Model& model, const model::RecordType& type, std::string_view alias,
                    int64_t today, Dialect dialect);

}  // namespace talon::storage
