/// UTF-8 by hand: the checks run on every text that comes in, so they neither copy nor throw.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace talon {

/// Length in bytes of the UTF-8 sequence that begins at `at`, or 0 where it is none (overlong forms,
/// surrogates and what lies beyond U+10FFFF are none).
inline std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF5   ? 0
                             : first >= 0xF0 ? 4
                             : first >= 0xE0 ? 3
                             : first >= 0xC2 ? 2
                                             : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const bool is_overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool is_beyond = (first == 0xED && byte(1) >= 0xA0) || (first == 0xF4 && byte(1) >= 0x90);
  return is_overlong || is_beyond ? 0 : length;
}

/// Whether every character is printable ASCII, as in nearly all texts: then each is one byte, UTF-8, and no
/// control character.
inline bool is_printable_ascii(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101U;
  constexpr uint64_t kHighs = 0x8080808080808080U;
  std::size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t eight = 0;  // eight characters at once
    std::memcpy(&eight, text.data() + at, sizeof eight);
    const uint64_t del = eight ^ (kOnes * 0x7F);
    if (((eight | (eight - kOnes * 0x20) | (del - kOnes)) & kHighs) != 0) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// @return the byte offset of the first byte that is no UTF-8, or nothing.
inline std::optional<std::size_t> find_bad_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    uint64_t eight = 0;  // most texts are ASCII: eight characters at once
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t length = utf8_sequence(text, at);
    if (length == 0) return at;
    at += length;
  }
  return {};
}

/// The first control character other than tab, line feed and carriage return (C0, DEL, C1), as a byte offset.
/// `text` is UTF-8.
inline std::optional<std::size_t> find_control_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_space = text[at] == '\t' || text[at] == '\n' || text[at] == '\r';
    const bool is_c0 = (byte(at) < 0x20 && !is_space) || byte(at) == 0x7F;
    const bool is_c1 = byte(at) == 0xC2 && at + 1 < text.size() && byte(at + 1) < 0xA0;
    if (is_c0 || is_c1) return at;
  }
  return {};
}

/// How many code points `text`, which is UTF-8, has.
inline std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace talon
