/// From `--set field=value` to the API's JSON, by the schema that the server describes.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace talon::cli {

/// The route of a record type, by its name or plural. @param openapi  the server's /openapi.json.
/// @return "/invoices"; NotFound with a suggestion.
Result<std::string> find_route(const Json& openapi, std::string_view type);

/// Whether the server has `action` below a route, "/invoices/{id}/" or "/invoices/actions/".
/// @errors NotFound with a suggestion.
Result<void> find_action(const Json& openapi, std::string_view type, const std::string& below,
                         std::string_view action);

/// The value of one field: a number or true/false where `schema` (of the field) has them,
/// {"amount","currency"} of "12.30 EUR" for money, null of an empty text, else the text.
Json typed_value(const Json& schema, std::string_view text);

/// One object of `field=value` texts. @param schema  of the body; unknown fields stay text, so that the
/// server names them.
/// @return InvalidArgument: a text without "=".
Result<Json> body_of(const Json& schema, const std::vector<std::string>& assignments);

/// Follows a "$ref" within the document.
const Json& resolved(const Json& openapi, const Json& schema);

}  // namespace talon::cli
