/// Small parts that the API's functions share: parameters, bodies, versions.
#include "host/http/exchange.hpp"

#include "host/http/accept_language.hpp"

#include <talon/date.hpp>
#include <talon/model.hpp>
#include <talon/text.hpp>
#include <talon/utf8.hpp>

#include <algorithm>
#include <charconv>

namespace talon::http {

Json instant(int64_t us) { return us > 0 ? Json(Timestamp(us).to_string()) : Json(); }

std::string_view cookie_in(const Request& request, std::string_view name) {
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    if (pair.size() > name.size() && pair.substr(0, name.size()) == name && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

std::string session_cookie(std::string_view token, bool is_secure, int64_t seconds) {
  std::string text = is_secure ? "__Host-talon=" : "talon=";
  text.append(token).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=").append(std::to_string(seconds));
  if (is_secure) text.append("; Secure");
  return text;
}

std::string_view agent_of(const Request& request) {
  const std::string_view agent = request.header("User-Agent");
  return find_bad_utf8(agent) ? std::string_view() : agent;
}

std::string language_of(const Request& request) {
  return preferred_language(request.header("Accept-Language"));
}

Result<void> only_parameters(const Request& request, std::initializer_list<std::string_view> names) {
  for (auto at = request.query.begin(); at != request.query.end(); ++at) {
    const std::string& name = at->first;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string near = model::nearest(name, std::vector<std::string>(names.begin(), names.end()));
      return invalid("there is no parameter " + echoed(name) + " here" +
                     (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
    }
    const bool is_twice =
        std::any_of(request.query.begin(), at, [&](const auto& pair) { return pair.first == name; });
    if (is_twice) return invalid("the parameter " + echoed(name) + " stands twice");
  }
  return {};
}

std::vector<std::string> list_parameter(const Request& request, std::string_view name) {
  std::vector<std::string> out;
  const std::string* text = request.parameter(name);
  if (text == nullptr) return out;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (const auto item = trimmed(rest.substr(0, end)); !item.empty()) out.emplace_back(item);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

Result<int64_t> number_parameter(const Request& request, std::string_view name, int64_t least, int64_t most,
                                 int64_t otherwise) {
  const std::string* text = request.parameter(name);
  if (text == nullptr) return otherwise;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (text->empty() || error != std::errc() || end != text->data() + text->size() || value < least ||
      value > most) {
    return invalid(std::string(name) + " is a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
  }
  return value;
}

Result<void> expect_json(const Request& request) {
  if (request.body.empty()) return {};
  std::string_view kind = request.header("Content-Type");
  kind = trimmed(kind.substr(0, kind.find(';')));
  // Also what keeps other sites' forms out: they cannot send this type without asking first.
  if (!is_same_name(kind, "application/json") && !is_same_name(kind, "application/merge-patch+json")) {
    return invalid("send the body as JSON, with the header Content-Type: application/json");
  }
  // Errors repeat what they are about: one that holds such bytes could not be read.
  if (const auto bad = find_bad_utf8(request.body))
    return invalid("the body is no UTF-8 from its byte " + std::to_string(*bad + 1) +
                   " on; send JSON in UTF-8");
  return {};
}

Result<Json> body_of(const Request& request) {
  TALON_DO(expect_json(request));
  return request.body.empty() ? Json::object() : Json::parse(request.body);
}

std::string etag_of(int64_t version) { return "\"v" + std::to_string(version) + "\""; }

Result<int64_t> version_in(const Request& request) {
  std::string_view text = trimmed(request.header("If-Match"));
  if (text.empty()) return int64_t{-1};
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.starts_with('v')) text.remove_prefix(1);
  int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || version < 1) {
    return invalid("If-Match is the ETag of the record as it was read, as in \"v3\"");
  }
  return version;
}

Response json_response(int status, const Json& body) {
  Response response;
  response.status = status;
  response.header("Content-Type", "application/json");
  body.write(response.body);
  return response;
}

}  // namespace talon::http
