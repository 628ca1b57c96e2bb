/// A page of source rows, with the rows of their child lists, as the drivers gave them.
#pragma once

#include "mapping.hpp"

#include <talon/connector.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace talon::sync {

using Texts = std::vector<std::optional<std::string>>;

/// One source row: texts in the order of the stream's columns.
struct SourceRow {
  Texts cells;
  std::map<std::string, std::vector<Texts>> lists;  ///< by list name, cells in the order of ListMap::columns
  std::string fault;                                ///< why a cell could not be read whole; empty: none
  std::string fault_field;
};

struct SourcePage {
  std::vector<SourceRow> rows;
  Json next;  ///< null: the end
  std::string fingerprint;
  std::vector<std::string> warnings;
  std::vector<std::string> absent;  ///< mapped columns that no row of the page had
};

/// Reads the page at `position` (null: from `since`, or the start).
/// @return as the driver says: FailedPrecondition where a mapped column is gone; Unavailable: try again
/// later.
Result<SourcePage> read_page(const connector::Source& source, const Stream& stream, const Json& position,
                             const std::string& since);

/// All external ids of the stream, in the source's order, streamed.
Result<void> each_key(const connector::Source& source, const Stream& stream,
                      const std::function<Result<void>(std::string_view key)>& take);

/// A row as JSON, to be kept with a reject and read again.
Json row_json(const Stream& stream, const SourceRow& row);
/// What stands for the key of a row that has none a field could hold.
std::string unusable_key(const Stream& stream, const SourceRow& row);
SourceRow read_row(const Stream& stream, const Json& json);

}  // namespace talon::sync
