/// SHA-256 over and over: hexadecimal for people and columns, raw for trees.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace audit {

using Hash = std::array<unsigned char, 32>;

/// @threads any; each keeps a context of its own.
Hash sha256(std::string_view first, std::string_view second = {}, std::string_view third = {});
/// Lower-case hexadecimal.
std::string hex(const Hash& hash);
std::string hex_of(std::string_view bytes);
/// @return false unless `text` is exactly a hash in hexadecimal.
bool read_hash(std::string_view text, Hash& hash);
/// Hex SHA-256.
std::string digest(std::string_view text);
/// 16 random bytes, hex.
std::string new_salt();

}  // namespace audit
