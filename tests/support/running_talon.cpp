/// Starts and stops a talond for a test.
#include "tests/support/running_talon.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

namespace talon::support {

namespace {

namespace fs = std::filesystem;

std::string binary() { return std::string(TALON_BUILD_DIR) + "/bin/talond"; }

}  // namespace

RunningTalon::RunningTalon(TalonOptions options) : options_(std::move(options)) {
  const fs::path source = fs::path(TALON_SOURCE_DIR) / "config";
  for (const char* folder : {"policies", "reports"}) {
    if (fs::exists(source / folder)) {
      fs::create_directories(directory_.path() / "config");
      fs::copy(source / folder, directory_.path() / "config" / folder, fs::copy_options::recursive);
    }
  }
  fs::create_directories(directory_.path() / "config" / "connectors");
  if (!options_.data.empty()) {
    fs::copy(options_.data, directory_.path() / "var", fs::copy_options::recursive);
    has_administrator_ = true;
  }
  std::string settings =
      "listen: {address: 127.0.0.1, port: 0}\nstorage:\n  url: " + options_.storage_url + "\n";
  if (!options_.owner_url.empty()) settings += "  owner_url: " + options_.owner_url + "\n";
  const std::string plugins = options_.plugin_directory.empty() ? std::string(TALON_BUILD_DIR) + "/plugins"
                                                                : options_.plugin_directory;
  settings += "plugins:\n  directory: " + plugins + "\n  mandatory: [access, audit]\n" + options_.settings;
  directory_.write("config/talon.yaml", settings);
  directory_.write(
      "bootstrap.json",
      Json::object({{"email", kAdminEmail}, {"name", "Root"}, {"password", kPassword}}).to_string());
  fs::permissions(directory_.file("bootstrap.json"), fs::perms::owner_read | fs::perms::owner_write);
}

RunningTalon::~RunningTalon() {
  if (child_) stop();
}

Result<void> RunningTalon::start() {
  fs::remove(directory_.file("port"));
  std::vector<std::string> arguments = {binary(), "--config", config("talon.yaml"), "--port-file",
                                        directory_.file("port")};
  if (!has_administrator_) {
    arguments.insert(arguments.end(), {"--bootstrap", directory_.file("bootstrap.json")});
  }
  TALON_TRY(child_, Child::start(arguments));
  if (!child_->wait_for_text("talond.started", std::chrono::seconds(60))) {
    return unavailable("talond did not start: " + child_->errors());
  }
  for (int tries = 0; tries < 2000 && port_ == 0; ++tries) {
    int port = 0;
    std::ifstream(directory_.file("port")) >> port;
    port_ = static_cast<uint16_t>(port);
    if (port == 0) child_->wait_for(std::chrono::milliseconds(5));
  }
  has_administrator_ = true;
  return port_ == 0 ? Result<void>(unavailable("talond wrote no port")) : Result<void>();
}

void RunningTalon::kill() {
  child_->signal(SIGKILL);
  child_->wait();
  child_.reset();
  port_ = 0;
}

int RunningTalon::stop() {
  child_->signal(SIGTERM);
  const int code = child_->wait_for(std::chrono::seconds(30));
  child_.reset();
  port_ = 0;
  return code;
}

std::string RunningTalon::security_epoch() const {
  const auto read = run_program(
      {"sqlite3", data("talon.db"), "select value from host_settings where name = 'security_epoch'"});
  return read ? read->output : std::string();
}

std::string RunningTalon::sign_in(std::string_view email, std::string_view password) const {
  ApiClient client(port_);
  const Answer answer =
      client.post("/api/v1/session", Json::object({{"email", email}, {"password", password}}));
  return std::string(answer.json["token"].string());
}

std::string RunningTalon::add_user(ApiClient& administrator, std::string_view email, const Json& roles,
                                   const Json& facts) const {
  const Answer invited = administrator.post(
      "/api/v1/plugins/access/commands/invite",
      Json::object({{"email", email}, {"name", email}, {"roles", roles}, {"facts", facts}}));
  const std::string user(invited.json["user"].string());
  if (user.empty()) return "not invited: " + invited.text;
  ApiClient person(port_);
  const Answer taken =
      person.post("/api/v1/session",
                  Json::object({{"email", email}, {"code", invited.json["code"]}, {"password", kPassword}}));
  return taken.json["token"].string().empty() ? "not taken up: " + taken.text : user;
}

}  // namespace talon::support
