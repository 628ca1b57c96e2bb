/// Texts that leave or enter by a border: cut on a character, made harmless, told back, in small letters,
/// e-mail addresses, as a literal of a condition, encoded for a web address.
#pragma once

#include <talon/utf8.hpp>
#include <talon/visible.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace talon {

/// True when a text field takes it as it is: UTF-8, and no control characters but tab and line ends.
inline bool is_plain(std::string_view text) { return !find_bad_utf8(text) && !find_control_character(text); }

/// Without the blanks and tabs at its ends.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The first `bytes` of it, or a few less: never half a character. `text` is UTF-8.
inline std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

namespace detail {

/// `text` with U+FFFD for each byte that is no UTF-8 and each code point for which `is_bad` holds, and "…"
/// for what is beyond `bytes` (at least 3).
template <typename IsBad>
std::string marked(std::string_view text, std::size_t bytes, const IsBad& is_bad) {
  if (text.size() <= bytes && is_printable_ascii(text)) return std::string(text);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text, at);
    const std::string_view character = text.substr(at, length == 0 ? 1 : length);
    const bool is_marked = length == 0 || is_bad(code_point(text, at));
    result += is_marked ? std::string_view("\xEF\xBF\xBD") : character;
    at += character.size();
    if (result.size() > bytes) return std::string(cut(result, bytes - 3)) + "…";
  }
  return result;
}

inline bool is_harmful(char32_t point) {
  return is_control(point) && point != '\t' && point != '\n' && point != '\r';
}

}  // namespace detail

/// What somebody else wrote, fit for a field and for people: U+FFFD stands for each byte that is no UTF-8 and
/// each control character, and "…" for what is beyond `bytes` (at least 3). Never for data that is compared.
inline std::string harmless(std::string_view text, std::size_t bytes = std::string_view::npos) {
  return detail::marked(text, bytes, detail::is_harmful);
}

/// The same, with U+FFFD for what nobody sees too: no answer looks other than it is.
inline std::string legible(std::string_view text, std::size_t bytes = std::string_view::npos) {
  return detail::marked(text, bytes,
                        [](char32_t point) { return detail::is_harmful(point) || is_invisible(point); });
}

/// A name that is not known, told back to whoever wrote it or to a log: in quotes, as one line, of at most
/// `bytes` as `legible` has it.
inline std::string echoed(std::string_view text, std::size_t bytes = 60) {
  return "\"" +
         detail::marked(text, bytes,
                        [](char32_t point) { return is_control(point) || is_invisible(point); }) +
         "\"";
}

/// A to Z as small letters; every other character as it is. E-mail addresses and names of hosts and headers
/// are compared so.
inline std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

namespace detail {

/// Parts between dots, none of them empty, of letters, digits and `more`.
inline bool is_dotted(std::string_view text, std::string_view more) {
  char before = '.';
  for (const char c : text) {
    const bool is_letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                    (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (c == '.' ? before == '.' : !is_letter_or_digit && more.find(c) == std::string_view::npos)
      return false;
    before = c;
  }
  return before != '.';
}

/// What no address may hold, since nobody sees it: controls, blanks, what is invisible or chooses a shape.
inline std::optional<std::size_t> find_unseen(std::string_view text) {
  return find_code_point(text, [](char32_t point) {
    return point == ' ' || is_control(point) || is_invisible(point) || is_blank_or_shape(point);
  });
}

}  // namespace detail

/// True for an e-mail address that a letter can go to, as in name@example.com: RFC 5321's dot-string and a
/// domain with a dot, at most 254 bytes, 64 of them before the "@". No quoted names, no addresses in
/// brackets, and nothing that is not seen: two addresses that look alike would be two people.
inline bool is_email_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  if (find_bad_utf8(text) || detail::find_unseen(text)) return false;
  const std::string_view domain = text.substr(at + 1);
  return detail::is_dotted(text.substr(0, at), "!#$%&'*+/=?^_`{|}~-") && detail::is_dotted(domain, "-") &&
         domain.find('.') != std::string_view::npos && domain.find(".-") == std::string_view::npos &&
         domain.find("-.") == std::string_view::npos && domain.front() != '-' && domain.back() != '-';
}

/// Why `text` is no e-mail address, to be put behind its name: what is not seen is named, "U+200B". Empty: it
/// is one.
inline std::string email_address_fault(std::string_view text) {
  if (is_email_address(text)) return {};
  const auto at = find_bad_utf8(text) ? std::nullopt : detail::find_unseen(text);
  // A plain blank is seen; whoever writes one does not write an address.
  if (!at || text[*at] == ' ') return "is not an e-mail address, as in name@example.com";
  return "is not an e-mail address: it has " + named_character(text, *at) +
         ", which nobody sees; leave it out";
}

/// `text` as a literal of the condition language: in quotes, with \" and \\ inside.
inline std::string text_literal(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

/// Percent-encoded as in RFC 3986: everything but letters, digits and "-._~".
inline std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string result;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += kHex[byte >> 4U];
    result += kHex[byte & 15U];
  }
  return result;
}

}  // namespace talon
