/// A read log on a disk that tests command, and what stands in its files.
#pragma once

#include "plugins/audit/line_reader.hpp"
#include "plugins/audit/read_log.hpp"
#include "tests/plugins/audit/disk.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace audit_tests {

/// A log that is open.
class ReadLogTest : public ::testing::Test {
 public:
  void SetUp() override { ASSERT_TRUE(log.open(folder.file("reads"), 1)); }

  /// What it has to take in after a rotation that works.
  static std::vector<std::string> rotated(audit::ReadLog& log, int64_t now_us) {
    const talon::Result<void> done = log.rotate(now_us);
    EXPECT_TRUE(done) << done.error().message;
    const auto left = log.leftovers();
    EXPECT_TRUE(left);
    return left->files;
  }
  std::vector<std::string> rotated(int64_t now_us) { return rotated(log, now_us); }
  static std::vector<std::string> files_in(const std::string& directory, std::string_view suffix = "") {
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(directory))
      if (file.path().string().ends_with(suffix)) files.push_back(file.path().string());
    return files;
  }
  static std::vector<std::string> all_lines_of(const std::vector<std::string>& files) {
    std::vector<std::string> lines;
    for (const std::string& file : files) {
      const audit::FileLock lock(file);
      audit::LineReader reader(lock.fd(), file, audit::LogBuffer::lines_begin(lock.fd()));
      for (std::string text; *reader.next(text);) lines.push_back(text);
    }
    return lines;
  }
  static int lines_of(const std::vector<std::string>& files, const std::string& line) {
    const std::vector<std::string> lines = all_lines_of(files);
    return static_cast<int>(std::count(lines.begin(), lines.end(), line));
  }
  int lines_of(const std::vector<std::string>& files) const { return lines_of(files, line); }
  static std::uintmax_t bytes_of(const std::vector<std::string>& files) {
    std::uintmax_t bytes = 0;
    for (const std::string& file : files) bytes += std::filesystem::file_size(file);
    return bytes;
  }

  const std::string line = std::string(500, 'x');
  const talon::support::TemporaryDirectory folder;
  audit::ReadLog log;
};

}  // namespace audit_tests
