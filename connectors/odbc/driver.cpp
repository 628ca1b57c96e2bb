/// What differs between ODBC drivers: library, safe options, limit clause, clock arithmetic.
#include "driver.hpp"

#include <talon/text.hpp>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace talon::odbc {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

/// The names that a mapping may use without an odbcinst.ini entry; unixODBC finds the library in its own
/// folder.
std::string driver_library(std::string_view driver) {
  const std::string name = lower_case(driver);
  if (name == "sqlite") return "libsqlite3odbc.so";
  if (name == "postgresql") return "psqlodbcw.so";
  if (name == "mariadb" || name == "mysql") return "libmaodbc.so";
  if (name == "sqlserver") return "libtdsodbc.so";
  return std::string(driver);
}

/// Measured (design: connectors.md section 1): without these a driver holds the whole result, cuts long
/// texts, turns booleans into text, or goes on in a new transaction after an error.
Options safe_defaults(Dialect dialect) {
  switch (dialect) {
    case Dialect::PostgreSql:
      return {{"UseDeclareFetch", "1"},
              {"Fetch", "1000"},
              {"BoolsAsChar", "0"},
              {"MaxVarcharSize", "4096"},
              {"MaxLongVarcharSize", "1048576"},
              {"ByteaAsLongVarBinary", "1"},
              {"Protocol", "7.4-0"},
              {"ConnSettings", "SET client_encoding TO 'UTF8'"}};
    case Dialect::MariaDb:
      return {{"CHARSET", "utf8mb4"}, {"NO_PROMPT", "1"}};
    case Dialect::Sqlite:
      return {{"Timeout", "5000"}, {"StepAPI", "1"}, {"BigInt", "1"}, {"NoWCHAR", "1"}};
    case Dialect::SqlServer:
      return {{"TDS_Version", "7.4"}, {"ClientCharset", "UTF-8"}};
    case Dialect::Generic:
      break;
  }
  return {};
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == ' ' || c == '-';
  });
}

/// Values with a character of the syntax stand in braces; a closing brace is doubled.
std::string quoted(std::string_view value) {
  const bool is_plain = value.find_first_of("[]{}(),;?*=!@\\ ") == std::string_view::npos;
  if (is_plain) return std::string(value);
  std::string result = "{";
  for (const char c : value) {
    result += c;
    if (c == '}') result += c;
  }
  return result + "}";
}

void set(Options& options, std::string_view name, std::string value) {
  const std::string key = lower_case(name);
  for (auto& [known, old] : options) {
    if (lower_case(known) == key) {
      old = std::move(value);
      return;
    }
  }
  options.emplace_back(name, std::move(value));
}

}  // namespace

std::string text_of(const Json& json) {
  return std::string(json.is_number() ? json.digits() : json.string());
}

Dialect dialect_of(std::string_view driver) {
  const std::string name = lower_case(driver);
  const auto has = [&](const char* word) { return name.find(word) != std::string::npos; };
  if (has("sqlite")) return Dialect::Sqlite;
  if (has("postgres") || has("psqlodbc")) return Dialect::PostgreSql;
  if (has("maria") || has("maodbc") || has("mysql") || has("myodbc")) return Dialect::MariaDb;
  if (has("sqlserver") || has("tds") || has("sql server")) return Dialect::SqlServer;
  return Dialect::Generic;
}

Result<std::string> connection_string(const Json& connection) {
  const std::string driver(connection["driver"].string());
  const std::string dsn(connection["dsn"].string());
  if (driver.empty() && dsn.empty()) {
    return invalid(
        "an ODBC connection needs `driver:` (sqlite, postgresql, mariadb, a registered name, a library) or "
        "`dsn:`");
  }
  const Dialect dialect =
      dialect_of(connection["dialect"].is_string() ? connection["dialect"].string() : driver);
  Options options = dsn.empty() ? Options{{"DRIVER", driver_library(driver)}} : Options{{"DSN", dsn}};
  for (auto& [name, value] : safe_defaults(dialect)) set(options, name, value);
  const std::pair<const char*, const char*> keys[] = {{"server", "Server"},
                                                      {"port", "Port"},
                                                      {"database", "Database"},
                                                      {"username", "UID"},
                                                      {"password", "PWD"}};
  for (const auto& [key, name] : keys) {
    if (const Json* value = connection.find(key); value != nullptr) set(options, name, text_of(*value));
  }
  for (const auto& [name, value] : connection["options"].members()) {
    if (!is_word(name)) return invalid("connection option \"" + name + "\" is not a driver's key");
    set(options, name, text_of(value));
  }
  std::string result;
  for (const auto& [name, value] : options) result += name + "=" + quoted(value) + ";";
  return result;
}

const char* session_sql(Dialect dialect) {
  switch (dialect) {
    case Dialect::PostgreSql:
      return "SET TIME ZONE 'UTC'";
    case Dialect::MariaDb:
      return "SET time_zone = '+00:00'";
    default:
      return nullptr;
  }
}

std::string limit_clause(Dialect dialect, int64_t rows) {
  const std::string count = std::to_string(rows);
  switch (dialect) {
    case Dialect::SqlServer:
      return " OFFSET 0 ROWS FETCH NEXT " + count + " ROWS ONLY";
    case Dialect::Generic:
      return " FETCH FIRST " + count + " ROWS ONLY";
    default:
      return " LIMIT " + count;
  }
}

std::string clock_minus(Dialect dialect, int64_t seconds) {
  const std::string count = std::to_string(seconds);
  switch (dialect) {
    case Dialect::Sqlite:
      return "strftime('%Y-%m-%d %H:%M:%f', 'now', '-" + count + " seconds')";
    case Dialect::PostgreSql:
      return "current_timestamp - interval '" + count + " seconds'";
    case Dialect::SqlServer:
      return "dateadd(second, -" + count + ", sysutcdatetime())";
    default:
      return "current_timestamp - interval " + count + " second";
  }
}

}  // namespace talon::odbc
