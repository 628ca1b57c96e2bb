/// A directory of a test's own: slapd in a temporary folder on loopback, with TLS and a few people.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <memory>
#include <string>

namespace talon::support {

/// Below dc=talon,dc=test: ou=people (ann and bob, whose passwords are "PASSWORD of NAME") and ou=groups
/// (billing: ann and bob; selling: bob). Only the service may search.
class DirectoryServer {
 public:
  enum class Tls { Offered, Absent };
  explicit DirectoryServer(Tls tls = Tls::Offered);

  /// "ldap://127.0.0.1:PORT". (For "localhost" libldap wants a certificate with this machine's own name.)
  std::string url() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  std::string tls_url() const { return "ldaps://127.0.0.1:" + std::to_string(tls_port_); }
  /// PEM of its certificate, for 127.0.0.1.
  std::string certificate() const { return directory_.file("directory.pem"); }
  static std::string service() { return "cn=talon,dc=talon,dc=test"; }
  static std::string service_password() { return "the service password"; }
  static std::string password_of(const std::string& name) { return "the password of " + name; }

  /// Applies LDIF as the administrator.
  void change(const std::string& ldif);
  void stop();
  void start();  ///< again, on the same ports

 private:
  void configure(Tls tls);

  TemporaryDirectory directory_;
  std::unique_ptr<Child> server_;
  int port_ = 0;
  int tls_port_ = 0;
};

}  // namespace talon::support
