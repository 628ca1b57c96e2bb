/// A folder of a test's own, removed with everything in it at the end.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace talon::support {

/// Made by mkdtemp below the system's temporary folder; mode 0700.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : TemporaryDirectory(std::filesystem::temp_directory_path()) {}
  /// Below another folder.
  explicit TemporaryDirectory(const std::filesystem::path& parent) {
    std::string pattern = (parent / "talon-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;  // a leftover folder is no reason to fail
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  /// Where files are in memory, if the system has such a place with room for a database server; else as
  /// usual.
  static std::filesystem::path in_memory() {
    const std::filesystem::path memory = "/dev/shm";
    constexpr std::uintmax_t kBytesMin = 2'000'000'000;
    std::error_code missing;
    const auto space = std::filesystem::space(memory, missing);
    return missing || space.available < kBytesMin ? std::filesystem::temp_directory_path() : memory;
  }

  const std::filesystem::path& path() const { return path_; }
  /// The path of `name` in it, as text; nothing is made.
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  /// Writes a file (and its folders) and returns its path.
  std::string write(std::string_view name, std::string_view content) const {
    const std::filesystem::path target = path_ / name;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target, std::ios::binary) << content;
    return target.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace talon::support
