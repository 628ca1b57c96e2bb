/// The common end of every write: one transaction with its answer and key, then what must follow a commit.
#pragma once

#include "host/records/idempotency.hpp"
#include "host/records/operation.hpp"
#include "host/records/record_json.hpp"
#include "host/records/rights.hpp"

#include <optional>
#include <string>

namespace talon::records {

/// One write, ready to be carried out. All references outlive the call of `commit`.
struct Commit {
  Records::Inside& inside;
  const Call& call;
  const Generation& generation;
  const Operations& operations;
  const Rights& rights;
  storage::Lane lane = storage::Lane::Interactive;
  std::string request_hash;           ///< with the call's idempotency key
  std::optional<RecordSelect> shown;  ///< reads the answer inside the transaction; none: the id alone
};

/// Runs it. No plugin is called while the transaction is open. @return the answer.
Result<Written> commit(const Commit& work);

/// The answer stored for the call's idempotency key, if any. Outside any transaction.
Result<std::optional<Written>> replay(Records::Inside& inside, const Call& call,
                                      const std::string& request_hash);

/// Binds a key to its request.
std::string hash_request(const Call& call, std::string_view type, std::string_view id,
                         std::string_view action, const Json& body);

}  // namespace talon::records
