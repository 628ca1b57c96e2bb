/// Questions about text that the readers of files and of values ask.
#pragma once

#include <talon/utf8.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace talon::config {

using talon::count_code_points;
using talon::find_bad_utf8;
using talon::find_control_character;

/// `text` in quotes, for a message: cut to 60 bytes at a character's edge, control characters as "?".
std::string in_quotes(std::string_view text);

/// On, yes, true → true; off, no, false → false (any case); nothing for other words.
std::optional<bool> parse_boolean(std::string_view text);

}  // namespace talon::config
