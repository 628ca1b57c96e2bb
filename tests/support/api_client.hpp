/// A caller of the API over a kept-alive connection: one request at a time, JSON in and out.
#pragma once

#include <talon/json.hpp>
#include <talon/text.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace talon::support {

struct Answer {
  int status = 0;                              ///< 0: the connection failed
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string text;
  Json json;  ///< null when the body is no JSON
};

/// @threads one.
class ApiClient {
 public:
  explicit ApiClient(uint16_t port, std::string token = {}) : port_(port), token_(std::move(token)) {}
  ~ApiClient();
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  /// @param path  from the root, "/api/v1/invoices?limit=5"; sent as it is.
  /// @param headers  further lines, "If-Match: \"v1\"\r\n".
  Answer call(std::string_view method, std::string_view path, std::string_view body = {},
              std::string_view headers = {});
  Answer get(std::string_view path) { return call("GET", path); }
  Answer post(std::string_view path, const Json& body, std::string_view headers = {}) {
    return call("POST", path, body.to_string(), headers);
  }
  /// From which address of this machine it connects, as in "127.0.0.2"; before the first request.
  void come_from(std::string address) { source_ = std::move(address); }
  void set_token(std::string token) { token_ = std::move(token); }
  const std::string& token() const { return token_; }
  uint16_t port() const { return port_; }

 private:
  bool connect();
  void close();
  bool send(std::string_view text) const;
  bool receive();
  bool read_head(Answer& answer);
  bool read_body(Answer& answer);
  bool fill(std::size_t size);

  uint16_t port_;
  std::string token_;
  std::string source_;  ///< empty: the system's choice
  int fd_ = -1;
  std::string kept_;
};

/// For query parameters.
using talon::percent_encoded;

}  // namespace talon::support
