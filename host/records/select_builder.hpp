/// Builds the statement of a query; its definitions stand in select.cpp (rows) and select_order.cpp (groups
/// and order).
#pragma once

#include "host/records/select.hpp"
#include "host/records/view_source.hpp"

#include <talon/expression/parse.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::records {

/// Builds one statement. @threads one at a time.
class SelectBuilder {
 public:
  SelectBuilder(Records::Inside& inside, const Call& call, const QueryRequest& request)
      : inside_(inside), call_(call), request_(request) {}

  Result<Select> build();

 private:
  const model::RecordType& type() const { return *select_.type->type; }
  bool is_grouped() const { return !request_.group.empty() || !request_.aggregates.empty(); }

  Error hidden(std::string_view path, std::string_view verb) const;
  /// A field that may decide which rows come, and in which order: visible, unmasked, on every row.
  Result<PathField> resolve_open(std::string_view path, std::string_view verb);
  /// As `resolve_open`, of what rows are grouped, added up or sorted by: no file, which has no order, and
  /// which a cursor would carry whole.
  Result<PathField> resolve_value(std::string_view path, std::string_view verb);
  /// A view's rule may grant just some columns.
  bool is_column_granted(std::string_view path) const;
  Result<void> check_paths(const expression::Expression& condition);
  /// An amount's currency goes with the amount, whatever columns are granted. @return nothing where it is not
  /// visible on every row.
  Result<std::optional<PathField>> visible_currency(const std::string& path);
  Result<void> check_currencies(const std::vector<std::string>& paths);
  Result<void> read_where();
  int add_cell(const std::string& sql);
  Result<void> add_output(const std::string& path);
  /// The currency stands beside the amount, or in a child list's parent.
  Result<int> add_currency(const std::string& path, const PathField& field);
  enum class LinkedUse { Shown, Asked };
  /// Notes whose values `path` shows, or tells by which rows come and in which order, where their type keeps
  /// a read log.
  Result<void> add_linked_reads(const std::string& path, LinkedUse use);
  /// Refuses groups that show single records of a type with a read log without naming them.
  Result<void> check_groups();
  Result<void> check_groups_of(const std::string& link, const TypeInfo& type);
  std::vector<std::string> default_fields() const;
  Result<void> add_fields();

  Result<void> add_groups();
  void add_group_records();
  Result<void> add_aggregate(const std::string& aggregate);
  int cell_of(std::string_view path) const;
  Result<void> add_order_key(const std::string& text);
  /// Orders rows that are alike in all before it. @param cell  −1: not selected yet.
  void add_tie_break(const std::string& name, const std::string& sql, int cell);
  void add_view_keys();
  /// By which keys a view is grouped for this caller.
  Result<void> read_key_uses();
  bool is_emptied_key(const std::string& path) const;
  Result<void> add_order();
  Result<void> write_after_cursor(storage::Sql& sql);

  /// Of a child: the record that it belongs to.
  std::string parent_sql() const;
  /// The fields that the rules name: a child is judged as its parent, which the statement joins as p.
  storage::PathSql judged_path() const;
  /// @return which of the statement's binds holds the id of `QueryRequest::by`; −1: none.
  Result<int> write_from(storage::Sql& sql);
  void write_cells(storage::Sql& sql);
  Result<void> write();

  Records::Inside& inside_;
  const Call& call_;
  const QueryRequest& request_;
  Select select_;
  std::unique_ptr<Links> links_;
  expression::Expression where_;
  int64_t today_ = 0;
  std::vector<std::string> cells_;
  std::vector<std::pair<int, std::string>> level_cells_;
  std::map<std::string, int> currency_cells_;
  std::string group_sql_;
  KeyUses key_uses_;  ///< of a view
};

}  // namespace talon::records
