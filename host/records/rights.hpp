/// What a change set may do: the decisions for everything it touches, asked for before the transaction
/// begins.
#pragma once

#include "host/records/operation.hpp"
#include "host/records/row_values.hpp"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace talon::records {

/// The record that an action runs on, with the decision that lets it.
struct Acted {
  const TypeInfo* type = nullptr;
  int64_t id = 0;  ///< 0: an action on the type
  std::string action;
  std::shared_ptr<const gate::Decision> decision;
};

class Rights {
 public:
  /// Asks the gate for every (type, action) that `operations` needs. @param acted  null outside an action.
  static Result<Rights> prepare(Records::Inside& inside, const Call& call, const Generation& generation,
                                const Operations& operations, Author author, const Acted* acted);

  /// The decision for an operation on `type`; never null for what was prepared.
  const gate::Decision& decision(const TypeInfo& type, std::string_view action) const;
  bool is_acted(const Operation& operation) const {
    return acted_ != nullptr && acted_->id != 0 && operation.id == acted_->id &&
           operation.type->type->name == acted_->type->type->name;
  }
  const Acted* acted() const { return acted_; }
  Author author() const { return author_; }

 private:
  Author author_ = Author::Caller;
  const Acted* acted_ = nullptr;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const gate::Decision>> decisions_;
};

/// True when `decision` allows the record. What it reads through links is read from the database.
/// @param row  the record's row, or the row that it is about to have been written with.
Result<bool> allows(const Records::Inside& inside, const Generation& generation,
                    const gate::Decision& decision, const TypeInfo& type, const RowValues& row,
                    storage::Reader& reader);

/// As `allows`, of stored records by their ids and by several decisions: one SELECT of what the decisions
/// read, judged in memory, so that thousands of rules cost what they cost there.
/// @param ids   at least one.
/// @param take  called with the id, and whether each of `decisions` allows it, for each of `ids` that there
/// is.
Result<void> allows_each(const Records::Inside& inside, const Generation& generation,
                         std::span<const gate::Decision* const> decisions, const TypeInfo& type,
                         std::span<const int64_t> ids, storage::Reader& reader,
                         const std::function<void(int64_t, const std::vector<bool>&)>& take);

/// The caller's level for `field` on this row; without the row's links it is the least that any row could
/// have.
gate::Level level_on(const Records::Inside& inside, const gate::Decision& decision, const TypeInfo& type,
                     std::string_view field, const RowValues& row);

}  // namespace talon::records
