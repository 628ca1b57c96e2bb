/// The one door to data, as plugin code sees it: queries, change sets and actions for one principal.
#pragma once

#include <talon/abi/host_tables.h>
#include <talon/changeset.hpp>
#include <talon/date.hpp>
#include <talon/money.hpp>
#include <talon/value.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon {

/// A query: {"type","fields":[PATH…],"where":EXPR,"order":["-date"],"group":[…],"aggregates":[…],"limit":N,
/// "cursor":TOKEN} (docs/queries.md). `where` is the inline form of the condition language.
struct Query {
  std::string type;
  std::vector<std::string> fields = {};  ///< paths, up to three links; "id" and "version" are fields too
  std::string where = {};
  std::vector<std::string> order = {};       ///< "-date": descending
  std::vector<std::string> group = {};       ///< paths; then `aggregates` follow the group's columns
  std::vector<std::string> aggregates = {};  ///< "count", "sum net_total", "min day", "max day"
  int64_t limit = 0;                         ///< 0: all rows, streamed
  std::string to_json() const;
  /// Names of the answer's columns: `fields`, or `group` and then `aggregates`.
  std::vector<std::string> columns() const;
};

/// An owned row of a query's answer: values by field name.
class Record {
 public:
  /// @param names  of the row's values; shared by all rows of one answer.
  Record(std::shared_ptr<const std::vector<std::string>> names, Row row);

  const Value& value(std::string_view field) const;  ///< Null where the field was not asked for
  bool is_empty(std::string_view field) const { return value(field).is_null(); }
  int64_t integer(std::string_view field) const { return value(field).integer(); }
  std::string text(std::string_view field) const { return std::string(value(field).text()); }
  bool is_on(std::string_view field) const { return integer(field) != 0; }
  Date date(std::string_view field) const;  ///< 1970-01-01 where it is empty

 private:
  std::shared_ptr<const std::vector<std::string>> names_;
  std::vector<Value> values_;
};

/// Reads and writes for one principal. Cheap to copy; valid as long as the call that it came with. @threads
/// any.
class Records {
 public:
  Records(const talon_records_v1* table, const talon_call* call) : table_(table), call_(call) {}

  /// All rows, owned. For what may be large use `each`.
  Result<std::vector<Record>> query(const Query& query) const;
  /// Streams rows; `row` ends it by returning an error. Memory does not grow with the count.
  Result<void> each(const Query& query, const std::function<Result<void>(Row)>& row) const;
  /// One record by id (text form or number). @return NotFound: not there, or not for this principal.
  Result<Record> get(std::string_view type, std::string_view id,
                     const std::vector<std::string>& fields) const;
  Result<Record> get(std::string_view type, int64_t id, const std::vector<std::string>& fields) const;
  /// Writes a change set in one transaction. @return its answer. Aborted: a version or guard was stale; read
  /// again.
  Result<Json> apply(const ChangeSet& changes) const;
  Result<Json> act(std::string_view type, std::string_view id, std::string_view action,
                   const Json& input) const;
  /// {"user","kind","roles","request"}.
  Result<Json> principal() const;

 private:
  const talon_records_v1* table_;
  const talon_call* call_;
};

}  // namespace talon

#ifndef TALON_SDK_LIBRARY
#include <talon/records_client.hpp>
#endif
