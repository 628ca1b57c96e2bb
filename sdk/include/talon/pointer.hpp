/// JSON pointers (RFC 6901): where in what somebody sent a mistake stands.
#pragma once

#include <string>
#include <string_view>

namespace talon {

/// `pointer` with the member `name` below it. A "~" and a "/" in a name that somebody made up are no parts of
/// the path.
inline std::string pointer_below(std::string_view pointer, std::string_view name) {
  std::string below(pointer);
  below.push_back('/');
  for (const char c : name) {
    if (c == '~')
      below.append("~0");
    else if (c == '/')
      below.append("~1");
    else
      below.push_back(c);
  }
  return below;
}

}  // namespace talon
