/// Ids that were given to upserts before it was known that their records exist.
#pragma once

#include "host/records/operation.hpp"

#include <map>

namespace talon::records {

/// Within one run: the unused new id of an upsert → the id of the record that its key met. All that names the
/// upsert ("@as") was read with the new id.
class Renames {
 public:
  /// @param is_named  another operation, an event or the answer may name it; a batch of thousands names none.
  void add(int64_t unused, int64_t existing, bool is_named) {
    ids_[unused] = existing;
    has_named_ = has_named_ || is_named;
  }
  bool has_named() const { return has_named_; }
  int64_t real(int64_t id) const {
    const auto found = ids_.find(id);
    return found == ids_.end() ? id : found->second;
  }

  /// `operation` with the records that are there: its own id, and each reference that it sets.
  Operation apply(const Operation& operation) const;
  /// The same for the ids inside an event's data or an answer.
  Json apply(const Generation& generation, const Json& json) const;

 private:
  void apply(const TypeInfo& type, std::vector<Setting>& set) const;

  std::map<int64_t, int64_t> ids_;
  bool has_named_ = false;
};

}  // namespace talon::records
