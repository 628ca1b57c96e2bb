/// Changes to the text of a YAML file.
#include "host/cli/yaml_edit.hpp"

#include <algorithm>

namespace talon::cli {

namespace {

Error by_hand(Place place) {
  return failed_precondition("line " + std::to_string(place.line) + " is better changed by hand");
}

std::size_t line_begin(std::string_view text, uint32_t line) {
  std::size_t at = 0;
  for (uint32_t i = 1; i < line && at != std::string_view::npos; ++i) {
    at = text.find('\n', at);
    if (at != std::string_view::npos) ++at;
  }
  return std::min(at, text.size());
}

/// The byte at a place, whose column counts code points.
std::size_t offset_of(std::string_view text, Place place) {
  std::size_t at = line_begin(text, place.line);
  for (uint32_t column = 1; column < place.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

/// Where the text of a flow collection's item ends: at a comma or bracket that is not inside it.
std::size_t flow_end(std::string_view text, std::size_t at) {
  int depth = 0;
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++at;
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '"' || c == '\'') quote = c;
    if (depth == 0 && (c == ',' || c == ']' || c == '}')) return at;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
  }
  return at;
}

Result<std::string> without_flow_item(const std::string& text, const Node& list, std::size_t item) {
  const std::size_t begin = offset_of(text, list.items[item].place);
  const std::size_t end = flow_end(text, begin);
  if (end >= text.size()) return by_hand(list.place);
  std::string out = text;
  if (text[end] == ',') {
    const std::size_t next = text.find_first_not_of(" \n", end + 1);
    out.erase(begin, std::min(next, text.size()) - begin);
    return out;
  }
  const std::size_t before = item == 0 ? begin : text.rfind(',', begin);
  if (before == std::string::npos) return by_hand(list.place);
  out.erase(before, end - before);
  return out;
}

/// From the line with the item's dash to the next line that is no deeper.
Result<std::string> without_block_item(const std::string& text, const Node& list, std::size_t item) {
  const Place place = list.items[item].place;
  const std::size_t begin = line_begin(text, place.line);
  const std::size_t dash = text.find_first_not_of(' ', begin);
  const std::size_t content = offset_of(text, place);
  const bool is_plain =
      dash < content && text[dash] == '-' && text.find_first_not_of(' ', dash + 1) == content;
  if (!is_plain) return by_hand(place);
  std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
  for (std::size_t at = end; at < text.size();) {
    const std::size_t after = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::size_t first = text.find_first_not_of(' ', at);
    const bool is_blank = first >= after - 1 || first == std::string::npos;
    if (!is_blank && first - at <= dash - begin) break;
    at = after;
    if (!is_blank) end = at;
  }
  std::string out = text;
  out.replace(begin, end - begin,
              list.items.size() == 1 ? text.substr(begin, dash - begin) + "[]\n" : std::string());
  return out;
}

}  // namespace

Result<std::string> without_item(const std::string& text, const Node& list, std::size_t item) {
  if (list.is_scalar()) return with_scalar(text, list, "[]");
  if (!list.is_sequence() || item >= list.items.size()) return by_hand(list.place);
  const std::size_t at = offset_of(text, list.place);
  const bool is_flow = at < text.size() && text[at] == '[';
  return is_flow ? without_flow_item(text, list, item) : without_block_item(text, list, item);
}

Result<std::string> with_scalar(const std::string& text, const Node& scalar, std::string_view word) {
  const std::size_t at = offset_of(text, scalar.place) + (scalar.is_quoted ? 1 : 0);
  if (!scalar.is_scalar() || text.compare(at, scalar.text.size(), scalar.text) != 0)
    return by_hand(scalar.place);
  std::string out = text;
  const std::size_t quote = scalar.is_quoted ? 1 : 0;
  out.replace(at - quote, scalar.text.size() + 2 * quote, word);
  return out;
}

Result<std::string> with_entry(const std::string& text, const Node& map, std::string_view key,
                               std::string_view word) {
  if (const Node* value = map.find(key)) return with_scalar(text, *value, word);
  if (!map.is_map() || map.entries.empty()) return by_hand(map.place);
  const std::string entry = std::string(key) + ": " + std::string(word);
  std::string out = text;
  const std::size_t at = offset_of(text, map.place);
  if (at < text.size() && text[at] == '{') return out.insert(at + 1, entry + ", ");
  const auto& [first, value] = map.entries.front();
  const bool is_one_line = value.is_scalar() && value.place.line == first.place.line;
  if (!is_one_line) return by_hand(map.place);
  const std::size_t end = text.find('\n', offset_of(text, value.place));
  const std::string line = std::string(first.place.column - 1, ' ') + entry;
  if (end == std::string::npos) return out + "\n" + line + "\n";
  return out.insert(end + 1, line + "\n");
}

}  // namespace talon::cli
