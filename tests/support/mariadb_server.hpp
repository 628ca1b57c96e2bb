/// A private MariaDB for tests of connectors: own folder, own port, gone with the test.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace talon::support {

/// A server of the test binary's own, without grant tables: user "root" and an empty password may do
/// everything.
class MariadbServer {
 public:
  /// The binary's one server, started at the first use and stopped at exit. Ends the test run with a message
  /// when it cannot start. @threads call it first from the main thread: the server dies with the thread that
  /// started it.
  static MariadbServer& shared();

  static Result<std::unique_ptr<MariadbServer>> start();
  ~MariadbServer();

  /// Makes an empty UTF-8 database and returns its name.
  std::string new_database();
  /// Runs SQL in `database` and gives the output, tabs between columns, without headings.
  Result<std::string> sql(std::string_view database, std::string_view text) const;

  int port() const { return port_; }  ///< on 127.0.0.1
  std::string socket() const { return directory_.file("socket"); }

 private:
  MariadbServer() = default;

  TemporaryDirectory directory_;
  std::unique_ptr<Child> server_;
  int port_ = 0;
  int databases_ = 0;
};

}  // namespace talon::support
