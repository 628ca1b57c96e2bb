/// Audit entries and outbox events.
#include "host/records/journal.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/random.hpp"

namespace talon::records {

std::string audit_text(int64_t id, int64_t at, const Call& call, const AuditEntry& entry,
                       std::string_view payload) {
  return Json::object({{"action", entry.action},
                       {"at", at},
                       {"channel", call.channel},
                       {"id", id},
                       {"kind", entry.kind},
                       {"on_behalf_of", call.principal.author_for()},
                       {"payload", payload},
                       {"policy_set", entry.policy_set},
                       {"principal", call.principal.author()},
                       {"record", entry.record},
                       {"request", call.request_id},
                       {"type", entry.type}})
      .to_string();
}

std::string payload_text(const Call& call, std::string_view content, std::string_view salt) {
  return Json::object(
             {{"address", call.address}, {"content", content}, {"reason", call.reason}, {"salt", salt}})
      .to_string();
}

Result<void> Journal::audit(const AuditEntry& entry) {
  const int64_t id = inside_.new_id();
  const int64_t at = inside_.parts.now_us();
  const std::string content = entry.content.to_string(Json::Keys::Sorted);
  const std::string salt = runtime::hex(runtime::random_bytes(kSaltBytes));
  const std::string payload = runtime::sha256_hex(payload_text(call_, content, salt));
  static const std::string kInsert =
      "insert into audit_entries (id, version, created_at, updated_at, at, kind, principal, on_behalf_of, "
      "channel, address, request, type, record, action, reason, policy_set, content, salt, payload, hash) "
      "values (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  TALON_DO(
      transaction_.post({kInsert,
                         {id, at, at, at, entry.kind, call_.principal.author(), call_.principal.author_for(),
                          call_.channel, call_.address, call_.request_id, entry.type, entry.record,
                          entry.action, call_.reason, entry.policy_set, content, salt, payload,
                          runtime::sha256_hex(audit_text(id, at, call_, entry, payload))}},
                        1));
  return keep_apart(entry, id, at);
}

Result<void> Journal::keep_apart(const AuditEntry& entry, int64_t id, int64_t at) {
  static const std::string kInsert =
      "insert into audit_values (id, version, created_at, updated_at, entry, type, record, path, hash, salt, "
      "value) values (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  for (const PersonalValue& value : entry.personal) {
    TALON_DO(transaction_.post({kInsert,
                                {inside_.new_id(), at, at, id, entry.type, entry.record, value.path,
                                 value.hash, value.salt, value.value}},
                               1));
  }
  return {};
}

Result<void> Journal::event(std::string_view event, std::string_view type, int64_t record, int64_t version,
                            std::string_view data) {
  static const std::string kSqlite =
      "insert into outbox (id, at, event, type, record, version, data, tx) values (?, ?, ?, ?, ?, ?, ?, 0)";
  static const std::string kPostgresql =
      "insert into outbox (id, at, event, type, record, version, data, tx) values (?, ?, ?, ?, ?, ?, ?, "
      "pg_current_xact_id()::text::bigint)";
  return transaction_.post({inside_.dialect() == storage::Dialect::Sqlite ? kSqlite : kPostgresql,
                            {inside_.new_id(), inside_.parts.now_us(), event, type, record, version, data}},
                           1);
}

}  // namespace talon::records
