/// Lines of the read log when somebody is at their buffer, or the disk at its end.
#include "plugins/audit/line_batch.hpp"
#include "plugins/audit/mapped_copy.hpp"
#include "tests/plugins/audit/read_log_fixture.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace audit_tests {
namespace {

using audit::LogBuffer;
using audit::LogFile;

TEST_F(ReadLogTest, ABufferThatSomebodyRemovesOrCutsIsReplacedAndItsLossTold) {
  for (const int left : {-1, 0, 1000, 5000}) {
    constexpr int kLines = 100;
    for (int i = 0; i < kLines; ++i) ASSERT_TRUE(log.append(line));
    for (const std::string& buffer : files_in(folder.file("reads"), LogBuffer::kSuffix)) {
      if (left < 0)
        std::filesystem::remove(buffer);
      else
        std::filesystem::resize_file(buffer, static_cast<std::uintmax_t>(left));
    }
    for (int i = 0; i < kLines; ++i) ASSERT_TRUE(log.append(line));
    // What was put into a part of a page that is gone is gone too, but no longer than this.
    ASSERT_TRUE(log.append_durably("forced"));
    ASSERT_TRUE(log.append_durably("forced"));
    for (int i = 0; i < kLines; ++i) ASSERT_TRUE(log.append(line));
    const auto told = log.rotate(2);
    const std::vector<std::string> files = log.leftovers()->files;
    const int found = lines_of(files);
    EXPECT_GE(found, left < 0 ? 3 * kLines : left == 0 ? 2 * kLines : kLines);
    EXPECT_EQ(static_cast<bool>(told), found == 3 * kLines) << left;
    for (const std::string& file : files) std::filesystem::remove(file);
    ASSERT_TRUE(log.append_durably(line));  // whichever of the two has its turn
    for (const std::string& file : rotated(4)) std::filesystem::remove(file);
    EXPECT_EQ(files_in(folder.file("reads"), LogBuffer::kSuffix).size(), 2U);
  }
}

TEST_F(ReadLogTest, ABufferThatWasRemovedBeforeItsTurnTakesNoLine) {
  ASSERT_TRUE(log.append(line));
  for (const std::string& buffer : files_in(folder.file("reads"), LogBuffer::kSuffix))
    std::filesystem::remove(buffer);
  ASSERT_TRUE(log.append_durably("forced"));  // the other one's turn begins
  const int before = writes;
  ASSERT_TRUE(log.append(line));
  EXPECT_GT(writes, before) << "a kill would lose it";
}

TEST_F(ReadLogTest, ADurableLineStandsInNoBuffer) {
  ASSERT_TRUE(log.append(line));
  for (const std::string& buffer : files_in(folder.file("reads"), LogBuffer::kSuffix))
    std::filesystem::resize_file(buffer, line.size());  // a copy behind it is lost without a fault
  ASSERT_TRUE(log.append_durably("forced"));
  EXPECT_FALSE(log.rotate(2)) << "the first one is lost";
  const std::vector<std::string> lines = all_lines_of(log.leftovers()->files);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].ends_with('\0' + std::string("forced"))) << "behind what is left of the first";
}

TEST_F(ReadLogTest, WhatTheSystemDroppedWhenTheDiskFailedIsWrittenAgain) {
  int lines = 0;
  {
    const BrokenDisk broken;
    for (; log.append(line); ++lines) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(lines, 0);
  const std::string file = files_in(folder.file("reads"), LogFile::kSuffix).front();
  const std::uintmax_t size = std::filesystem::file_size(file);
  std::filesystem::resize_file(file, 0);
  std::filesystem::resize_file(file, size);
  EXPECT_EQ(lines_of(rotated(2)), lines);
}

TEST(LineBatch, ALineBeforeThoseOfItsBufferIsWrittenToTheFile) {
  const talon::support::TemporaryDirectory folder;
  const auto open = std::make_shared<audit::OpenFile>(*LogFile::make(folder.path().string(), 1));
  audit::LineBatch batch;
  batch.buffer = LogBuffer::make(folder.path().string(), 1);
  ASSERT_NE(batch.buffer, nullptr);
  open->file.size = 100;
  batch.begin(open, 1);
  open->file.size = 50;  // the other batch gave a place back
  EXPECT_FALSE(batch.next(10, true).is_buffered);
  EXPECT_FALSE(batch.next(40, true).is_buffered);
  EXPECT_TRUE(batch.next(10, true).is_buffered);
  ASSERT_TRUE(batch.clear());
  open->file.close();
}

TEST(MappedCopyDeathTest, OnlyACopysFaultIsCaught) {
  const talon::support::TemporaryDirectory folder;
  const std::string path = folder.write("mapped", std::string(4096, 'x'));
  const int fd = ::open(path.c_str(), O_RDWR);
  auto* const window = static_cast<char*>(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  audit::catch_faults();
  EXPECT_TRUE(audit::copy_mapped(window, "x"));
  std::filesystem::resize_file(path, 0);
  for (int again = 0; again < 3; ++again) EXPECT_FALSE(audit::copy_mapped(window, "x"));
  EXPECT_DEATH(*static_cast<volatile char*>(window) = 'x', "");
  ::munmap(window, 4096);
  ::close(fd);
}

}  // namespace
}  // namespace audit_tests
