/// Sees that files below some directories have changed, by the kernel's notice.
#pragma once

#include <talon/result.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <vector>

namespace talon::daemon {

/// @threads one at a time.
class Watcher {
 public:
  Watcher();
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Watches `directory` and the folders below it; one that is not there is left out.
  void add(const std::filesystem::path& directory);
  /// Waits for changes, at most `wait`; then until nothing changed for a moment, so that an editor's several
  /// writes are one change. @return the directories given to `add` in which something changed.
  std::vector<std::filesystem::path> changed(std::chrono::milliseconds wait);

 private:
  void add_folder(const std::filesystem::path& folder, const std::filesystem::path& root);
  bool read_events(std::vector<std::filesystem::path>& roots);

  int fd_ = -1;
  struct Watched {
    std::filesystem::path folder;
    std::filesystem::path root;
  };
  std::map<int, Watched> watched_;
};

}  // namespace talon::daemon
