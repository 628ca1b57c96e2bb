/// Reads `map:` entries: one field's source, form, defaults and what happens when it fails.
#pragma once

#include "mapping.hpp"
#include "node_reader.hpp"

namespace talon::sync {

/// What a field's entry may refer to.
struct FieldScope {
  const model::Model* model = nullptr;
  const model::RecordType* type = nullptr;  ///< the target's, or a child list's
  const std::map<std::string, std::string>* stream_types =
      nullptr;  ///< streams of this connector → target types
};

/// Reads `map:` into fields of `scope.type`; amounts last, since their currency comes from another field.
std::vector<FieldMap> read_fields(const Node& map, const FieldScope& scope, Report& report);

/// Adds the columns that `fields` read to `columns`, once each.
void add_columns(const std::vector<FieldMap>& fields, std::vector<std::string>& columns);

}  // namespace talon::sync
