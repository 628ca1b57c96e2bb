/// Words in messages and settings.
#include "host/config/text.hpp"

#include <algorithm>
#include <cstdint>

namespace talon::config {

namespace {

uint32_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool is_word(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::size_t end = std::min(text.size(), kShown);
  while (end > 0 && end < text.size() && (byte_at(text, end) & 0xC0U) == 0x80U) --end;
  std::string out = "\"" + std::string(text.substr(0, end)) + (end < text.size() ? "…\"" : "\"");
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return out;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (is_word(text, "on") || is_word(text, "yes") || is_word(text, "true")) return true;
  if (is_word(text, "off") || is_word(text, "no") || is_word(text, "false")) return false;
  return {};
}

}  // namespace talon::config
