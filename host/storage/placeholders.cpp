/// Finds the `?` that stand for values.
#include "host/storage/placeholders.hpp"

#include <algorithm>

namespace talon::storage {

namespace {

/// The end of the quoted text, comment or dollar quote that starts at `at`; `at` where none starts.
std::size_t end_of_opaque(std::string_view sql, std::size_t at) {
  const auto after = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  const std::string_view rest = sql.substr(at);
  if (rest[0] == '\'' || rest[0] == '"') return after(rest.substr(0, 1), at + 1);  // '' is two texts in a row
  if (rest.starts_with("--")) return after("\n", at);
  if (rest.starts_with("/*")) return after("*/", at + 2);
  if (rest[0] != '$') return at;
  const std::size_t tag_end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 1);
  if (tag_end == std::string_view::npos || rest[tag_end] != '$') return at;
  return after(rest.substr(0, tag_end + 1), at + tag_end + 1);
}

}  // namespace

std::string replace_placeholders(std::string_view sql,
                                 const std::function<std::string(int number)>& text_of) {
  std::string numbered;
  numbered.reserve(sql.size() + 16);
  int count = 0;
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t end = end_of_opaque(sql, at);
    if (end > at) {
      numbered += sql.substr(at, end - at);
      at = end;
    } else if (sql[at] == '?') {
      numbered += text_of(++count);
      ++at;
    } else {
      numbered += sql[at++];
    }
  }
  return numbered;
}

std::string number_placeholders(std::string_view sql) {
  return replace_placeholders(sql, [](int number) { return "$" + std::to_string(number); });
}

}  // namespace talon::storage
