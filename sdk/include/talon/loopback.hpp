/// Whether only this machine can be behind a name: secrets travel in clear text there and nowhere else.
///
/// In doubt it is another machine: a form of address that is not known here is none of ours.
#pragma once

#include <algorithm>
#include <string_view>

namespace talon {

namespace detail {

inline bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace detail

/// @param host  a name or an address alone: "localhost", "::1" or 127.x.x.x, and no name that begins like it.
inline bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (!host.starts_with("127.")) return false;
  for (int part = 2; part <= 4; ++part) {
    host.remove_prefix(host.find('.') + 1);
    const std::string_view number = host.substr(0, host.find('.'));
    const bool is_last = number.size() == host.size();
    const bool is_byte =
        detail::is_digits(number) && (number.size() < 3 || (number.size() == 3 && number <= "255"));
    if (!is_byte || is_last != (part == 4)) return false;
  }
  return true;
}

/// @param url  "SCHEME://HOST[:PORT][/…]". With a user before the host it is never this machine: not all who
///             read it would go to the same one.
inline bool is_loopback_url(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return false;
  url.remove_prefix(slashes + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const std::string_view host = url.substr(0, url.starts_with('[') ? url.find(']') + 1 : url.find(':'));
  const std::string_view port = url.substr(host.size());
  if (!port.empty() && (port[0] != ':' || !detail::is_digits(port.substr(1)))) return false;
  return host == "[::1]" || is_loopback_host(host);
}

}  // namespace talon
