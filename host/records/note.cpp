/// Audit entries of what happened without changing a record.
#include "host/records/journal.hpp"

namespace talon::records {

Result<void> Records::note(const Call& call, const Note& note) {
  const AuditEntry entry{note.kind, note.type, note.record, note.action, {}, note.content};
  TALON_DO(inside_->parts.database->write(storage::Lane::Interactive, "",
                                          [&](storage::Transaction& transaction) -> Result<void> {
                                            return Journal(*inside_, call, transaction).audit(entry);
                                          }));
  inside_->note_commit();
  return {};
}

}  // namespace talon::records
