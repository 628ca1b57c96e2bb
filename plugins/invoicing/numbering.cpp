/// Checks and fills the form of a series' numbers.
#include "numbering.hpp"

#include <charconv>

namespace talon::invoicing {

namespace {

bool is_number_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
         c == '_' || c == '/';
}

Error bad_format(std::string_view format, const std::string& why) {
  return invalid("number series format \"" + std::string(format) + "\": " + why + ", as in INV-{year}-{n:5}");
}

/// Width of "{n}" (1) or "{n:5}" (5); 0: it is no counter.
int counter_width(std::string_view word) {
  if (word == "n") return 1;
  int width = 0;
  if (!word.starts_with("n:")) return 0;
  const auto [end, error] = std::from_chars(word.data() + 2, word.data() + word.size(), width);
  return error == std::errc() && end == word.data() + word.size() && width >= 1 && width <= 12 ? width : 0;
}

}  // namespace

Result<std::string> number_pattern(std::string_view format, int year, std::string_view counter) {
  std::string out;
  std::size_t length = 0;
  int counters = 0;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '{') {
      if (!is_number_character(format[at]))
        return bad_format(format, "only A-Z a-z 0-9 + - _ / may stand in it");
      out += format[at];
      ++length;
      continue;
    }
    const std::size_t end = format.find('}', at);
    if (end == std::string_view::npos) return bad_format(format, "a \"}\" is missing");
    const std::string_view word = format.substr(at + 1, end - at - 1);
    at = end;
    if (word == "year" || word == "yy") {
      const std::string digits = std::to_string(year);
      out += word == "yy" ? digits.substr(digits.size() - 2) : digits;
      length += word == "yy" ? 2 : digits.size();
      continue;
    }
    const int width = counter_width(word);
    if (width == 0)
      return bad_format(format, "{" + std::string(word) + "} is not {year}, {yy}, {n} or {n:5}");
    ++counters;
    length += static_cast<std::size_t>(width);
    out.append("%{").append(counter).append(":").append(std::to_string(width)).append("}");
  }
  if (counters != 1) return bad_format(format, "it needs exactly one {n} or {n:5}");
  if (length > kNumberMax) return bad_format(format, "a number has at most 35 characters");
  return out;
}

}  // namespace talon::invoicing
