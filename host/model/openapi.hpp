/// The API's description (OpenAPI 3.1), made from the model.
#pragma once

#include <talon/json.hpp>
#include <talon/model.hpp>

#include <string_view>

namespace talon::model {

/// The whole document: the generic routes of each record type, its actions, and the host's own routes.
/// Internal fields are not in it. What a caller may do of it, the rules decide.
/// @param version  of the program, for `info.version`.
Json openapi(const Model& model, std::string_view version);

/// The JSON Schema of one field's value.
Json field_schema(const Field& field);

/// {"type": "object", "properties": …} of a record type.
enum class SchemaUse { Answer, Create, Change };
Json type_schema(const Model& model, const RecordType& type, SchemaUse use);

}  // namespace talon::model
