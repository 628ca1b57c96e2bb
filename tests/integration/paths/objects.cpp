/// Chooses what requests are about, and reads answers for what does not belong in them.
#include "tests/integration/paths/objects.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <atomic>

namespace talon::paths {

namespace {

int64_t absent(const Town& town, std::string_view type, int64_t id) {
  const std::vector<int64_t>& rows = town.rows(type);
  int64_t other = id ^ 1;
  while (std::find(rows.begin(), rows.end(), other) != rows.end()) ++other;
  return other;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// Empties the JSON text behind `name`.
void blank(std::string& text, const std::string& name) {
  const std::string start = "\"" + name + "\":\"";
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
    const std::size_t from = at + start.size();
    text.erase(from, text.find('"', from) - from);
  }
}

bool is_id_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); }

}  // namespace

std::string Chosen::id(std::string_view type) {
  const model::RecordType* record = town_.model().find(type);
  if (record == nullptr || record->prefix.empty()) return "x";
  int64_t id = choice_(type);
  if (id == 0 || as_ == As::NotThere) id = absent(town_, type, id == 0 ? 4711 : id);
  given_.push_back(id_text(record->prefix, id));
  return given_.back();
}

std::string Chosen::text(std::string_view type, const std::string& field) {
  const int64_t id = choice_(type);
  std::string text = id == 0 ? std::string() : town_.cell(type, id, field);
  if (text.empty()) text = "zq900000";
  // Markers have small numbers; nobody's name begins with the letter after theirs.
  if (as_ == As::NotThere) {
    char& changed = text.starts_with("zq") ? text[2] : text[0];
    changed = text.starts_with("zq") ? '9' : static_cast<char>(changed + 1);
  }
  given_.push_back(text);
  return text;
}

Choice last_hidden(const Town& town, const Sight& sight) {
  return [&](std::string_view type) -> int64_t {
    const auto& rows = town.rows(type);
    const auto found = std::find_if(rows.rbegin(), rows.rend(),
                                    [&](int64_t id) { return !sight.may_meet(std::string(type), id); });
    return found == rows.rend() ? 0 : *found;
  };
}

Choice first_hidden(const Town& town, const Sight& sight) {
  return [&](std::string_view type) -> int64_t {
    const auto& rows = town.rows(type);
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](int64_t id) { return !sight.may_meet(std::string(type), id); });
    return found == rows.end() ? 0 : *found;
  };
}

Choice first_seen(const Town& town, const Sight& sight) {
  static_cast<void>(town);
  return [&sight](std::string_view type) -> int64_t {
    const auto& rows = sight.rows(std::string(type));
    return rows.empty() ? 0 : *rows.begin();
  };
}

std::string comparable(const Ask& ask, const Answer& answer, const std::vector<std::string>& given) {
  std::string text = std::to_string(answer.status) + "\n";
  for (const auto& [name, value] : answer.headers) {
    if (name != "date" && name != "x-request-id" && name != "set-cookie")
      text.append(name).append(": ").append(value).append("\n");
  }
  std::string body = answer.text;
  blank(body, "request_id");
  blank(body, "generated_at");
  if (ask.path.starts_with("/api/v1/changes")) blank(body, "next");
  // A page's end is encrypted, and each time another; that it is there, and how long it is, is compared.
  static constexpr std::string_view kSealed = R"("next":"v1.)";
  if (const std::size_t at = body.rfind(kSealed); at != std::string::npos) {
    const std::size_t from = at + kSealed.size();
    const std::size_t size = body.find('"', from) - from;
    body.replace(from, size, size, '*');
  }
  if (ask.path.starts_with("/api/v1/me/tokens")) blank(body, "token");
  text.append("\n").append(body);
  for (std::size_t i = 0; i < given.size(); ++i) replace_all(text, given[i], "<" + std::to_string(i) + ">");
  return text;
}

std::vector<std::string> leaks(const Town& town, const Sight& sight, const Ask& ask, const Answer& answer) {
  std::vector<std::string> found;
  const std::string asked = ask.path + ask.body;
  std::string text = answer.text;
  for (const auto& [name, value] : answer.headers) text.append("\n").append(value);
  // Made of the time: once in a while it looks like a marker.
  if (const auto id = answer.headers.find("x-request-id"); id != answer.headers.end())
    replace_all(text, id->second, "");
  const auto is_new = [&](const std::string& word) {
    return asked.find(word) == std::string::npos &&
           std::find(found.begin(), found.end(), word) == found.end();
  };
  for (std::size_t at = text.find("zq"); at != std::string::npos; at = text.find("zq", at + 1)) {
    const auto marker = town.markers().find(text.substr(at, 8));
    if (marker == town.markers().end()) continue;
    const auto& [type, record, field] = marker->second;
    if (!sight.sees_field(type, record, field) && is_new(marker->first)) found.push_back(marker->first);
  }
  for (std::size_t at = text.find('_'); at != std::string::npos; at = text.find('_', at + 1)) {
    if (at < 3 || text.size() < at + 14) continue;
    const std::string word = text.substr(at - 3, 17);
    if (!std::all_of(word.begin() + 4, word.end(), is_id_digit)) continue;
    const auto id = parse_id(word);
    // The entries of a history that they may see have ids too.
    if (!id || (word.starts_with("aud_") && ask.path.ends_with("/history"))) continue;
    for (const model::RecordType& type : town.model().types) {
      if (type.prefix != word.substr(0, 3)) continue;
      const auto& rows = town.rows(type.name);
      const bool is_known = std::find(rows.begin(), rows.end(), *id) != rows.end();
      if (is_known && !sight.may_meet(type.name, *id) && is_new(word)) found.push_back(word);
    }
  }
  return found;
}

Answer send(ApiClient& client, const Ask& ask) {
  if (ask.path != "/api/v1/session" && ask.path != "/api/v1/session/new_password")
    return client.call(ask.method, ask.path, ask.body, ask.headers);
  static std::atomic<int> given{0};
  const int addresses = ++given;
  ApiClient stranger(client.port());
  stranger.come_from("127.1." + std::to_string(addresses / 250) + "." + std::to_string(addresses % 250 + 1));
  return stranger.call(ask.method, ask.path, ask.body, ask.headers);
}

}  // namespace talon::paths
