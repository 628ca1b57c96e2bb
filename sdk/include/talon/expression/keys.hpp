/// How a program compares and finds values fast: the head of a text, the hash of an integer.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace talon::expression::detail {

/// The first eight bytes of `text`, zeros behind a shorter one: two texts of the same size that is no more
/// are equal when their heads are.
inline uint64_t first_eight(std::string_view text) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  if (size >= 8) {
    uint64_t head = 0;
    std::memcpy(&head, from, 8);
    return head;
  }
  if (size >= 4) {  // two halves that overlap
    uint32_t low = 0;
    uint32_t high = 0;
    std::memcpy(&low, from, 4);
    std::memcpy(&high, from + size - 4, 4);
    return low | uint64_t{high} << (8 * (size - 4));
  }
  uint64_t head = 0;
  for (std::size_t i = 0; i < size; ++i) head |= uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  return head;
}

/// @param shift  64 less the bits of the hash; less than 64.
inline std::size_t hash_of(int64_t value, int64_t shift) {
  return static_cast<std::size_t>((static_cast<uint64_t>(value) * 0x9E3779B97F4A7C15U) >> shift);
}

}  // namespace talon::expression::detail
