/// One record as the API shows it.
#pragma once

#include "host/records/select.hpp"

#include <memory>
#include <string>
#include <vector>

namespace talon::records {

/// The statements that read one record with its child lists, judged and built before any transaction.
struct RecordSelect {
  QueryRequest request;
  std::shared_ptr<const Select> main;
  std::vector<std::string> list_names;
  std::vector<QueryRequest> list_requests;
  std::vector<std::shared_ptr<const Select>> lists;
};

/// @param fields  paths and names of child lists; empty: all that are visible, lists included.
Result<RecordSelect> build_record_select(Records::Inside& inside, const Call& call, const TypeInfo& type,
                                         int64_t id, const std::vector<std::string>& fields);

/// @return NotFound: not there or not visible.
Result<Json> read_record(const Reading& reading, const RecordSelect& select);

/// Sets `record`'s members from a row; "client.name" becomes {"client.name": …}. Values hidden on this row
/// are left out.
void add_members(const model::Model& model, const std::vector<Column>& columns, Row row, Json& record);

}  // namespace talon::records
