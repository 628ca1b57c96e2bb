/// A record's row while it is being written: defaults, settings, deferred values.
#pragma once

#include "host/records/operation.hpp"

#include <map>
#include <string>
#include <vector>

namespace talon::records {

using RowValues = std::vector<Value>;  ///< one per TypeInfo::columns

/// Numbers that `next` operations have taken, by name.
using Numbers = std::map<std::string, int64_t, std::less<>>;

/// The row of a new record before its settings: initial values, empty elsewhere.
/// @param currency  of a child row: its parent's, else empty.
Result<RowValues> initial_row(const Generation& generation, const TypeInfo& type);

/// Applies plain values, then amounts (whose currency is then known), then deferred texts, then digests.
/// @param parent      of a child row: the parent's row and type, for the currency; may be null.
/// @errors InvalidArgument with details: an amount that cannot be read, an unknown %{name}.
struct RowParent {
  const TypeInfo* type;
  const RowValues* row;
};
Result<void> apply_settings(const Generation& generation, const TypeInfo& type,
                            const std::vector<Setting>& set, const Numbers& numbers, const RowParent* parent,
                            RowValues& row);

/// Every required field of a new record has a value. @errors InvalidArgument with details, all at once.
Result<void> check_required(const TypeInfo& type, const RowValues& row);

/// The currency code that stands beside (or in the parent of) an amount; empty when there is none.
std::string currency_of(const TypeInfo& type, const model::Field& field, const RowValues& row,
                        const RowParent* parent);

/// The columns in which two rows differ, as {"field": value}. Internal fields show only that they changed.
Json shown_values(const Generation& generation, const TypeInfo& type, const RowValues& row,
                  const std::vector<std::size_t>& columns, const RowParent* parent);

}  // namespace talon::records
