/// inotify behind a small class.
#include "host/daemon/watcher.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstring>

namespace talon::daemon {

namespace {

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE;
/// Quiet for this long: the editor is done.
constexpr int kSettleMs = 20;
/// A folder that never falls quiet is read all the same, after as long as a checkout of thousands of files
/// may take.
constexpr std::chrono::seconds kSettleMax(2);

bool is_readable(int fd, int wait_ms) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, wait_ms) > 0;
}

}  // namespace

Watcher::Watcher() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

Watcher::~Watcher() {
  if (fd_ >= 0) ::close(fd_);
}

void Watcher::add_folder(const std::filesystem::path& folder, const std::filesystem::path& root) {
  const int watch = ::inotify_add_watch(fd_, folder.c_str(), kEvents);
  if (watch >= 0) watched_[watch] = {folder, root};
}

void Watcher::add(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (!fs::is_directory(directory, failed)) return;
  add_folder(directory, directory);
  for (const auto& entry : fs::recursive_directory_iterator(directory, failed)) {
    if (entry.is_directory(failed)) add_folder(entry.path(), directory);
  }
}

bool Watcher::read_events(std::vector<std::filesystem::path>& roots) {
  alignas(inotify_event) std::array<char, 16384> buffer;
  const ssize_t size = ::read(fd_, buffer.data(), buffer.size());
  if (size <= 0) return false;
  for (ssize_t at = 0; at < size;) {
    inotify_event event{};
    std::memcpy(&event, buffer.data() + at, sizeof(event));
    const char* name = buffer.data() + at + sizeof(event);
    if ((event.mask & IN_Q_OVERFLOW) != 0) {  // the kernel lost count: everything may have changed
      for (const auto& [watch, where] : watched_) roots.push_back(where.root);
    }
    const auto watched = watched_.find(event.wd);
    if (watched != watched_.end()) {
      const Watched where = watched->second;
      if (std::find(roots.begin(), roots.end(), where.root) == roots.end()) roots.push_back(where.root);
      if ((event.mask & IN_ISDIR) != 0 && (event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
        add_folder(where.folder / name, where.root);
      }
    }
    at += static_cast<ssize_t>(sizeof(event) + event.len);
  }
  return true;
}

std::vector<std::filesystem::path> Watcher::changed(std::chrono::milliseconds wait) {
  std::vector<std::filesystem::path> roots;
  if (!is_readable(fd_, static_cast<int>(wait.count()))) return roots;
  const auto end = std::chrono::steady_clock::now() + kSettleMax;
  do {
    while (read_events(roots)) {
    }
  } while (is_readable(fd_, kSettleMs) && std::chrono::steady_clock::now() < end);
  return roots;
}

}  // namespace talon::daemon
