/// The `connection:` of an HTTP mapping as a struct, and URLs.
#include "settings.hpp"

#include <talon/text.hpp>

#include <charconv>

namespace talon::http_connector {
namespace {

Milliseconds time_or(const Json& json, Milliseconds otherwise) {
  return Milliseconds(json.integer(otherwise.count()));
}

}  // namespace

std::string Url::origin() const {
  return (is_tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

std::string Url::to_string() const { return origin() + target; }

Result<Url> parse_url(std::string_view text) {
  const auto bad = [&] {
    return invalid("\"" + std::string(text.substr(0, 200)) +
                   "\" is not a URL, as in https://api.example.com/v1");
  };
  Url url;
  if (text.starts_with("https://")) {
    url.is_tls = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return bad();
  }
  const std::size_t path = text.find_first_of("/?");
  std::string_view authority = text.substr(0, path);
  url.target = path == std::string_view::npos ? "/" : std::string(text.substr(path));
  if (url.target.front() == '?') url.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos || url.target.find('#') != std::string::npos)
    return bad();
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ') return bad();
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  url.port = url.is_tls ? 443 : 80;
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    if (error != std::errc() || end != digits.data() + digits.size() || url.port == 0) return bad();
    authority = authority.substr(0, colon);
  }
  if (authority.empty()) return bad();
  url.host = lower_case(authority);
  return url;
}

std::string with_query(std::string target, std::string_view name, std::string_view value) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  return target + percent_encoded(name) + "=" + percent_encoded(value);
}

Result<Settings> read_settings(const Json& connection) {
  Settings settings;
  TALON_TRY(settings.base, parse_url(connection["base_url"].string()));
  settings.auth = connection["auth"];
  for (const auto& [name, value] : connection["headers"].members())
    settings.headers.emplace_back(name, value.string());
  settings.ca_file = connection["ca"].string();
  const Json& timeouts = connection["timeouts"];
  settings.connect_timeout = time_or(timeouts["connect_ms"], settings.connect_timeout);
  settings.total_timeout = time_or(timeouts["total_ms"], settings.total_timeout);
  settings.response_bytes_max = static_cast<std::size_t>(
      connection["max_response"].integer(static_cast<int64_t>(settings.response_bytes_max)));
  settings.budget_requests = connection["rate_limit"]["requests"].integer();
  settings.budget_per = time_or(connection["rate_limit"]["per_ms"], settings.budget_per);
  const Json& retry = connection["retry"];
  settings.retry.attempts_max = retry["max_attempts"].integer(settings.retry.attempts_max);
  settings.retry.initial = time_or(retry["initial_ms"], settings.retry.initial);
  settings.retry.wait_max = time_or(retry["max_ms"], settings.retry.wait_max);
  settings.retry.elapsed_max = time_or(retry["max_elapsed_ms"], settings.retry.elapsed_max);
  return settings;
}

}  // namespace talon::http_connector
