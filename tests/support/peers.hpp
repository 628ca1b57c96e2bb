/// Servers of other makers that tests run against (tests/peers): mail over SMTP, sign-in by OpenID Connect.
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
  /// HangsUp: takes a letter, and breaks the connection at the farewell. KnowsNobody: refuses every sign-in.
  enum class Manner { Takes, RefusesTheFirst, HangsUp, KnowsNobody };
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

/// A server of tests/peers that says its port on its first line, on loopback.
class NodePeer {
 public:
  /// @param script  "oidc.mjs".  @param port  0: any.
  explicit NodePeer(std::string script, int port = 0);

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void stop();
  /// Again, on the same port.
  void start();

 private:
  std::string script_;
  std::unique_ptr<Child> server_;
  int port_ = 0;
};

/// A browser as far as a sign-in needs one: keeps cookies, shows where it is sent, goes there when told.
class Browser {
 public:
  struct Page {
    int status = 0;
    std::string location;  ///< where it is sent; empty: nowhere
    std::string text;
  };
  Page get(const std::string& url) { return call(url, {}); }
  /// @param form  encoded.
  Page post(const std::string& url, const std::string& form) { return call(url, {"--data-raw", form}); }
  /// Goes on from `url`, signing in as `account` and consenting where it is asked to, until it is sent to an
  /// address that begins with `end`. @return that address; empty: it came to nothing.
  std::string sign_in(std::string url, const std::string& account, const std::string& end);
  /// The value of a cookie; empty: there is none.
  std::string cookie(const std::string& name) const;

 private:
  Page call(const std::string& url, const std::vector<std::string>& more);
  TemporaryDirectory directory_;
};

/// The text of a letter in quoted-printable.
std::string text_of(const Json& letter);

}  // namespace talon::support
