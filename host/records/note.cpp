/// Audit entries of what happened without changing a record.
#include "host/records/journal.hpp"

#include <talon/id_list.hpp>

#include <algorithm>

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

Result<void> Records::log_sight(const Call& call, const Sight& sight) {
  constexpr std::size_t kAtOnce = 1000;  // as lists have them: a line has its limit
  const auto generation = inside_->generation();
  TALON_TRY(const TypeInfo* type, Inside::find_type(*generation, sight.type));
  const model::RecordType& logged = type->parent != nullptr ? *type->parent->type : *type->type;
  for (std::size_t from = 0; from < sight.ids.size(); from += kAtOnce) {
    ReadEntry entry{.action = sight.action};
    for (const std::string& field : sight.fields) entry.fields.push(field);
    std::vector<int64_t> numbers;
    for (const std::string& id : sight.ids.subspan(from, std::min(kAtOnce, sight.ids.size() - from))) {
      TALON_TRY(const int64_t number, parse_id(id, type->type->prefix));
      numbers.push_back(number);
    }
    append_ids(entry.records, type->type->prefix, std::move(numbers));
    TALON_DO(inside_->log_read(call, logged, entry));
  }
  return {};
}

}  // namespace talon::records
