/// Keys whose values are never written: what they name is a secret or says something about a person.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace talon::runtime {

namespace detail {

/// Parts of key names.
inline constexpr std::array<std::string_view, 14> kHidden = {
    "password", "passphrase", "token", "secret", "authorization", "cookie", "credential",
    "iban",     "bic",        "email", "phone",  "private_key",   "card",   "birth"};
inline constexpr std::array<std::string_view, 4> kHiddenWhole = {"legal_name", "first_name", "last_name",
                                                                 "full_name"};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_lowered(char of_key, char of_word) { return lower(of_key) == of_word; }

/// Which letters a text has, one bit each, whatever their case; one more for all that is no letter.
constexpr uint32_t letters_of(std::string_view text) {
  uint32_t letters = 0;
  for (const char c : text) {
    const char small = lower(c);
    letters |= 1U << (small >= 'a' && small <= 'z' ? small - 'a' : 'z' - 'a' + 1);
  }
  return letters;
}

/// Nearly every key lacks a letter of each word, and need not be searched for it.
inline constexpr auto kHiddenLetters = [] {
  std::array<uint32_t, kHidden.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = letters_of(kHidden[i]);
  return all;
}();

}  // namespace detail

/// True when a value under this key must not be shown.
constexpr bool is_redacted_key(std::string_view key) {
  const uint32_t letters = detail::letters_of(key);
  for (std::size_t i = 0; i < detail::kHidden.size(); ++i) {
    const std::string_view word = detail::kHidden[i];
    if ((detail::kHiddenLetters[i] & ~letters) != 0) continue;
    if (std::search(key.begin(), key.end(), word.begin(), word.end(), detail::is_lowered) != key.end())
      return true;
  }
  return std::any_of(detail::kHiddenWhole.begin(), detail::kHiddenWhole.end(), [&](std::string_view word) {
    return std::equal(key.begin(), key.end(), word.begin(), word.end(), detail::is_lowered);
  });
}

}  // namespace talon::runtime
