/// What people see of a text: code points that show nothing or turn the others about, and texts of one line.
/// Two names that look alike must not be two names, and no name may write lines of a letter or of a log.
#pragma once

#include <talon/utf8.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace talon {

/// The code point at `at`, where a sequence of `text`, which is UTF-8, begins.
inline char32_t code_point(std::string_view text, std::size_t at) {
  const std::size_t length = utf8_sequence(text, at);
  const auto first = static_cast<unsigned char>(text[at]);
  char32_t point = length <= 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i)
    point = point << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  return point;
}

namespace detail {

struct CodePoints {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_among(char32_t point, const std::array<CodePoints, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const CodePoints& range) { return range.first <= point && point <= range.last; });
}

}  // namespace detail

/// C0, DEL and C1, line ends and tabs among them.
inline bool is_control(char32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

/// True for what ends a line for whoever shows it: ASCII's, NEL, and Unicode's separators.
inline bool is_line_end(char32_t point) {
  return point == '\n' || point == '\r' || point == 0x85 || point == 0x2028 || point == 0x2029;
}

/// True for a code point that shows nothing of itself, or that turns the direction of what stands around it:
/// joiners, marks and overrides of direction, line and paragraph separators, fillers, tags.
inline bool is_invisible(char32_t point) {
  static constexpr std::array<detail::CodePoints, 14> kInvisible = {{{0xAD, 0xAD},
                                                                     {0x34F, 0x34F},
                                                                     {0x61C, 0x61C},
                                                                     {0x115F, 0x1160},
                                                                     {0x17B4, 0x17B5},
                                                                     {0x180E, 0x180E},
                                                                     {0x200B, 0x200F},
                                                                     {0x2028, 0x202F},
                                                                     {0x2060, 0x206F},
                                                                     {0x3164, 0x3164},
                                                                     {0xFEFF, 0xFEFF},
                                                                     {0xFFA0, 0xFFA0},
                                                                     {0xFFF0, 0xFFFB},
                                                                     {0xE0000, 0xE007F}}};
  return point >= 0xAD && detail::is_among(point, kInvisible);
}

/// True for a space other than " ", and for what chooses the shape of the character before it: nothing that
/// an address can be told apart by.
inline bool is_blank_or_shape(char32_t point) {
  static constexpr std::array<detail::CodePoints, 9> kBlank = {{{0x85, 0x85},
                                                                {0xA0, 0xA0},
                                                                {0x1680, 0x1680},
                                                                {0x180B, 0x180F},
                                                                {0x2000, 0x200A},
                                                                {0x205F, 0x205F},
                                                                {0x3000, 0x3000},
                                                                {0xFE00, 0xFE0F},
                                                                {0xE0100, 0xE01EF}}};
  return detail::is_among(point, kBlank);
}

/// As it is named where it cannot be shown: "U+200B".
inline std::string code_point_name(char32_t point) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string digits;
  for (; point != 0 || digits.size() < 4; point >>= 4U) digits.insert(digits.begin(), kHex[point & 15U]);
  return "U+" + digits;
}

/// Where the first code point of `text` begins for which `is_bad` holds. `text` is UTF-8.
template <typename IsBad>
std::optional<std::size_t> find_code_point(std::string_view text, const IsBad& is_bad) {
  for (std::size_t at = 0; at < text.size(); at += std::max<std::size_t>(utf8_sequence(text, at), 1))
    if (is_bad(code_point(text, at))) return at;
  return {};
}

/// The code point that begins at `at`, for a message: "U+200B as character 3". `text` is UTF-8.
inline std::string named_character(std::string_view text, std::size_t at) {
  return code_point_name(code_point(text, at)) + " as character " +
         std::to_string(count_code_points(text.substr(0, at)) + 1);
}

/// Why `text` is not one line that people see as it is written, to be put behind "the text" or its name:
/// control characters, line ends and tabs among them, and invisible ones. Empty: it is.
inline std::string one_line_fault(std::string_view text) {
  if (find_bad_utf8(text)) return "is not UTF-8";
  const auto at =
      find_code_point(text, [](char32_t point) { return is_control(point) || is_invisible(point); });
  if (!at) return {};
  return "has " + named_character(text, *at) +
         (is_line_end(code_point(text, *at)) ? ", the end of a line" : ", which nobody sees") +
         ": write it as one line of visible characters";
}

/// `text` as `one_line_fault` wants it: blanks for line ends and tabs, nothing for what is invisible or no
/// UTF-8, no blanks at its ends nor two in a row. For what somebody else's system says and nobody here can
/// write differently.
inline std::string as_one_line(std::string_view text) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text, at);
    const char32_t point = length == 0 ? 0 : code_point(text, at);
    const std::string_view character = text.substr(at, std::max<std::size_t>(length, 1));
    at += character.size();
    const bool is_space = point == ' ' || (point >= '\t' && point <= '\r') || is_line_end(point);
    if (is_space && !line.empty() && line.back() != ' ') line += ' ';
    if (!is_space && !is_control(point) && !is_invisible(point)) line += character;
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace talon
