/// talon.source/1 over ODBC: one page a request, in cursor order.
#include "source.hpp"

#include "fetch.hpp"
#include "page_query.hpp"

#include <algorithm>
#include <map>

namespace talon::odbc {
namespace {

constexpr std::size_t kExactDigits = 15;  // what survives SQLite's binary floats

/// A parameter takes its column's type, so that an index on it serves and 9007199254740993 is no double.
Bound bound(const Parameter& parameter, const std::vector<Column>& shape) {
  Bound value{parameter.text};
  for (const Column& column : shape) {
    if (column.name != parameter.column) continue;
    if (column.sql_type == SQL_BIGINT || column.sql_type == SQL_INTEGER || column.sql_type == SQL_SMALLINT) {
      value.sql_type = SQL_BIGINT;
      value.size = 19;
    } else if (column.sql_type == SQL_DECIMAL || column.sql_type == SQL_NUMERIC) {
      value.sql_type = SQL_DECIMAL;
      value.size = column.size;
      value.scale = column.scale;
    }
  }
  return value;
}

std::size_t digit_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

class OdbcSource : public SourceSession {
 public:
  explicit OdbcSource(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  Result<Json> read(const Json& request, const TakeRow& take) override {
    TALON_TRY(const PageRequest page, read_page_request(request));
    TALON_TRY(const std::vector<Column>* shape, shape_of(page));
    std::vector<Parameter> parameters;
    const std::string sql = page_sql(session_->dialect(), page, parameters);
    std::vector<Bound> bounds;
    for (const Parameter& parameter : parameters) bounds.push_back(bound(parameter, *shape));
    TALON_TRY(const Rows rows, fetch(*session_, sql, bounds));
    TALON_DO(give(rows, page.columns.size(), take));
    Json end = Json::object({{"next", next(rows, page)}, {"fingerprint", fingerprint(rows.columns)}});
    end.set("rows", static_cast<int64_t>(rows.count()));
    Json faults = Json::array();
    for (const Fault& fault : rows.faults) {
      faults.push(Json::object({{"row", static_cast<int64_t>(fault.row)},
                                {"column", rows.columns[fault.column].name},
                                {"reason", fault.reason}}));
    }
    end.set("faults", std::move(faults));
    TALON_TRY(Json warnings, warnings_of(rows, page));
    end.set("warnings", std::move(warnings));
    TALON_DO(session_->end(Session::Ending::Commit));  // the next page sees what was committed meanwhile
    return end;
  }

  Result<Json> describe(const Json& request) override {
    TALON_TRY(const PageRequest page, read_page_request(request));
    TALON_TRY(const std::vector<Column>* shape, shape_of(page));
    Json columns = Json::array();
    for (const Column& column : *shape) {
      columns.push(Json::object({{"name", column.name}, {"type", type_name(column)}}));
    }
    return Json::object({{"columns", std::move(columns)}, {"fingerprint", fingerprint(*shape)}});
  }

  void cancel() override { session_->watchdog().cancel(); }

 private:
  /// The shape of a stream, asked for once a session: what is not there fails here, by name.
  Result<const std::vector<Column>*> shape_of(const PageRequest& page) {
    const std::string sql = shape_sql(page);
    auto known = shapes_.find(sql);
    if (known == shapes_.end()) {
      std::vector<Bound> none;
      TALON_TRY(const Statement statement, session_->execute(sql, none));
      TALON_TRY(auto columns, describe_columns(statement));
      known = shapes_.emplace(sql, std::move(columns)).first;
    }
    return &known->second;
  }

  static Result<void> give(const Rows& rows, std::size_t width, const TakeRow& take) {
    std::vector<Cell> cells(width);
    for (std::size_t r = 0; r < rows.count(); ++r) {
      for (std::size_t c = 0; c < width; ++c) cells[c] = rows.cell(r, c);
      TALON_DO(take(Row(cells.data(), width)));
    }
    return {};
  }

  /// Null where the page was not full: everything up to now was read.
  static Json next(const Rows& rows, const PageRequest& page) {
    if (page.cursor.empty() || page.limit == 0 || static_cast<int64_t>(rows.count()) < page.limit) return {};
    return position(rows, page);
  }
  static Json position(const Rows& rows, const PageRequest& page) {
    const std::vector<std::string> selected = selected_columns(page);
    Json values = Json::array();
    for (const std::string& name : page.cursor) {
      const auto column = std::find(selected.begin(), selected.end(), name) - selected.begin();
      values.push(Json(rows.cell(rows.count() - 1, static_cast<std::size_t>(column)).text()));
    }
    return values;
  }

  Result<Json> warnings_of(const Rows& rows, const PageRequest& page) {
    Json warnings = Json::array();
    if (session_->dialect() == Dialect::Sqlite) {
      for (std::size_t c = 0; c < page.columns.size(); ++c) {
        if (!is_inexact(rows, c)) continue;
        warnings.push(Json("column " + rows.columns[c].name + " holds numbers of " +
                           std::to_string(kExactDigits) +
                           " digits or more as binary floats; SQLite has lost the digits after them"));
      }
    }
    if (page.cursor.size() == 2 && page.position.empty()) {
      std::vector<Bound> none;
      TALON_TRY(const Rows count, fetch(*session_, unreachable_sql(page), none));
      if (count.count() == 1 && count.cell(0, 0).text() != "0") {
        warnings.push(Json(std::string(count.cell(0, 0).text()) + " rows have no " + page.cursor[0] +
                           " and are never read; read them in full, without a cursor"));
      }
    }
    return warnings;
  }
  static bool is_inexact(const Rows& rows, std::size_t column) {
    std::string native = rows.columns[column].native;
    std::transform(native.begin(), native.end(), native.begin(),
                   [](char c) { return static_cast<char>(c | 0x20); });
    const bool is_affine = native.starts_with("decimal") || native.starts_with("numeric");
    if (!is_affine && rows.columns[column].sql_type != SQL_DOUBLE) return false;
    for (std::size_t r = 0; r < rows.count(); ++r) {
      const std::string_view text = rows.cell(r, column).text();
      if (text.find('.') != std::string_view::npos && digit_count(text) >= kExactDigits) return true;
    }
    return false;
  }

  std::unique_ptr<Session> session_;
  std::map<std::string, std::vector<Column>> shapes_;
};

}  // namespace

Result<std::unique_ptr<SourceSession>> open_source(const Json& connection) {
  TALON_TRY(auto session, Session::open(connection));
  return std::unique_ptr<SourceSession>(new OdbcSource(std::move(session)));
}

}  // namespace talon::odbc
