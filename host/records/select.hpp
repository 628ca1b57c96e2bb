/// A caller's query as one SQL statement, with the row filter inside it.
#pragma once

#include "host/records/links.hpp"
#include "host/records/read_entry.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace talon::records {

/// One column of the answer and where its value stands in the statement's rows.
struct Output {
  Column column;
  int cell = -1;
  int currency_cell = -1;  ///< of a money column: where its currency stands; −1: none
  int type_cell = -1;      ///< of an audit entry's content: which type it is about
  int level_cell = -1;     ///< the level of this row (Decision::read_level); −1: `level` for all
  gate::Level level = gate::Level::Edit;
  const gate::Mask* mask = nullptr;
};

struct OrderKey {
  std::string path;
  std::string sql;
  bool is_descending = false;
  int cell = -1;
  bool may_be_empty = true;
};

/// A type that links lead into and that keeps a read log: which of its records a row shows, and what of them.
struct LinkedRead {
  std::string link;  ///< "worker", "client.owner"
  const TypeInfo* type = nullptr;
  std::vector<std::string> fields;
  int cell = -1;          ///< of the linked record's id; −1: none is shown
  bool is_asked = false;  ///< rows are filtered, sorted, grouped or added up by one of the fields
};

/// A statement ready to run. Holds its decisions alive, since masks point into them.
struct Select {
  storage::Sql sql;
  std::optional<storage::Sql> total;  ///< counts the rows, when asked for
  std::vector<Output> outputs;
  std::vector<OrderKey> order;  ///< ends with the tie-break
  int id_cell = -1;             ///< −1: rows have no id (groups, views)
  /// Of the one record that a row is, or belongs to, for the read log: empty where a group has several; −1:
  /// none is named.
  int record_cell = -1;
  TextArray shown;  ///< paths of the outputs
  std::vector<LinkedRead> linked_reads;
  /// The condition as the read log keeps it, where it holds a personal value; empty: as the request says it.
  std::string logged_where;
  int by_bind = -1;        ///< which bind of `sql` holds `QueryRequest::by_id`; −1: none
  int total_by_bind = -1;  ///< the same of `total`, whose binds stand elsewhere
  std::shared_ptr<const gate::Decision> decision;
  std::shared_ptr<const Generation> generation;
  const TypeInfo* type = nullptr;
  /// The view decisions of the types that links lead into, by type.
  std::map<std::string, std::shared_ptr<const gate::Decision>, std::less<>> linked;
};

/// What a cursor is bound to: filter, order and principal.
std::string cursor_binding(const Call& call, const QueryRequest& request, const std::vector<OrderKey>& order);

/// Where a statement runs and for whom.
struct Reading {
  Records::Inside& inside;
  const Call& call;
  storage::Reader& reader;
  bool logs =
      true;  ///< false inside a transaction, where no plugin may be called: the caller logs afterwards
};

/// Runs it: rows are masked and noted in the read log before `sink` gets them.
Result<PageEnd> run_select(const Reading& reading, const Select& select, const QueryRequest& request,
                           const QuerySink& sink);

/// Builds the statement for `request`.
///
/// The row filter, the caller's filter and the cursor all stand in the WHERE; a view's filter stands below
/// its grouping. A field that the caller may not see on every row that the scope can reach may not be
/// filtered, sorted or grouped by.
/// @errors InvalidArgument: unknown or hidden field, bad condition (details: line, column), bad cursor;
///         PermissionDenied: nothing of the type may be seen; NotFound: no such type.
Result<Select> build_select(Records::Inside& inside, const Call& call, const QueryRequest& request);

/// The same, kept from an earlier call where all that it was built from still holds. Requests with a cursor
/// are always built.
Result<std::shared_ptr<const Select>> find_select(Records::Inside& inside, const Call& call,
                                                  const QueryRequest& request);

}  // namespace talon::records
