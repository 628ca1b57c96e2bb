/// Carries out a change set inside one transaction: judged, checked, written, with its journal.
#pragma once

#include "host/records/journal.hpp"
#include "host/records/operation.hpp"
#include "host/records/renames.hpp"
#include "host/records/rights.hpp"
#include "host/records/row_values.hpp"

#include <map>
#include <set>
#include <string>

namespace talon::records {

/// One run over one transaction. Operations go in order, but numbers are taken after all that does not need
/// them, so that their rows are locked as briefly as can be (decisions 1).
class Writer {
 public:
  Writer(Records::Inside& inside, const Call& call, const Generation& generation, const Rights& rights,
         storage::Transaction& transaction)
      : inside_(inside),
        call_(call),
        generation_(generation),
        rights_(rights),
        transaction_(transaction),
        journal_(inside, call, transaction) {}

  /// @errors NotFound, PermissionDenied, FailedPrecondition (frozen, wrong state), Aborted (a stale version
  /// or guard;
  ///         details {"version": N}), InvalidArgument with details, AlreadyExists: a unique key.
  Result<void> run(const Operations& operations);

  /// True when a type that decides about people's rights was written.
  bool touched_security() const { return touched_security_; }
  /// The version that a record has now; 0: it was not written here.
  int64_t version_of(const TypeInfo& type, int64_t id) const;
  /// What the upserts of this run met.
  const Renames& renames() const { return renames_; }

 private:
  /// An action that leaves its own record alone is judged on it all the same.
  Result<void> judge_acted(const Operations& operations);
  Result<void> carry_out(const Operation& operation);
  Result<void> create(const Operation& operation);
  Result<void> create_all(const Operation& operation);
  Result<void> change(const Operation& operation, int64_t id);
  Result<void> upsert(const Operation& operation);
  Result<void> remove(const Operation& operation);
  Result<void> next(const Operation& operation);
  Result<void> guard(const Operation& operation);

  /// What the host sets of a new record's row.
  void stamp_new(int64_t id, RowValues& row) const;
  /// @param row  as it is written.
  Result<void> judge_created(const TypeInfo& type, const RowValues& row);
  /// The row; NotFound in the words of a hidden one. ForUpdate locks it where the database locks rows.
  enum class Lock { None, ForUpdate };
  Result<RowValues> read_row(const TypeInfo& type, int64_t id, Lock lock);
  Result<void> judge_before(const Operation& operation, std::string_view action, const RowValues& row);
  Result<void> judge_fields(const Operation& operation, std::string_view action, const RowValues& row);
  Result<void> check_append_only(const Operation& operation, const RowValues& before, const RowValues& after,
                                 const std::vector<std::size_t>& changed) const;
  Result<void> check_frozen(const Operation& operation, const RowValues& row);
  Result<void> check_references(const TypeInfo& type, const RowValues& row,
                                const std::vector<std::size_t>& columns);
  Result<void> insert(const TypeInfo& type, const RowValues& row);
  /// A row goes with what it holds: where a field is locked for the caller, so is a row that has it set.
  Result<void> judge_dropped(const Operation& operation, const ChildRows& list, const RowValues& stood,
                             const std::map<int64_t, RowValues>& rows) const;
  /// @param stood  the record as it was; null: it is new.
  Result<void> write_lists(const Operation& operation, const RowValues& parent, const RowValues* stood,
                           Json& before, Json& after);
  /// What the journal says of them; an empty object where none is kept.
  Json journaled_values(const TypeInfo& type, const RowValues& row,
                        const std::vector<std::size_t>& columns) const;
  Result<void> journal(const Operation& operation, int64_t id, int64_t version, std::string_view action,
                       Json content);
  std::string policy_set(const Operation& operation, std::string_view action) const;

  Records::Inside& inside_;
  const Call& call_;
  const Generation& generation_;
  const Rights& rights_;
  storage::Transaction& transaction_;
  Journal journal_;
  Numbers numbers_;
  Renames renames_;
  std::set<std::pair<std::string, int64_t>> known_references_;
  bool touched_security_ = false;
  std::map<std::pair<std::string, int64_t>, int64_t> versions_;  ///< by type and id
};

}  // namespace talon::records
