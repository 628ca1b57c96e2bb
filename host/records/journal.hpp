/// The rows that every change leaves beside itself, in the same transaction: its audit entry and its outbox
/// event.
#pragma once

#include "host/records/inside.hpp"
#include "host/records/personal.hpp"

#include <string>
#include <string_view>

namespace talon::records {

/// One audit entry before it is written. `content` is canonical JSON (sorted keys).
struct AuditEntry {
  std::string kind = "change";  ///< change, read, access or system
  std::string type;
  int64_t record = 0;
  std::string action;  ///< create, edit, delete or the action's name
  std::string policy_set;
  Json content;                         ///< {"version", "before": {…}, "after": {…}, "elevated": […]}
  std::vector<PersonalValue> personal;  ///< of `content`, which has their hashes
};

/// The canonical text whose SHA-256 is the entry's `hash`: a JSON object with sorted keys of what never goes;
/// integers as numbers, empty texts as "". @param payload  the digest of `payload_text`.
std::string audit_text(int64_t id, int64_t at, const Call& call, const AuditEntry& entry,
                       std::string_view payload);
/// The same of what may go when its time is over: salt, address, reason and content.
std::string payload_text(const Call& call, std::string_view content, std::string_view salt);

/// Writes journal rows for one transaction. Ids are given inside it, so that on SQLite their order is commit
/// order.
class Journal {
 public:
  Journal(Records::Inside& inside, const Call& call, storage::Transaction& transaction)
      : inside_(inside), call_(call), transaction_(transaction) {}

  Result<void> audit(const AuditEntry& entry);
  /// @param data  JSON text.
  Result<void> event(std::string_view event, std::string_view type, int64_t record, int64_t version,
                     std::string_view data);

 private:
  /// The personal values of an entry, beside the chain.
  Result<void> keep_apart(const AuditEntry& entry, int64_t id, int64_t at);

  Records::Inside& inside_;
  const Call& call_;
  storage::Transaction& transaction_;
};

}  // namespace talon::records
