/// The SQL of one page: keyset in cursor order, bounded above, with the values as parameters.
#pragma once

#include "driver.hpp"

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace talon::odbc {

/// A parameter by the column it is compared with; its text is bound with that column's type.
struct Parameter {
  std::string column;
  std::string text;
};

/// What one page asks for, read from a request (connectors/odbc/README.md).
struct PageRequest {
  std::string from;                   ///< "public.customers", or "(SELECT …) source"
  std::vector<std::string> columns;   ///< what the reader gets, in order
  std::vector<std::string> cursor;    ///< one or two columns; the last one is unique
  std::vector<std::string> position;  ///< values of `cursor` of the last row read; empty: from the start
  std::string since;                  ///< lower bound (inclusive) of the first cursor column; empty: none
  int64_t settle_s = 0;               ///< rows younger than this by the peer's clock wait for the next run
  int64_t limit = 0;                  ///< rows; 0: all
  std::string in_column;              ///< children of a page: IN (…)
  std::vector<std::string> in_values;
};

/// @return InvalidArgument: a name that is no identifier, more than two cursor columns, a position that does
/// not fit.
Result<PageRequest> read_page_request(const Json& request);

/// The columns that the statement selects: `columns`, then the cursor's that are not among them.
std::vector<std::string> selected_columns(const PageRequest& request);

/// `c >= ? and (c > ? or id > ?)`: the form that every planner turns into a range scan (a row comparison is a
/// full index scan on MariaDB).
std::string page_sql(Dialect dialect, const PageRequest& request, std::vector<Parameter>& parameters);

/// How many rows the cursor can never reach because its first column is NULL.
std::string unreachable_sql(const PageRequest& request);

/// No rows, just the shape.
std::string shape_sql(const PageRequest& request);

}  // namespace talon::odbc
