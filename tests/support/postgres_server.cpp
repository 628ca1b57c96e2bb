/// Starts and stops the tests' private PostgreSQL.
#include "tests/support/postgres_server.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace talon::support {

namespace {

constexpr const char* kUser = "postgres";  // the server refuses to run as root

std::string postgres_program(std::string_view name) {
  std::vector<std::string> folders;
  std::error_code ignored;  // no such folder: only PATH is left
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    folders.push_back((entry.path() / "bin").string());
  }
  std::sort(folders.rbegin(), folders.rend());
  return find_program(name, folders);
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static const std::unique_ptr<PostgresServer> server = [] {
    auto started = start();
    if (!started) {
      std::fprintf(stderr, "no PostgreSQL for the tests: %s\n", started.error().message.c_str());
      std::exit(1);
    }
    return *std::move(started);
  }();
  return *server;
}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start(Place place) {
  std::unique_ptr<PostgresServer> server(new PostgresServer(
      place == Place::Memory ? TemporaryDirectory::in_memory() : std::filesystem::temp_directory_path()));
  const std::string initdb = postgres_program("initdb");
  if (initdb.empty()) return unavailable("initdb is not installed; install the package postgresql");
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam(kUser);
    if (user == nullptr) return unavailable("there is no user postgres; install the package postgresql");
    if (::chown(server->directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      return unavailable("cannot give the test's folder to postgres");
    }
  }
  TALON_TRY(const Finished made, run_program({initdb, "--no-sync", "-A", "trust", "-U", kUser, "-E", "UTF8",
                                              "--locale=C", "-D", server->directory_.file("data")},
                                             {.user = kUser, .directory = "/"}));
  if (made.code != 0) return unavailable("initdb: " + made.errors);
  TALON_DO(server->run());
  return server;
}

Result<void> PostgresServer::run() {
  if (port_ == 0) port_ = free_port();
  std::vector<std::string> arguments{postgres_program("postgres"),
                                     "-D",
                                     directory_.file("data"),
                                     "-c",
                                     "listen_addresses=127.0.0.1",
                                     "-c",
                                     "port=" + std::to_string(port_),
                                     "-c",
                                     "unix_socket_directories=" + directory_.path().string(),
                                     "-c",
                                     "max_connections=60",
                                     "-c",
                                     "shared_buffers=32MB",
                                     "-c",
                                     "logging_collector=off"};
  TALON_TRY(Child child, Child::start(arguments, {.user = kUser, .directory = "/", .death_signal = SIGQUIT}));
  server_ = std::make_unique<Child>(std::move(child));
  if (server_->wait_for_text("ready to accept connections")) return {};
  return unavailable("postgres did not start: " + server_->errors());
}

PostgresServer::~PostgresServer() {
  if (!server_) return;
  server_->signal(SIGQUIT);  // at once: nobody needs the data any more
  server_->wait_for(std::chrono::seconds(5));
}

Result<void> PostgresServer::crash_and_restart() {
  server_->signal(SIGQUIT);
  if (server_->wait_for(std::chrono::seconds(10)) < 0) return unavailable("postgres does not stop");
  return run();
}

std::string PostgresServer::url(std::string_view database, std::string_view user) const {
  return "postgresql://" + std::string(user) + "@127.0.0.1:" + std::to_string(port_) + "/" +
         std::string(database);
}

std::string PostgresServer::name_of(std::string_view database_url) {
  return std::string(database_url.substr(database_url.rfind('/') + 1));
}

Result<std::string> PostgresServer::sql(std::string_view database, std::string_view text) const {
  TALON_TRY(const Finished done,
            run_program({postgres_program("psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d",
                         url(database), "-c", std::string(text)}));
  if (done.code != 0) return internal("psql: " + done.errors);
  return done.output;
}

std::string PostgresServer::new_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  const auto made = sql("postgres", "create database " + name);
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    std::exit(1);
  }
  return url(name);
}

}  // namespace talon::support
