/// Reads secrets; a file that others can read is refused, since it is no secret.
#include "host/config/secrets.hpp"

#include "host/config/text.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace talon::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSecretBytesMax = 64U << 10U;  // a key chain in PEM is far smaller

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 200 || name.front() == '/' || name.back() == '/') return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_letter && c != '-' && c != '_' && c != '.' && c != '/') return false;
    if ((c == '/' || c == '.') && i > 0 && name[i - 1] == c) return false;  // no ".." and no empty part
  }
  return true;
}

/// A file descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<runtime::Secret> read_all(int fd, const std::string& what) {
  std::string text;
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed_precondition(what + ": " + std::strerror(errno));
    if (count == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(count));
    if (text.size() > kSecretBytesMax) return failed_precondition(what + " is over 64 KiB");
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return failed_precondition(what + " is empty");
  return runtime::Secret(std::move(text));
}

Result<runtime::Secret> run_command(const std::vector<std::string>& words, std::string_view name) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return unavailable(std::string("pipe: ") + std::strerror(errno));
  const Descriptor reading(ends[0]);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  int error = 0;
  {
    const Descriptor writing(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
    error = ::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  const std::string what = "the command of secret " + in_quotes(name) + " (" + words[0] + ")";
  if (error != 0) return failed_precondition(what + " does not start: " + std::strerror(error));
  Result<runtime::Secret> secret = read_all(reading.get(), "secret " + in_quotes(name));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return failed_precondition(what + " failed");
  return secret;
}

fs::path credentials_of_environment() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory != nullptr ? fs::path(directory) : fs::path();
}

}  // namespace

Result<runtime::Secret> read_private_file(const fs::path& path, const std::string& what) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return not_found("no file " + path.string());
  if (file.get() < 0) return failed_precondition(path.string() + ": " + std::strerror(errno));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return failed_precondition(path.string() + " is no regular file");
  }
  if ((info.st_mode & 077U) != 0) {
    return failed_precondition(path.string() + " can be read by others than its owner. Run: chmod 600 " +
                               path.string());
  }
  return read_all(file.get(), what);
}

Secrets::Secrets(fs::path directory, std::map<std::string, std::vector<std::string>, std::less<>> commands,
                 fs::path credentials)
    : directory_(std::move(directory)),
      commands_(std::move(commands)),
      credentials_(std::move(credentials)) {}

Secrets::Secrets(const Settings& settings)
    : Secrets(settings.secrets_directory, settings.secret_commands, credentials_of_environment()) {}

Result<runtime::Secret> Secrets::find(std::string_view name) const {
  if (!is_name(name)) {
    return invalid(in_quotes(name) + " is no name of a secret: letters, digits, - _ . and / between them");
  }
  std::string looked;
  for (const fs::path& directory : {credentials_, directory_}) {
    if (directory.empty()) continue;
    auto secret = read_private_file(directory / name, "secret " + in_quotes(name));
    if (secret || secret.error().code != Code::NotFound) return secret;
    looked += (looked.empty() ? "" : ", ") + (directory / name).string();
  }
  if (const auto command = commands_.find(name); command != commands_.end() && !command->second.empty()) {
    return run_command(command->second, name);
  }
  return not_found("there is no secret " + in_quotes(name) + ". Looked for: " + looked +
                   "; and no command of that name is in the settings");
}

Result<runtime::Secret> Secrets::resolve(const MaybeSecret& text) const {
  if (!text.is_secret) return runtime::Secret(text.text);
  return find(text.text);
}

}  // namespace talon::config
