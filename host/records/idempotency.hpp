/// Idempotency keys: the same request twice has one effect and one answer (decisions 8).
#pragma once

#include "host/records/inside.hpp"

#include <optional>
#include <string>
#include <vector>

namespace talon::records {

/// Holds a key while its request is under way on this host.
class KeyInUse {
 public:
  /// @return Aborted: a twin is under way (HTTP 409, try again soon).
  static Result<KeyInUse> take(Records::Inside& inside, const Call& call);
  KeyInUse(KeyInUse&& other) noexcept;
  KeyInUse& operator=(KeyInUse&&) = delete;
  ~KeyInUse();

 private:
  KeyInUse(Records::Inside& inside, std::pair<std::string, std::string> key)
      : inside_(&inside), key_(std::move(key)) {}

  Records::Inside* inside_;
  std::pair<std::string, std::string> key_;
};

struct StoredAnswer {
  Json answer;
  bool is_under_same_rights = false;  ///< as those of `request_hash`
};

/// The answer that was stored for the call's key, if there is one.
/// @param request_hash  of type, id, action and body; behind a slash, of the caller's rights.
/// @return FailedPrecondition with details {"reason":"key_reused"}: the key belongs to another request (HTTP
/// 422).
Result<std::optional<StoredAnswer>> stored_answer(storage::Reader& reader, const Call& call,
                                                  std::string_view request_hash);

/// Stores the answer in the transaction of its effect; nothing when the call has no key.
Result<void> store_answer(Records::Inside& inside, const Call& call, const std::string& request_hash,
                          const Json& answer, storage::Transaction& transaction);

/// An answer as it is stored: a mark stands for each personal value, and for each list with such values. The
/// values are the record's alone, so that somebody who is forgotten stays in no answer.
Json without_personal(const model::Model& model, const model::RecordType& type, const Json& answer);
/// What to read of the record to put them back: at least its id; nothing named: all of it.
std::vector<std::string> fields_kept_apart(const model::RecordType& type, const Json& answer);
/// The record's values of today in place of the marks; what is out of the caller's sight by now goes out.
void put_apart_back(const Json& record, Json& answer);

}  // namespace talon::records
