/// Removing a person: they are out for ever, and nothing here tells any more who they were.
#pragma once

#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

#include <talon/changeset.hpp>

#include <string_view>

namespace talon::identity {

/// The record stays, and with it the id that other records and the audit log name. @threads any.
class Removal {
 public:
  explicit Removal(const runtime::Clock& clock) : clock_(clock) {}
  void set_records(records::Records& records) { records_ = &records; }

  /// Ends the person's sessions, tokens and links to providers and empties what these and letters tell of
  /// them. @return what is to be written of the person: state, a name and an address that are nobody's, no
  /// password, no roles, no facts, no second factor.
  ///
  /// Both parts may be done again: whoever is removed half is out already.
  /// @param call  whose right to do so has been judged.
  /// @errors NotFound; FailedPrecondition: removed before.
  Result<ChangeSet> prepare(const gate::Call& call, int64_t user) const;

 private:
  /// Changes all rows of `type` that `where` takes, some hundreds at a time.
  Result<void> sweep(const gate::Call& call, std::string_view type, const std::string& where,
                     const ChangeSet::Fields& fields) const;
  Result<void> unlink(const gate::Call& call, const std::string& user) const;

  const runtime::Clock& clock_;  // outlives this
  records::Records* records_ = nullptr;
};

}  // namespace talon::identity
