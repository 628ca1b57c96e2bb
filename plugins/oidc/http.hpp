/// Requests to the provider over Poco, plain to this machine and TLS to any other.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace talon::oidc {

/// An answer of the provider.
struct Answer {
  int status = 0;
  Json json;  ///< null: the body is no JSON
};

/// @threads any.
class Http {
 public:
  /// @param authority  PEM file of an authority that the system does not know; may be empty.
  /// @param total_time  for an exchange, from the connection to the last byte.
  explicit Http(std::string authority, std::chrono::milliseconds total_time = std::chrono::seconds(10))
      : authority_(std::move(authority)), total_time_(total_time) {}

  /// @param authorization  the header's value; may be empty.
  /// @errors Unavailable: no connection, or it broke, took longer than it may, or the answer is over 1 MiB;
  ///         FailedPrecondition: the certificate is not good, or the address is neither https nor this
  ///         machine's. Redirects are not followed.
  Result<Answer> get(const std::string& url, const std::string& authorization = {}) const;
  /// Sends a form.
  Result<Answer> post(const std::string& url, const std::string& form,
                      const std::string& authorization) const;

 private:
  Result<Answer> send(const std::string& url, const std::string* form,
                      const std::string& authorization) const;

  std::string authority_;
  std::chrono::milliseconds total_time_;
};

}  // namespace talon::oidc
