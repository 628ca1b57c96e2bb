/// Audit entries of what happened without changing a record.
#include "host/records/journal.hpp"

namespace talon::records {

Result<void> Records::note(const Call& call, const Note& note) {
  AuditEntry entry{note.kind, note.type, note.record, note.action, {}, note.content};
  if (call.principal.kind == gate::Principal::Kind::User) {
    // The set of rules that they are judged by, whatever about.
    const auto decision = inside_->parts.gate->decide(call.principal, "view", "user");
    if (decision) entry.policy_set = (*decision)->plan().policy_set;
  }
  TALON_DO(inside_->parts.database->write(storage::Lane::Interactive, "",
                                          [&](storage::Transaction& transaction) -> Result<void> {
                                            return Journal(*inside_, call, transaction).audit(entry);
                                          }));
  inside_->note_commit();
  return {};
}

}  // namespace talon::records
