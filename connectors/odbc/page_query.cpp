/// The SQL of one page: keyset in cursor order, bounded above, with the values as parameters.
#include "page_query.hpp"

#include <algorithm>
#include <cctype>

namespace talon::odbc {
namespace {

/// A plain column or SCHEMA.TABLE name. Anything else goes into a query, where the admin writes the quotes.
bool is_name(std::string_view text, bool may_have_dots) {
  bool at_start = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '.' && may_have_dots && !at_start) {
      at_start = true;
      continue;
    }
    if (std::isalpha(byte) == 0 && c != '_' && (at_start || std::isdigit(byte) == 0)) return false;
    at_start = false;
  }
  return !at_start;
}

Result<std::vector<std::string>> names(const Json& list, const char* what) {
  std::vector<std::string> result;
  for (const Json& item : list.items()) {
    if (!is_name(item.string(), false)) {
      return invalid(std::string(what) + " \"" + std::string(item.string()) +
                     "\" is not a plain column name; give it one with AS in `query:`");
    }
    result.emplace_back(item.string());
  }
  return result;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string result;
  for (const std::string& part : parts) result += (result.empty() ? "" : ", ") + part;
  return result;
}

std::string select(const PageRequest& request) {
  return "SELECT " + joined(selected_columns(request)) + " FROM " + request.from;
}

}  // namespace

Result<PageRequest> read_page_request(const Json& request) {
  PageRequest page;
  if (const auto table = request["table"].string(); !table.empty()) {
    if (!is_name(table, true))
      return invalid("\"" + std::string(table) + "\" is not a table's name; use `query:`");
    page.from = table;
  } else if (const auto query = request["query"].string(); !query.empty()) {
    page.from = "(" + std::string(query) + ") source";
  } else {
    return invalid("a stream from ODBC needs `table:` or `query:`");
  }
  TALON_TRY(page.columns, names(request["columns"], "column"));
  TALON_TRY(page.cursor, names(request["cursor"], "cursor column"));
  if (page.columns.empty()) return invalid("a stream from ODBC needs `columns:`");
  if (page.cursor.size() > 2) return invalid("a cursor has one or two columns, as in [updated_at, id]");
  for (const Json& value : request["position"].items()) page.position.push_back(text_of(value));
  if (!page.position.empty() && page.position.size() != page.cursor.size()) {
    return invalid("the stored position has " + std::to_string(page.position.size()) +
                   " values, the cursor " + std::to_string(page.cursor.size()) +
                   "; run `talon sync reset` for this stream");
  }
  page.since = text_of(request["since"]);
  page.settle_s = request["settle_s"].integer();
  page.limit = request["limit"].integer();
  if (const Json* in = request.find("in"); in != nullptr) {
    TALON_TRY(const auto column, names(Json::array({(*in)["column"]}), "column"));
    page.in_column = column.front();
    for (const Json& value : (*in)["values"].items()) page.in_values.push_back(text_of(value));
  }
  return page;
}

std::vector<std::string> selected_columns(const PageRequest& request) {
  std::vector<std::string> columns = request.columns;
  for (const std::string& name : request.cursor) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  }
  return columns;
}

std::string page_sql(Dialect dialect, const PageRequest& request, std::vector<Parameter>& parameters) {
  std::vector<std::string> conditions;
  const auto& cursor = request.cursor;
  const auto add = [&](const std::string& column, const std::string& text) {
    parameters.push_back({column, text});
  };
  if (request.position.size() == 1) {
    conditions.push_back(cursor[0] + " > ?");
    add(cursor[0], request.position[0]);
  } else if (request.position.size() == 2) {
    conditions.push_back(cursor[0] + " >= ? AND (" + cursor[0] + " > ? OR " + cursor[1] + " > ?)");
    add(cursor[0], request.position[0]);
    add(cursor[0], request.position[0]);
    add(cursor[1], request.position[1]);
  } else if (!request.since.empty() && !cursor.empty()) {
    conditions.push_back(cursor[0] + " >= ?");
    add(cursor[0], request.since);
  }
  if (request.settle_s > 0 && cursor.size() == 2) {
    conditions.push_back(cursor[0] + " <= " + clock_minus(dialect, request.settle_s));
  }
  if (!request.in_column.empty()) {
    std::string marks;
    for (const std::string& value : request.in_values) {
      marks += marks.empty() ? "?" : ", ?";
      add(request.in_column, value);
    }
    conditions.push_back(request.in_column + " IN (" + (marks.empty() ? "NULL" : marks) + ")");
  }
  std::string sql = select(request);
  for (std::size_t i = 0; i < conditions.size(); ++i) sql += (i == 0 ? " WHERE " : " AND ") + conditions[i];
  if (!cursor.empty()) sql += " ORDER BY " + joined(cursor);
  if (request.limit > 0) sql += limit_clause(dialect, request.limit);
  return sql;
}

std::string unreachable_sql(const PageRequest& request) {
  return "SELECT count(*) FROM " + request.from + " WHERE " + request.cursor[0] + " IS NULL";
}

std::string shape_sql(const PageRequest& request) { return select(request) + " WHERE 1 = 0"; }

}  // namespace talon::odbc
