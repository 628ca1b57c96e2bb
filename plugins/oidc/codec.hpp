/// Texts on the wire: base 64 for URLs, percent signs, digests, chance.
#pragma once

#include <talon/result.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::oidc {

/// In order, unencoded.
using Form = std::vector<std::pair<std::string, std::string>>;

std::string base64url(std::string_view bytes);  ///< RFC 4648 section 5, without padding
/// @errors InvalidArgument: a character or length that no encoder writes.
Result<std::string> from_base64url(std::string_view text);
std::string base64(std::string_view bytes);  ///< RFC 4648 section 4, with padding
/// "a=1&b=x%20y".
std::string form_encoded(const Form& form);
/// SHA-256, 32 bytes.
std::string sha256(std::string_view bytes);
/// 256 bits of chance as 43 characters. @errors Unavailable: the system has none.
Result<std::string> random_text();

}  // namespace talon::oidc
