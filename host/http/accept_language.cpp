/// Reads language ranges and their weights.
#include "host/http/accept_language.hpp"

#include <talon/text.hpp>

#include <algorithm>
#include <optional>

namespace talon::http {

namespace {

/// "0.25" in thousandths.
std::optional<int> read_weight(std::string_view text) {
  constexpr std::size_t kLongest = 5;  // 0.123
  const bool is_formed = !text.empty() && text.size() <= kLongest && (text[0] == '0' || text[0] == '1') &&
                         (text.size() == 1 || text[1] == '.');
  if (!is_formed) return std::nullopt;
  int weight = text[0] == '1' ? 1000 : 0;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

/// Of what stands behind a range: ";q=0.5".
std::optional<int> weight_of(std::string_view parameters) {
  if (parameters.empty()) return 1000;
  const std::string_view only = trimmed(parameters.substr(1));
  if (only.size() < 2 || (only[0] != 'q' && only[0] != 'Q') || only[1] != '=') return std::nullopt;
  return read_weight(only.substr(2));
}

struct Wish {
  int weight = -1;  ///< −1: not named
  int place = 0;
};

}  // namespace

std::string preferred_language(std::string_view header) {
  Wish english;
  Wish french;
  Wish any;
  for (int place = 0; !header.empty(); ++place) {
    const std::string_view range = trimmed(header.substr(0, header.find(',')));
    header.remove_prefix(std::min(header.find(','), header.size() - 1) + 1);
    const std::size_t end = std::min(range.find(';'), range.size());
    const std::string language = lower_case(trimmed(range.substr(0, std::min(end, range.find('-')))));
    const auto weight = weight_of(range.substr(end));
    if (!weight || (language != "en" && language != "fr" && language != "*")) continue;
    Wish& wish = language == "en" ? english : language == "fr" ? french : any;
    if (*weight > wish.weight) wish = {*weight, place};
  }
  if (english.weight < 0) english = any;
  if (french.weight < 0) french = any;
  const bool is_before = french.weight == english.weight && french.place < english.place;
  return french.weight > 0 && (french.weight > english.weight || is_before) ? "fr" : "en";
}

}  // namespace talon::http
