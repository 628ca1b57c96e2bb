/// The audit entries of a record as its readers may see them.
#pragma once

#include "host/records/inside.hpp"

namespace talon::records {

/// Keeps of {"field": value} what `decision` shows on a record of `type`; masked and conditional fields are
/// left out, and names that are no field of it.
Json visible_values(const Generation& generation, const TypeInfo& type, const gate::Decision& decision,
                    const Json& values);

}  // namespace talon::records
