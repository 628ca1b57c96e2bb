/// Base 64 (RFC 4648, padded): the JSON form of File values.
#pragma once

#include <talon/result.hpp>

#include <string>
#include <string_view>

namespace talon::model {

std::string write_base64(std::string_view bytes);
/// @return InvalidArgument: other characters, a wrong length, or bits set after the end.
Result<std::string> read_base64(std::string_view text);

}  // namespace talon::model
