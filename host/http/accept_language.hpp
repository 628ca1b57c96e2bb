/// What of `Accept-Language` (RFC 9110, 12.5.4) counts here: people are answered in English or French.
#pragma once

#include <string>
#include <string_view>

namespace talon::http {

/// The one of "en" and "fr" that the header likes best; the first named of two that it likes alike. A
/// language of weight 0 is none that it takes (12.4.2). "en" where it takes neither, or says nothing that can
/// be read.
/// @threads any; pure.
std::string preferred_language(std::string_view header);

}  // namespace talon::http
