/// The `connection:` of an HTTP mapping as a struct, and URLs.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/text.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::http_connector {

using Milliseconds = std::chrono::milliseconds;
using Headers = std::vector<std::pair<std::string, std::string>>;

/// "https://api.example.com:8443/v2/x?y=1" in its parts.
struct Url {
  bool is_tls = false;
  std::string host;
  uint16_t port = 0;
  std::string target;  ///< path and query, "/" at least

  /// Scheme, host and port: what credentials belong to.
  std::string origin() const;
  std::string to_string() const;
};
/// @return InvalidArgument: no http or https URL, or one with a user or a fragment.
Result<Url> parse_url(std::string_view text);

/// `target` with one more query parameter.
std::string with_query(std::string target, std::string_view name, std::string_view value);

struct RetryPolicy {
  int64_t attempts_max = 5;
  Milliseconds initial{500};
  Milliseconds wait_max{60000};
  Milliseconds elapsed_max{300000};
};

struct Settings {
  Url base;
  Json auth;
  Headers headers;
  std::string ca_file;  ///< PEM, beside the system's authorities
  Milliseconds connect_timeout{5000};
  Milliseconds total_timeout{120000};
  std::size_t response_bytes_max = 32U << 20U;
  int64_t budget_requests = 0;  ///< 0: no rate limit
  Milliseconds budget_per{60000};
  RetryPolicy retry;
};
/// @param connection  times as `…_ms` integers, secrets resolved (sync does both).
Result<Settings> read_settings(const Json& connection);

}  // namespace talon::http_connector
