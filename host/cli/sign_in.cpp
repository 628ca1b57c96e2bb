/// Files with tokens and passwords: never readable by others, replaced by renaming.
#include "host/cli/sign_in.hpp"

#include <talon/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

namespace talon::cli {

namespace fs = std::filesystem;

fs::path sign_in_path() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  if (const std::string path = variable("TALON_SIGN_IN"); !path.empty()) return path;
  if (const std::string config = variable("XDG_CONFIG_HOME"); !config.empty())
    return fs::path(config) / "talon/sign_in.json";
  return fs::path(variable("HOME")) / ".config/talon/sign_in.json";
}

Result<std::string> read_private_line(const std::string& path) {
  std::string line;
  if (path == "-") {
    std::getline(std::cin, line);
  } else {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return not_found(path + ": " + std::strerror(errno));
    if (S_ISREG(info.st_mode) && (info.st_mode & 077U) != 0) {
      return failed_precondition(path + " can be read by others than its owner. Run: chmod 600 " + path);
    }
    std::ifstream file(path);
    std::getline(file, line);
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return failed_precondition(path + " is empty");
  return line;
}

Result<SignIn> read_sign_in(const fs::path& path) {
  std::ifstream file(path);
  if (!file)
    return not_found("nobody is signed in. Run: talon login --server URL --email E --password-file F");
  std::stringstream text;
  text << file.rdbuf();
  const auto json = Json::parse(text.str());
  if (!json || !(*json)["token"].is_string()) {
    return failed_precondition(path.string() + " is no saved sign-in. Remove it and run talon login again");
  }
  return SignIn{std::string((*json)["server"].string()), std::string((*json)["token"].string())};
}

Result<void> write_sign_in(const fs::path& path, const SignIn& sign_in) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const std::string text =
      Json::object({{"server", sign_in.server}, {"token", sign_in.token}}).to_string() + "\n";
  const fs::path fresh = path.string() + ".new";
  fs::remove(fresh, error);
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failed_precondition(fresh.string() + ": " + std::strerror(errno));
  const bool is_written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!is_written) return failed_precondition(fresh.string() + " could not be written");
  fs::rename(fresh, path, error);
  if (error) return failed_precondition(path.string() + ": " + error.message());
  return {};
}

}  // namespace talon::cli
