/// Record ids: 64 bits, time-ordered, written as PREFIX_ and 13 Crockford base-32 digits ("inv_06b1x…").
#pragma once

#include <talon/result.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace talon {

namespace detail {

inline constexpr std::string_view kCrockford = "0123456789abcdefghjkmnpqrstvwxyz";
inline constexpr std::size_t kIdDigits = 13;

/// Of each character the digit that it stands for, or -1. Capital letters and look-alikes (o, i, l) are read
/// too.
inline constexpr std::array<int8_t, 256> kDigitOf = [] {
  std::array<int8_t, 256> digits{};
  digits.fill(-1);
  for (std::size_t i = 0; i < kCrockford.size(); ++i) {
    const char c = kCrockford[i];
    digits[static_cast<unsigned char>(c)] = static_cast<int8_t>(i);
    if (c >= 'a') digits[static_cast<unsigned char>(c - 'a' + 'A')] = static_cast<int8_t>(i);
  }
  for (const char c : {'o', 'O'}) digits[static_cast<unsigned char>(c)] = 0;
  for (const char c : {'i', 'I', 'l', 'L'}) digits[static_cast<unsigned char>(c)] = 1;
  return digits;
}();

/// Shifts the digits of `text` into `id` from the right. @return false: no digits, or more than 64 bits.
inline bool shift_digits(std::string_view text, uint64_t& id) {
  for (const char c : text) {
    const int8_t digit = kDigitOf[static_cast<unsigned char>(c)];
    if (digit < 0 || id >> 59U != 0) return false;
    id = (id << 5U) | static_cast<uint64_t>(digit);
  }
  return !text.empty();
}

/// Writes the last `count` digits of an id. @return where they end.
inline char* put_digits(char* out, int64_t id, std::size_t count) {
  auto rest = static_cast<uint64_t>(id);
  for (std::size_t i = count; i-- > 0; rest >>= 5) out[i] = kCrockford[rest & 31U];  // five bits are a digit
  return out + count;
}

}  // namespace detail

/// Appends an id. @param prefix  the record type's, three or more lower-case letters.  @param id  > 0.
inline void append_id(std::string& out, std::string_view prefix, int64_t id) {
  std::array<char, detail::kIdDigits + 1> digits{'_'};
  detail::put_digits(digits.data() + 1, id, detail::kIdDigits);
  out.append(prefix).append(digits.data(), digits.size());
}

/// The same by itself.
inline std::string id_text(std::string_view prefix, int64_t id) {
  std::string text;
  append_id(text, prefix, id);
  return text;
}

/// Reads an id written by `id_text`.
/// @param prefix  the prefix that it must have; empty takes any.
/// @return InvalidArgument: not such an id.
inline Result<int64_t> parse_id(std::string_view text, std::string_view prefix = {}) {
  const std::size_t bar = text.rfind('_');
  const bool has_form = bar != std::string_view::npos && text.size() - bar == detail::kIdDigits + 1 &&
                        (prefix.empty() || text.substr(0, bar) == prefix);
  uint64_t id = 0;
  if (has_form && detail::shift_digits(text.substr(bar + 1), id) && id > 0 &&
      id <= static_cast<uint64_t>(INT64_MAX)) {
    return static_cast<int64_t>(id);
  }
  return invalid("\"" + std::string(text.substr(0, 40)) + "\" is not an id" +
                 (prefix.empty() ? std::string() : ", as in " + std::string(prefix) + "_06b1x2y3z4a5b"));
}

}  // namespace talon
