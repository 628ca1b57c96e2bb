/// Small parts that the API's functions share: parameters, bodies, versions.
#pragma once

#include "host/http/message.hpp"

#include <talon/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace talon::http {

/// @errors InvalidArgument: a query parameter that is not in `names` (with a suggestion), or one given twice.
Result<void> only_parameters(const Request& request, std::initializer_list<std::string_view> names);
/// The parameter split at commas, without blanks around; empty where it is not given.
std::vector<std::string> list_parameter(const Request& request, std::string_view name);
/// @errors InvalidArgument: not a whole number from `least` to `most`.
Result<int64_t> number_parameter(const Request& request, std::string_view name, int64_t least, int64_t most,
                                 int64_t otherwise);
/// @errors InvalidArgument: there is a body that is not said to be JSON, or is no UTF-8.
Result<void> expect_json(const Request& request);
/// The body as JSON; an empty one is an empty object. @errors as `expect_json`; InvalidArgument: not JSON.
Result<Json> body_of(const Request& request);
/// "\"v3\"".
std::string etag_of(int64_t version);
/// The version in If-Match: "v3" with or without its quotes and W/. −1: no such header.
/// @errors InvalidArgument: something else stands there.
Result<int64_t> version_in(const Request& request);
/// What the client calls itself; empty where that is no UTF-8: it is kept with the session.
std::string_view agent_of(const Request& request);
/// The value of a cookie; empty: it is not there.
std::string_view cookie_in(const Request& request, std::string_view name);
/// The line that gives the browser its session for `seconds`; 0: takes it away.
std::string session_cookie(std::string_view token, bool is_secure, int64_t seconds);
/// The language that the browser prefers, of those that people are answered in: "en" or "fr".
std::string language_of(const Request& request);
/// An instant as the API writes it; null for none (0).
Json instant(int64_t us);
/// An answer with a JSON body.
Response json_response(int status, const Json& body);

}  // namespace talon::http
