/// Removing a person: they are out for ever, and nothing here tells any more who they were.
#pragma once

#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

#include <talon/changeset.hpp>

#include <string>

namespace talon::identity {

/// The record stays, and with it the id that other records and the audit log name. @threads any.
class Removal {
 public:
  explicit Removal(const runtime::Clock& clock) : clock_(clock) {}
  void set_records(records::Records& records) { records_ = &records; }

  /// All that is to be written, at once or not at all: sessions, tokens and waiting letters end, sessions,
  /// letters and links to providers tell nothing of the person any more, and of the person themselves there
  /// is left a state, and a name and an address that are nobody's.
  /// @errors NotFound; FailedPrecondition: removed before.
  Result<ChangeSet> prepare(int64_t user) const;

  /// Does the same with what began for people while they were removed: whoever signed in between what
  /// `prepare` read and what was written left where they were. Asked for after each removal, and now and then
  /// for those that a crash cut short.
  Result<void> finish() const;

 private:
  /// Everything beside the person. @param whose  a condition on what refers to them.
  Result<void> add_rest(const std::string& whose, ChangeSet& changes) const;
  Result<void> end_sessions(const std::string& whose, int64_t now_us, ChangeSet& changes) const;
  Result<void> revoke_tokens(const std::string& whose, int64_t now_us, ChangeSet& changes) const;
  Result<void> empty_letters(const std::string& whose, ChangeSet& changes) const;
  Result<void> unlink(const std::string& whose, ChangeSet& changes) const;
  /// Fields of the rows of `type` that meet both conditions.
  Result<std::vector<std::vector<Value>>> rows_of(const std::string& whose, std::string_view type,
                                                  std::vector<std::string> fields,
                                                  const std::string& where) const;

  const runtime::Clock& clock_;  // outlives this
  records::Records* records_ = nullptr;
};

}  // namespace talon::identity
