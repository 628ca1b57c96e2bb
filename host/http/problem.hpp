/// Errors as application/problem+json (RFC 9457).
#pragma once

#include "host/http/message.hpp"

#include <talon/json.hpp>

#include <string_view>

namespace talon::http {

/// The detail of every NotFound: neither what is missing nor whether others have it.
inline constexpr std::string_view kNothingHere = "there is nothing here for you under this address";

/// The HTTP status of an error (docs/errors.md).
int status_of(const Error& error);
/// "not_found": the code as clients read it.
std::string_view code_name(Code code);
/// True when the same request may succeed later without a change.
bool is_retryable(Code code);

/// The answer for an error: {type, title, status, detail, code, request_id, retryable, errors…}. Internal
/// errors show no detail, they are logged with the request's id; NotFound shows none either, so that what is
/// foreign and what is missing give the same bytes but for `request_id`, which stands in the header alone.
Response problem(const Error& error, std::string_view request_id);
/// The same with another status (428, 431 …).
Response problem(int status, const Error& error, std::string_view request_id);

}  // namespace talon::http
