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
}  // namespace detail

/// Appends an id. @param prefix  the record type's, three or more lower-case letters.  @param id  > 0.
inline void append_id(std::string& out, std::string_view prefix, int64_t id) {
  std::array<char, 14> digits{'_'};
  auto rest = static_cast<uint64_t>(id);
  for (std::size_t i = digits.size(); i-- > 1; rest >>= 5) digits[i] = detail::kCrockford[rest & 31U];
  out.append(prefix).append(digits.data(), digits.size());
}

/// The same by itself.
inline std::string id_text(std::string_view prefix, int64_t id) {
  std::string text;
  append_id(text, prefix, id);
  return text;
}

/// Reads an id written by `id_text`. Capital letters and Crockford's look-alikes (o, i, l) are read too.
/// @param prefix  the prefix that it must have; empty takes any.
/// @return InvalidArgument: not such an id.
inline Result<int64_t> parse_id(std::string_view text, std::string_view prefix = {}) {
  const auto bad = [&] {
    return invalid("\"" + std::string(text.substr(0, 40)) + "\" is not an id" +
                   (prefix.empty() ? std::string() : ", as in " + std::string(prefix) + "_06b1x2y3z4a5b"));
  };
  const std::size_t bar = text.rfind('_');
  if (bar == std::string_view::npos || text.size() - bar != 14) return bad();
  if (!prefix.empty() && text.substr(0, bar) != prefix) return bad();
  uint64_t id = 0;
  for (char digit : text.substr(bar + 1)) {
    if (digit >= 'A' && digit <= 'Z') digit = static_cast<char>(digit - 'A' + 'a');
    if (digit == 'o') digit = '0';
    if (digit == 'i' || digit == 'l') digit = '1';
    const std::size_t value = detail::kCrockford.find(digit);
    if (value == std::string_view::npos || id >> 59U != 0) return bad();
    id = (id << 5U) | value;
  }
  if (id == 0 || id > static_cast<uint64_t>(INT64_MAX)) return bad();
  return static_cast<int64_t>(id);
}

}  // namespace talon
