/// Base 64, strict: one text for one value.
#include "host/model/base64.hpp"

#include <cstdint>

namespace talon::model {

namespace {
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

std::string write_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    const std::size_t count = bytes.size() - at < 3 ? bytes.size() - at : 3;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out.push_back(i <= count ? kDigits[(group >> (18U - 6U * i)) & 63U] : '=');
    }
  }
  return out;
}

Result<std::string> read_base64(std::string_view text) {
  const auto bad = [] { return invalid("the text is not base 64"); };
  if (text.size() % 4 != 0) return bad();
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const bool is_last = at + 4 == text.size();
    const std::size_t padding = is_last && text[at + 3] == '=' ? (text[at + 2] == '=' ? 2U : 1U) : 0U;
    uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t digit = i >= 4 - padding ? 0 : kDigits.find(text[at + i]);
      if (digit == std::string_view::npos) return bad();
      group = (group << 6U) | static_cast<uint32_t>(digit);
    }
    if ((padding == 1 && (group & 0xFFU) != 0) || (padding == 2 && (group & 0xFFFFU) != 0)) return bad();
    for (std::size_t i = 0; i < 3 - padding; ++i)
      out.push_back(static_cast<char>((group >> (16U - 8U * i)) & 0xFFU));
  }
  return out;
}

}  // namespace talon::model
