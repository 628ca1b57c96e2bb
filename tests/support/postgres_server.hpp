/// A private PostgreSQL for tests: own folder, own port, gone with the test.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace talon::support {

/// A server of the test binary's own, with fsync on. Everyone may sign in without a password, on loopback and
/// on the Unix socket in its folder.
class PostgresServer {
 public:
  /// The binary's one server, started at the first use and stopped at exit. Ends the test run with a message
  /// when it cannot start. @threads call it first from the main thread: the server dies with the thread that
  /// started it.
  static PostgresServer& shared();

  /// Where its files are. In memory each of a database's 300 files is made and removed in no time; fsync
  /// costs nothing there, so benchmarks say Disk.
  enum class Place { Memory, Disk };
  static Result<std::unique_ptr<PostgresServer>> start(Place place = Place::Memory);
  ~PostgresServer();

  /// Makes an empty database and returns its URL for the superuser:
  /// "postgresql://postgres@127.0.0.1:PORT/NAME".
  std::string new_database();
  /// The URL of `database` for `user`.
  std::string url(std::string_view database, std::string_view user = "postgres") const;
  /// Runs SQL as the superuser and gives the output, a row a line with `|` between columns.
  Result<std::string> sql(std::string_view database, std::string_view text) const;

  int port() const { return port_; }
  int pid() const { return server_->pid(); }
  std::string socket_directory() const { return directory_.path().string(); }
  /// The name part of a URL made by `new_database`.
  static std::string name_of(std::string_view database_url);
  /// Stops it at once, as a crash does, and starts it again on the same port.
  Result<void> crash_and_restart();

 private:
  explicit PostgresServer(const std::filesystem::path& parent) : directory_(parent) {}
  Result<void> run();

  TemporaryDirectory directory_;
  std::unique_ptr<Child> server_;
  int port_ = 0;
  int databases_ = 0;
};

}  // namespace talon::support
