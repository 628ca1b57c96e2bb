/// Files and programs that take copies.
#include "push.hpp"
#include "system_errors.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace audit {

namespace {

using talon::Error;
using talon::Result;

constexpr std::chrono::seconds kTimeMax{30};

/// Sends all of `input`; a program that does not read it all ends the sending, not us.
void send_all(int fd, const std::string& input) {
  for (std::size_t at = 0; at < input.size();) {
    const ssize_t count = ::send(fd, input.data() + at, input.size() - at, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    at += static_cast<std::size_t>(count);
  }
  ::close(fd);
}

}  // namespace

Result<void> append_line(const std::string& path, const std::string& line) {
  const std::string text = line + "\n";
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return cannot("append a checkpoint to " + path);
  const bool is_written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fdatasync(fd) == 0;
  const int code = errno;
  ::close(fd);
  return is_written ? Result<void>() : cannot("append a checkpoint to " + path, code);
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return cannot("write " + fresh);
  const bool is_written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  int code = errno;
  ::close(fd);
  if (!is_written) return cannot("write " + fresh, code);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return cannot("write " + path);
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const int directory = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return cannot("open " + folder);
  const bool is_forced = ::fsync(directory) == 0;
  code = errno;
  ::close(directory);
  return is_forced ? Result<void>() : cannot("force " + folder + " to disk", code);
}

Result<void> run_command(const std::vector<std::string>& words, const std::string& input) {
  int ends[2] = {-1, -1};
  // A socket instead of a pipe: a program that ends early must not end this one by a signal.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return cannot("run " + words[0]);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path, nullptr};
  pid_t child = 0;
  const int failed =
      ::posix_spawnp(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    return cannot("run " + words[0], failed);
  }
  send_all(ends[0], input);
  const auto until = std::chrono::steady_clock::now() + kTimeMax;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(child, &status, WNOHANG)) == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (ended == 0) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return talon::unavailable(words[0] + " did not take a checkpoint within 30 s");
  }
  if (ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return talon::unavailable(words[0] + " took no checkpoint: it ended with code " +
                            std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1));
}

}  // namespace audit
