/// Finding or making the installation's key.
#include "host/daemon/installation_key.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/random.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace talon::daemon {

namespace {

constexpr std::size_t kCharactersMin = 32;

Error trouble(const std::filesystem::path& path) {
  return failed_precondition(path.string() + ": " + std::strerror(errno));
}

/// Makes the file whole or not at all; two that start at once take the one that was there first.
Result<void> make_file(const std::filesystem::path& path) {
  const std::string text = runtime::hex(runtime::random_bytes(32)) + "\n";
  const std::filesystem::path draft = path.string() + "." + std::to_string(::getpid());
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return trouble(draft);
  const bool is_written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  const bool is_linked = is_written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const Error why = trouble(path);
  ::unlink(draft.c_str());
  if (!is_linked) return why;
  return {};
}

Result<runtime::Secret> read_file(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return trouble(path);
  if ((info.st_mode & 077U) != 0) {
    return failed_precondition(path.string() + " can be read by others than its owner. Run: chmod 600 " +
                               path.string());
  }
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return runtime::Secret(std::move(line));
}

}  // namespace

Result<runtime::Secret> installation_key(const config::Secrets& secrets, const std::filesystem::path& data) {
  auto key = secrets.find("installation_key");
  if (!key && key.error().code != Code::NotFound) return std::move(key).error();
  if (!key) {
    const std::filesystem::path path = data / "installation.key";
    std::error_code error;
    std::filesystem::create_directories(data, error);
    if (!std::filesystem::exists(path, error)) TALON_DO(make_file(path));
    key = read_file(path);
    if (!key) return std::move(key).error();
  }
  if (key->reveal().size() < kCharactersMin) {
    return failed_precondition(
        "the installation key has fewer than 32 characters. Make one with: openssl rand -hex 32");
  }
  return key;
}

}  // namespace talon::daemon
