/// A view as the sub-query that it stands for.
#pragma once

#include "host/records/inside.hpp"
#include "host/storage/condition_sql.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace talon::records {

/// What becomes of a view's group key: a row for each value that somebody may not see would tell how many
/// there are, and what belongs to each.
enum class KeyUse : uint8_t {
  Grouped,
  WhereSeen,  ///< grouped by its value where the caller sees that, and empty elsewhere
  Left        ///< rows that differ in it alone are one, and it is empty
};
using KeyUses = std::map<std::string, KeyUse, std::less<>>;  ///< of each group key, by name

/// Appends "(select … from SOURCE as s where … group by …) as t" to `sql`. The row filter of `decision`
/// speaks of the view's group keys and is written below the grouping, on what the keys are made of. Amounts
/// whose currency does not tell the rows apart are empty: nothing is added up over currencies.
/// @errors Internal: the filter names an aggregate (fail closed).
Result<void> write_view_source(const Generation& generation, const model::RecordType& view,
                               const KeyUses& keys, const gate::Decision& decision, int64_t today,
                               storage::Dialect dialect, storage::Sql& sql);

}  // namespace talon::records
