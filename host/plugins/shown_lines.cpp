/// What the lines of an answer say that they show.
#include "host/plugins/shown_lines.hpp"

#include <utility>

namespace talon::plugins {

Result<void> ShownLines::take(std::string_view piece) {
  for (std::size_t end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
    line_.append(piece.substr(0, end + 1));
    piece.remove_prefix(end + 1);
    TALON_DO(pass());
  }
  line_.append(piece);
  return {};
}

Result<void> ShownLines::finish() {
  TALON_DO(pass());
  if (has_said_) return {};
  return internal("no line of the answer to " + std::string(command_) + " says in `shown` what it shows");
}

Result<void> ShownLines::pass() {
  std::string line = std::exchange(line_, {});
  if (line.find_first_not_of(" \r\n\t") != std::string::npos) {
    auto json = Json::parse(line);
    if (!json || !json->is_object())
      return internal("the answer to " + std::string(command_) + " is not one JSON object a line");
    if (json->find("shown") != nullptr) {
      TALON_DO(records_.log_shown(call_, command_, *json));
      line = json->to_string() + (line.ends_with('\n') ? "\n" : "");
      has_said_ = true;
    }
  }
  return line.empty() ? Result<void>() : out_(line);
}

}  // namespace talon::plugins
