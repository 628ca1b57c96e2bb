/// What differs between ODBC drivers: library, safe options, limit clause, clock arithmetic.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace talon::odbc {

enum class Dialect { Sqlite, PostgreSql, MariaDb, SqlServer, Generic };

/// The dialect behind a mapping's `driver:` (or `dialect:` where a DSN hides it).
Dialect dialect_of(std::string_view driver);

/// The connection string for `connection`: the driver's safe defaults, then the mapping's `options` over
/// them.
///
/// @param connection  the mapping's `connection:`, secrets resolved.
/// @return InvalidArgument: neither `driver` nor `dsn`, or an option's name that is no word.
Result<std::string> connection_string(const Json& connection);

/// Statements that every session of this dialect begins with ("SET TIME ZONE 'UTC'").
const char* session_sql(Dialect dialect);
/// The digits of a number, or the text itself.
std::string text_of(const Json& json);

/// " LIMIT n" or what the dialect says instead; it follows ORDER BY.
std::string limit_clause(Dialect dialect, int64_t rows);

/// An expression for the peer's clock minus `seconds`, comparable with a timestamp column.
std::string clock_minus(Dialect dialect, int64_t seconds);

}  // namespace talon::odbc
