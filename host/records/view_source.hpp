/// A view as the sub-query that it stands for.
#pragma once

#include "host/records/inside.hpp"
#include "host/storage/condition_sql.hpp"

#include <string>

namespace talon::records {

/// Appends "(select … from SOURCE as s where … group by …) as t" to `sql`. The row filter of `decision`
/// speaks of the view's group keys and is written below the grouping, on what the keys are made of.
/// @errors Internal: the filter names an aggregate (fail closed).
Result<void> write_view_source(const Generation& generation, const model::RecordType& view,
                               const gate::Decision& decision, int64_t today, storage::Dialect dialect,
                               storage::Sql& sql);

}  // namespace talon::records
