/// SHA-256 of a text, as the host's deferred digests write it.
#pragma once

#include <string>
#include <string_view>

namespace talon::invoicing {

/// Lower-case hex, 64 characters. @threads any; pure.
std::string sha256_hex(std::string_view text);

}  // namespace talon::invoicing
