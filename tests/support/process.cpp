/// Child processes of tests: fork and exec, a reading thread each, ended by id.
#include "tests/support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

namespace talon::support {

struct Child::State {
  pid_t pid = -1;
  int exit_code = -1;  ///< −1 while it is not waited for
  std::array<int, 2> pipes{-1, -1};
  std::array<std::string, 2> texts;
  bool is_closed = false;
  std::mutex mutex;
  std::condition_variable changed;
  std::jthread reader;

  /// Until both pipes are closed, or nobody wants more: a grandchild may keep them open.
  void read_all(const std::stop_token& stop) {
    std::array<pollfd, 2> waits{pollfd{pipes[0], POLLIN, 0}, pollfd{pipes[1], POLLIN, 0}};
    std::array<char, 65536> buffer{};
    while (!stop.stop_requested() && (waits[0].fd >= 0 || waits[1].fd >= 0)) {
      if (::poll(waits.data(), waits.size(), 100) < 0 && errno != EINTR) break;
      for (std::size_t i = 0; i < 2; ++i) {
        if (waits[i].fd < 0 || waits[i].revents == 0) continue;
        const ssize_t got = ::read(waits[i].fd, buffer.data(), buffer.size());
        if (got <= 0) {
          waits[i].fd = -1;
          continue;
        }
        const std::lock_guard lock(mutex);
        texts[i].append(buffer.data(), static_cast<std::size_t>(got));
        changed.notify_all();
      }
    }
    const std::lock_guard lock(mutex);
    is_closed = true;
    changed.notify_all();
  }

  /// @param flags  of waitpid. @return whether it has ended.
  bool reap(int flags) {
    if (exit_code >= 0) return true;
    int status = 0;
    if (::waitpid(pid, &status, flags) != pid) return false;
    exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }
};

namespace {

struct Launch {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const passwd* user = nullptr;
  const ChildOptions* options = nullptr;
  pid_t parent = 0;
};

/// In the child after fork: async-signal-safe calls only.
[[noreturn]] void become(const Launch& launch, int out, int err) {
  if (launch.user != nullptr) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(launch.user->pw_gid) != 0 ||
        ::setuid(launch.user->pw_uid) != 0) {
      ::_exit(126);
    }
  }
  ::prctl(PR_SET_PDEATHSIG, launch.options->death_signal);  // after setuid, which clears it
  if (::getppid() != launch.parent) ::_exit(126);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(126);
  const std::string& directory = launch.options->directory;
  if (!directory.empty() && ::chdir(directory.c_str()) != 0) ::_exit(126);
  ::execvpe(launch.arguments[0], launch.arguments.data(), launch.environment.data());
  ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Child::Child(std::unique_ptr<State> state) : state_(std::move(state)) {}
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&&) noexcept = default;

Child::~Child() {
  if (!state_) return;
  if (!state_->reap(WNOHANG)) {
    ::kill(state_->pid, SIGKILL);
    state_->reap(0);
  }
  state_->reader.request_stop();
  state_->reader.join();
  for (const int pipe : state_->pipes) ::close(pipe);
}

Result<Child> Child::start(const std::vector<std::string>& arguments, const ChildOptions& options) {
  TALON_CHECK(!arguments.empty());
  std::vector<std::string> texts = arguments;
  std::vector<std::string> variables = options.environment;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  Launch launch{pointers(texts), pointers(variables), nullptr, &options, ::getpid()};
  if (!options.user.empty() && ::geteuid() == 0) {
    launch.user = ::getpwnam(options.user.c_str());
    if (launch.user == nullptr) return unavailable("there is no user \"" + options.user + "\" to run as");
  }
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) {
    return unavailable(std::string("pipe: ") + std::strerror(errno));
  }
  auto state = std::make_unique<State>();
  state->pid = ::fork();
  if (state->pid == 0) become(launch, out[1], err[1]);
  ::close(out[1]);
  ::close(err[1]);
  state->pipes = {out[0], err[0]};
  if (state->pid < 0) return unavailable(std::string("fork: ") + std::strerror(errno));
  state->reader =
      std::jthread([inside = state.get()](const std::stop_token& stop) { inside->read_all(stop); });
  return Child(std::move(state));
}

int Child::pid() const { return state_->pid; }
bool Child::is_running() { return !state_->reap(WNOHANG); }
void Child::signal(int number) {
  if (is_running()) ::kill(state_->pid, number);
}

int Child::wait() {
  state_->reap(0);
  std::unique_lock lock(state_->mutex);
  // A grandchild may hold the pipes open; what it writes later is not this child's.
  state_->changed.wait_for(lock, std::chrono::seconds(1), [&] { return state_->is_closed; });
  return state_->exit_code;
}

int Child::wait_for(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (is_running()) {
    if (std::chrono::steady_clock::now() >= end) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return wait();
}

std::string Child::output() const {
  const std::lock_guard lock(state_->mutex);
  return state_->texts[0];
}

std::string Child::errors() const {
  const std::lock_guard lock(state_->mutex);
  return state_->texts[1];
}

bool Child::wait_for_text(std::string_view text, std::chrono::milliseconds limit) {
  const auto stands = [&] {
    return std::any_of(state_->texts.begin(), state_->texts.end(),
                       [&](const std::string& all) { return all.find(text) != std::string::npos; });
  };
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, limit, [&] { return stands() || state_->is_closed; });
  return stands();
}

Result<Finished> run_program(const std::vector<std::string>& arguments, const ChildOptions& options) {
  TALON_TRY(Child child, Child::start(arguments, options));
  const int code = child.wait();
  return Finished{code, child.output(), child.errors()};
}

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  TALON_CHECK(::bind(probe, generic, size) == 0 && ::getsockname(probe, generic, &size) == 0);
  ::close(probe);
  return ntohs(address.sin_port);
}

std::string find_program(std::string_view name, const std::vector<std::string>& folders) {
  std::vector<std::string> places = folders;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    places.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  for (const std::string& place : places) {
    const std::string candidate = place + "/" + std::string(name);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

void give_up(const std::string& why) {
  std::fprintf(stderr, "the tests' servers: %s\n", why.c_str());
  std::abort();
}

}  // namespace talon::support
