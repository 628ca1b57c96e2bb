/// Servers of other makers that tests run against (tests/peers): mail over SMTP.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace talon::support {

/// The folder tests/peers with its packages, installed at the first use (npm ci, without scripts). Ends the
/// test run with a message when they cannot be. @threads any.
std::string peers_directory();

/// A mail server with STARTTLS and a sign-in ("talon", "the mail password"), on loopback.
class MailServer {
 public:
  enum class Manner { Takes, RefusesTheFirst };
  explicit MailServer(Manner manner = Manner::Takes);

  int port() const { return port_; }
  /// PEM of the certificate, for "localhost": who trusts it reaches the server.
  std::string certificate() const { return directory_.file("mail.pem"); }
  /// Letters so far: {"to": […], "secure", "raw"}.
  std::vector<Json> letters() const;
  /// Waits until there are `count` of them. @return what there is.
  std::vector<Json> wait_for(std::size_t count) const;

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Child> server_;
  int port_ = 0;
};

/// The text of a letter in quoted-printable.
std::string text_of(const Json& letter);

}  // namespace talon::support
