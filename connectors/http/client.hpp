/// One HTTP request and its answer, plain or TLS. Poco is behind client.cpp and nowhere else.
#pragma once

#include "settings.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace talon::http_connector {

struct Request {
  std::string method = "GET";
  Url url;
  Headers headers;
  std::string body;
};

struct Answer {
  int status = 0;
  Headers headers;  ///< names in lower case
  std::string body;

  /// The first header of that name (lower case), or empty.
  std::string_view header(std::string_view name) const;
};

/// Keeps one connection open. @threads serial.
class Client {
 public:
  explicit Client(const Settings& settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends once; never again, never elsewhere (redirects come back as they are).
  ///
  /// @return Unavailable: no connection, or it broke (whether the peer took the request is not known);
  ///         DeadlineExceeded: over `total_timeout`, as little known; FailedPrecondition: its certificate is
  ///         not good; ResourceExhausted: the answer is larger than `max_response`.
  Result<Answer> send(const Request& request);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace talon::http_connector
