/// Starts and stops the tests' private MariaDB.
#include "tests/support/mariadb_server.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>

namespace talon::support {

namespace {

constexpr const char* kServerUser = "mysql";  // the server refuses to run as root

}  // namespace

MariadbServer& MariadbServer::shared() {
  static const std::unique_ptr<MariadbServer> server = [] {
    auto started = start();
    if (!started) {
      std::fprintf(stderr, "no MariaDB for the tests: %s\n", started.error().message.c_str());
      std::exit(1);
    }
    return *std::move(started);
  }();
  return *server;
}

Result<std::unique_ptr<MariadbServer>> MariadbServer::start() {
  std::unique_ptr<MariadbServer> server(new MariadbServer());
  const std::string program = find_program("mariadbd", {"/usr/sbin"});
  if (program.empty()) return unavailable("mariadbd is not installed; install the package mariadb-server");
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam(kServerUser);
    if (user == nullptr) return unavailable("there is no user mysql; install the package mariadb-server");
    if (::chown(server->directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      return unavailable("cannot give the test's folder to mysql");
    }
  }
  server->port_ = free_port();
  // Without grant tables an empty folder is enough: no mariadb-install-db, ready in a second.
  TALON_TRY(Child child, Child::start({program, "--no-defaults", "--skip-grant-tables",
                                       "--datadir=" + server->directory_.path().string(),
                                       "--socket=" + server->socket(), "--bind-address=127.0.0.1",
                                       "--port=" + std::to_string(server->port_), "--innodb-log-file-size=4M",
                                       "--innodb-buffer-pool-size=16M", "--character-set-server=utf8mb4"},
                                      {.user = kServerUser, .directory = "/"}));
  server->server_ = std::make_unique<Child>(std::move(child));
  if (!server->server_->wait_for_text("ready for connections")) {
    return unavailable("mariadbd did not start: " + server->server_->errors());
  }
  return server;
}

MariadbServer::~MariadbServer() = default;  // the child is killed; nobody needs the data any more

Result<std::string> MariadbServer::sql(std::string_view database, std::string_view text) const {
  TALON_TRY(const Finished done,
            run_program({"mariadb", "--no-defaults", "--skip-column-names", "--batch", "-h", "127.0.0.1",
                         "-P", std::to_string(port_), "-u", "root", "--default-character-set=utf8mb4", "-e",
                         std::string(text), std::string(database)}));
  if (done.code != 0) return internal("mariadb: " + done.errors);
  return done.output;
}

std::string MariadbServer::new_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  const auto made = sql("information_schema", "create database " + name);
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    std::exit(1);
  }
  return name;
}

}  // namespace talon::support
