/// Audit entries and outbox events.
#include "host/records/journal.hpp"

#include "host/runtime/digest.hpp"

#include <talon/id.hpp>

namespace talon::records {

namespace {

std::string on_behalf_of(const Call& call) {
  return call.principal.on_behalf_of == 0 ? std::string() : id_text("usr", call.principal.on_behalf_of);
}

}  // namespace

std::string audit_text(int64_t id, int64_t at, const Call& call, const AuditEntry& entry) {
  return Json::object({{"id", id},
                       {"at", at},
                       {"kind", entry.kind},
                       {"principal", call.principal.name()},
                       {"on_behalf_of", on_behalf_of(call)},
                       {"channel", call.channel},
                       {"address", call.address},
                       {"request", call.request_id},
                       {"type", entry.type},
                       {"record", entry.record},
                       {"action", entry.action},
                       {"reason", call.reason},
                       {"policy_set", entry.policy_set},
                       {"content", entry.content.to_string(Json::Keys::Sorted)}})
      .to_string(Json::Keys::Sorted);
}

Result<void> Journal::audit(const AuditEntry& entry) {
  const int64_t id = inside_.new_id();
  const int64_t at = inside_.parts.now_us();
  static const std::string kInsert =
      "insert into audit_entries (id, version, created_at, updated_at, at, kind, principal, on_behalf_of, "
      "channel, address, request, type, record, "
      "action, reason, policy_set, content, hash) values (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?)";
  return transaction_.post(
      {kInsert,
       {id, at, at, at, entry.kind, call_.principal.name(), on_behalf_of(call_), call_.channel, call_.address,
        call_.request_id, entry.type, entry.record, entry.action, call_.reason, entry.policy_set,
        entry.content.to_string(Json::Keys::Sorted), runtime::sha256_hex(audit_text(id, at, call_, entry))}},
      1);
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
