/// The read log's files: who writes to them, who forces them, and who is at them besides.
#include "plugins/audit/read_log.hpp"
#include "plugins/audit/mapped_copy.hpp"
#include "tests/plugins/audit/audit_fixture.hpp"
#include "tests/plugins/audit/disk.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace audit_tests {
namespace {

/// A log that is open.
class ReadLogTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(log.open(folder.file("reads"), 1)); }

  const talon::support::TemporaryDirectory folder;
  audit::ReadLog log;
};

TEST_F(ReadLogTest, WhatAFullDiskRefusesLeavesNoRoomInTheFile) {
  is_disk_full = true;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(log.append("{}"));
  is_disk_full = false;
  ASSERT_TRUE(log.append("{}"));
  const auto files = log.rotate(2);
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(std::filesystem::file_size(files->front()), 3U);
}

/// A file with room for lines, which ends with the test.
struct RoomyFile {
  explicit RoomyFile(const std::string& folder) : file(*audit::LogFile::make(folder, 1)) {
    end = file.put_zeros(0);
    is_ready = file.make_ready(0, end);
  }
  ~RoomyFile() { file.close(); }

  audit::LogFile file;
  int64_t end = 0;
  bool is_ready = false;  ///< a system before Linux 5.14 readies nothing
};

/// The same with many lines, where the system readies pages for them.
class MappedReadLogTest : public ReadLogTest {
 protected:
  void SetUp() override {
    if (!RoomyFile(folder.path().string()).is_ready) GTEST_SKIP() << "this system readies no pages";
    ReadLogTest::SetUp();
  }

  const std::string line = std::string(500, 'x');
};

TEST(LogFile, NothingIsReadyWhereTheFileEndsBefore) {
  const talon::support::TemporaryDirectory folder;
  const RoomyFile roomy(folder.path().string());
  if (!roomy.is_ready) GTEST_SKIP() << "this system readies no pages";
  EXPECT_TRUE(roomy.file.make_ready(1, roomy.end));
  std::filesystem::resize_file(roomy.file.path, static_cast<std::uintmax_t>(roomy.end - 1));
  EXPECT_FALSE(roomy.file.make_ready(1, roomy.end)) << "though its page is there";
  EXPECT_TRUE(roomy.file.make_ready(1, roomy.end - 1));
}

TEST(MappedCopyDeathTest, OnlyACopysFaultIsCaught) {
  const talon::support::TemporaryDirectory folder;
  const RoomyFile roomy(folder.path().string());
  if (!roomy.is_ready) GTEST_SKIP() << "this system readies no pages";
  std::filesystem::resize_file(roomy.file.path, 0);
  for (int again = 0; again < 3; ++again) EXPECT_FALSE(audit::copy_mapped(roomy.file.window, "x"));
  EXPECT_DEATH(*static_cast<volatile char*>(roomy.file.window) = 'x', "");
}

/// More than are few. @return how many.
int append_some(audit::ReadLog& log, const std::string& line) {
  constexpr int kSome = 5;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (int i = 0; i < kSome; ++i) EXPECT_TRUE(log.append(line));
  return kSome;
}

/// Appends until lines need no system call: room is made for as many as came in some tenths of a second.
/// @return how many it took.
int append_until_mapped(audit::ReadLog& log, const std::string& line) {
  int lines = 0;
  for (int before = -1; lines_written != before; lines += append_some(log, line)) before = lines_written;
  return lines;
}

int count_lines(const std::vector<std::string>& files, const std::string& line) {
  int found = 0;
  for (const std::string& file : files) {
    std::ifstream in(file);
    for (std::string text; std::getline(in, text);) found += text == line ? 1 : 0;
  }
  return found;
}

TEST_F(MappedReadLogTest, LinesThatFindRoomAreLinesOfTheFile) {
  int lines = append_until_mapped(log, line);
  for (; lines < 2000; ++lines) ASSERT_TRUE(log.append(line));
  const auto files = log.rotate(2);
  ASSERT_TRUE(files);
  EXPECT_EQ(count_lines(*files, line), lines);
}

TEST_F(MappedReadLogTest, NoLineGoesIntoAFileThatTheDiskTakesWhereManyRead) {
  int lines = append_until_mapped(log, line);
  SlowDisk slow;
  while (waiting_for_disk < 0) lines += append_some(log, line);
  const std::string last = "the last";
  ASSERT_TRUE(log.append(last)) << "nobody waits for a slow disk";
  std::ifstream taken("/proc/self/fd/" + std::to_string(waiting_for_disk));
  ASSERT_TRUE(taken);
  for (std::string text; std::getline(taken, text);) EXPECT_NE(text, last);
  slow.end();
  const auto files = log.rotate(2);
  ASSERT_TRUE(files);
  EXPECT_EQ(count_lines(*files, line), lines);
  EXPECT_EQ(count_lines(*files, last), 1);
}

TEST_F(MappedReadLogTest, BothFilesThatSomebodyRemovesAreToldAndKept) {
  const int lines = append_until_mapped(log, line);  // of another file than the first lines
  for (const auto& file : std::filesystem::directory_iterator(folder.file("reads")))
    std::filesystem::remove(file);
  const auto told = log.rotate(2);
  ASSERT_FALSE(told);
  const std::string& message = told.error().message;
  EXPECT_NE(message.find("somebody removed"), message.rfind("somebody removed")) << message;
  const auto files = log.rotate(3);
  ASSERT_TRUE(files);
  EXPECT_EQ(count_lines(*files, line), lines);
}

TEST_F(MappedReadLogTest, WhatIsInBothFilesWhenItEndsIsAllThatIsThere) {
  const auto lines = static_cast<std::uintmax_t>(append_until_mapped(log, line));
  log.close();
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder.file("reads")))
    bytes += file.file_size();
  EXPECT_EQ(bytes, lines * (line.size() + 1)) << "no room is left behind them";
}

TEST_F(ReadLogTest, AForcingThatFailsWhileFilesChangeIsNotForgotten) {
  SlowDisk slow;
  ASSERT_TRUE(log.append("{}"));
  while (waiting_for_disk < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  bool is_rotated = true;
  // It has made new files when the disk fails, none of which the disk has taken.
  std::thread rotating([&] { is_rotated = static_cast<bool>(log.rotate(2)); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  {
    const BrokenDisk broken;
    slow.end();
    rotating.join();
    EXPECT_FALSE(is_rotated);
    EXPECT_FALSE(log.append("{}"));
    EXPECT_FALSE(log.rotate(3)) << "nor does it take a new one";
    EXPECT_FALSE(log.append("{}"));
  }
  ASSERT_TRUE(log.rotate(4));
  EXPECT_TRUE(log.append("{}"));
}

TEST_F(ReadLogTest, AFullFileThatTheDiskDoesNotTakeStopsWhatComesAfter) {
  ASSERT_TRUE(log.append("{}"));
  {
    const BrokenDisk broken;
    EXPECT_FALSE(log.rotate(2));
    EXPECT_FALSE(log.append("{}"));
  }
  ASSERT_TRUE(log.rotate(3));
  EXPECT_TRUE(log.append("{}"));
}

TEST(LogFile, OneThatSomebodyRemovedBeforeItWasLockedTakesNoLine) {
  const talon::support::TemporaryDirectory folder;
  is_next_lock_late = true;
  audit::LogFile file = *audit::LogFile::make(folder.path().string(), 1);
  EXPECT_FALSE(is_next_lock_late);
  EXPECT_TRUE(std::filesystem::exists(file.path));
  file.close();
}

TEST_F(MappedReadLogTest, AMappedFileThatSomebodyCutsShortIsToldAndTakesLinesAgain) {
  for (const std::uintmax_t left : {std::uintmax_t{0}, std::uintmax_t{1000}, std::uintmax_t{5000}}) {
    append_until_mapped(log, line);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(log.append(line));  // more than is left
    for (const auto& file : std::filesystem::directory_iterator(folder.file("reads")))
      if (std::filesystem::file_size(file) > left) std::filesystem::resize_file(file, left);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(log.append(line));
    // What was put into a part of a page that is gone is gone too, but no longer than this.
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    constexpr int kLater = 100;
    for (int i = 0; i < kLater; ++i) ASSERT_TRUE(log.append(line));
    const auto told = log.rotate(2);
    ASSERT_FALSE(told);
    EXPECT_NE(told.error().message.find(" short while it was written: "), std::string::npos)
        << told.error().message;
    const auto files = log.rotate(3);
    ASSERT_TRUE(files);
    EXPECT_GE(count_lines(*files, line), kLater);
    for (const std::string& file : *files) std::filesystem::remove(file);
  }
}

TEST_F(ReadLogTest, ManyReadersLoseNothingWhileFilesChange) {
  constexpr int kThreads = 4;
  constexpr int kLines = 20'000;
  const auto line_of = [](int i) {
    return "{\"" + std::string(static_cast<std::size_t>(50 * i), 'x') + "\":0}";
  };
  std::vector<std::thread> threads;
  std::atomic<int> at_work{kThreads};
  std::atomic<int> failed{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int number = 0; number < kLines; ++number) failed += log.append(line_of(i)) ? 0 : 1;
      --at_work;
    });
  }
  int64_t now = 2;
  while (at_work > 0) EXPECT_TRUE(log.rotate(now++));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  const auto files = log.rotate(now);
  ASSERT_TRUE(files);
  for (int i = 0; i < kThreads; ++i) EXPECT_EQ(count_lines(*files, line_of(i)), kLines) << i;
}

TEST_F(ReadLogTest, ManyDurableReadersShareAForcingAndLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kLines = 50;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int line = 0; line < kLines; ++line) failed += log.append_durably("{}") ? 0 : 1;
    });
  }
  int64_t now = 2;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(log.rotate(now++));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  const auto files = log.rotate(now);
  ASSERT_TRUE(files);
  EXPECT_EQ(count_lines(*files, "{}"), kThreads * kLines);
}

}  // namespace
}  // namespace audit_tests
