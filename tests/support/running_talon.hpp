/// A talond of a test's own: its settings, data and configuration in a temporary folder, on a free port.
#pragma once

#include "tests/support/api_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace talon::support {

struct TalonOptions {
  std::string storage_url = "sqlite:talon.db";
  std::string owner_url = {};         ///< PostgreSQL: the migrating role
  std::string settings = {};          ///< further YAML lines of talon.yaml
  std::string plugin_directory = {};  ///< empty: the build's
  std::string data = {};              ///< data of another installation to begin with, which is copied
};

/// The shipped policies, reports and connectors are copied in, so that a test may edit them.
class RunningTalon {
 public:
  static constexpr std::string_view kAdminEmail = "root@talon.test";
  static constexpr std::string_view kPassword = "a long enough passphrase 1";

  explicit RunningTalon(TalonOptions options = {});
  ~RunningTalon();

  /// Starts and waits until requests are served; the first start makes the first administrator.
  /// @errors Unavailable: it ended instead; the message has what it wrote.
  Result<void> start();
  void kill();  ///< SIGKILL
  int stop();   ///< SIGTERM; its exit code
  uint16_t port() const { return port_; }
  int pid() const { return child_ ? child_->pid() : 0; }
  std::string log() const { return child_ ? child_->errors() : std::string(); }
  const TemporaryDirectory& directory() const { return directory_; }
  std::string config(std::string_view name) const { return directory_.file("config/" + std::string(name)); }
  std::string data(std::string_view name) const { return directory_.file("var/" + std::string(name)); }

  /// The count of changes of rights, as it stands in the database (SQLite).
  std::string security_epoch() const;
  /// Signs in and gives the session's token; empty when refused.
  std::string sign_in(std::string_view email, std::string_view password = kPassword) const;
  std::string admin() const { return sign_in(kAdminEmail); }
  /// Makes a user with roles and facts {"fact": "value"} and a password, as the administrator. @return the
  /// user's id.
  std::string add_user(ApiClient& administrator, std::string_view email, const Json& roles,
                       const Json& facts) const;

 private:
  TalonOptions options_;
  TemporaryDirectory directory_;
  std::optional<Child> child_;
  uint16_t port_ = 0;
  bool has_administrator_ = false;
};

}  // namespace talon::support
