/// Questions about UTF-8 text that the readers of files and of values ask.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace talon::config {

/// @return the byte offset of the first byte that is no UTF-8 (overlong forms, surrogates and code points
/// above
///         U+10FFFF included), or nothing.
std::optional<std::size_t> find_bad_utf8(std::string_view text);

/// The first control character other than tab, line feed and carriage return (C0, DEL, C1), as a byte offset.
/// `text` is UTF-8.
std::optional<std::size_t> find_control_character(std::string_view text);

/// How many code points `text`, which is UTF-8, has.
std::size_t count_code_points(std::string_view text);

/// `text` in quotes, for a message: cut to 60 bytes at a character's edge, control characters as "?".
std::string in_quotes(std::string_view text);

/// On, yes, true → true; off, no, false → false (any case); nothing for other words.
std::optional<bool> parse_boolean(std::string_view text);

}  // namespace talon::config
