/// The room's own reads and writes.
#include "host/identity/store.hpp"

namespace talon::identity {

gate::Call own_call() {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  call.channel = "identity";
  return call;
}

gate::Call own_call(const gate::Call& call) {
  gate::Call own = own_call();
  own.request_id = call.request_id;
  own.address = call.address;
  own.principal.on_behalf_of = call.principal.user;
  return own;
}

Result<std::vector<Value>> find_one(records::Records& records, std::string_view type,
                                    std::vector<std::string> fields, std::string where) {
  records::QueryRequest request;
  request.type = type;
  request.fields = std::move(fields);
  request.where = std::move(where);
  request.limit = 1;
  TALON_TRY(std::vector<std::vector<Value>> rows, find_rows(records, request));
  return rows.empty() ? std::vector<Value>() : std::move(rows.front());
}

Result<std::vector<std::vector<Value>>> find_rows(records::Records& records,
                                                  const records::QueryRequest& request) {
  std::vector<std::vector<Value>> found;
  records::QuerySink sink;
  sink.columns = [](const std::vector<records::Column>&) -> Result<void> { return {}; };
  sink.row = [&](Row row) -> Result<void> {
    std::vector<Value>& values = found.emplace_back();
    for (const Cell& cell : row) values.emplace_back(cell);
    return {};
  };
  TALON_DO(records.query(own_call(), request, sink));
  return found;
}

Result<Json> write(records::Records& records, const gate::Call& call, const ChangeSet& changes,
                   storage::Lane lane) {
  return records.apply(call, changes.json(), lane);
}

Error nobody_signed_in() {
  return {Code::Unauthenticated, "sign in first: the session or token is not valid (any more)"};
}

}  // namespace talon::identity
