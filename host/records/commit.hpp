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

/// A request that may have been made before under its idempotency key.
struct Repeatable {
  const model::RecordType& type;
  std::string action;
  std::string hash;  ///< of `hash_request`
};

/// The answer stored for the call's idempotency key, if any, as far as today's rights give it: whoever may no
/// longer do it is refused; where the record is out of sight by now, or the rights have changed, the id and
/// the version are all of it. Outside any transaction.
Result<std::optional<Written>> replay(Records& records, Records::Inside& inside, const Call& call,
                                      const Repeatable& request);

/// Binds a key to its request: what is asked for, and behind a slash the rights that it was answered under.
Result<std::string> hash_request(const Records::Inside& inside, const Call& call, std::string_view type,
                                 std::string_view id, std::string_view action, const Json& body);

}  // namespace talon::records
