/// The read log's files: who writes to them, who forces them, and who is at them besides.
#include "tests/plugins/audit/read_log_fixture.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>

namespace audit_tests {
namespace {

TEST(ReadLog, WhatAFullDiskRefusesLeavesNoRoomInTheFile) {
  const talon::support::TemporaryDirectory folder;
  const NoBuffers none;
  audit::ReadLog log;
  ASSERT_TRUE(log.open(folder.path().string(), 1));
  is_disk_full = true;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(log.append("{}"));
  is_disk_full = false;
  ASSERT_TRUE(log.append("{}"));
  const std::vector<std::string> files = ReadLogTest::rotated(log, 2);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(ReadLogTest::bytes_of(files), 3U);
}

TEST_F(ReadLogTest, WhatAFullDiskDoesNotTakeBecomesAFile) {
  is_disk_full = true;
  int lines = 0;
  while (log.append(line)) {
    ++lines;
    std::this_thread::yield();
  }
  EXPECT_GT(lines, 0) << "nobody waits for the disk";
  ASSERT_TRUE(log.rotate(2)) << "so that what fills the disk can be taken in";
  log.close();
  is_disk_full = false;
  EXPECT_TRUE(files_in(folder.file("reads"), audit::LogBuffer::kSuffix).empty());
  ASSERT_TRUE(log.open(folder.file("reads"), 3));
  ASSERT_TRUE(log.append(line));
  EXPECT_EQ(lines_of(rotated(4)), lines + 1);
}

TEST_F(ReadLogTest, WhatCanBecomeNoFileWaitsInItsBuffer) {
  const NoMoving none;
  is_disk_full = true;
  int lines = 0;
  while (log.append(line)) {
    ++lines;
    std::this_thread::yield();
  }
  EXPECT_GT(lines, 0);
  while (log.rotate(2)) {
  }
  EXPECT_TRUE(log.leftovers()->files.empty()) << "a file is not taken in before it has its lines";
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(log.append(line));
  is_disk_full = false;
  for (; !log.append(line); std::this_thread::yield()) {
  }
  EXPECT_EQ(lines_of(rotated(3)), lines + 1);
}

TEST_F(ReadLogTest, WhatWaitsForTwoFilesComesOnceOfEach) {
  const NoMoving none;
  SlowDisk slow;
  ASSERT_TRUE(log.append(line));
  while (waiting_for_disk < 0) std::this_thread::yield();
  ASSERT_TRUE(log.append(line));
  std::thread rotating([&] { (void)log.rotate(2); });
  is_disk_full = true;
  slow.end();
  int lines = 2;
  for (; log.append(line); std::this_thread::yield()) ++lines;
  rotating.join();
  log.close();
  is_disk_full = false;
  ASSERT_TRUE(log.open(folder.file("reads"), 2));
  ASSERT_TRUE(audit::LogBuffer::complete(log.leftovers()->buffers));
  EXPECT_EQ(lines_of(rotated(3)), lines);
}

TEST_F(ReadLogTest, ManyLinesAreWrittenAtOnce) {
  constexpr int kLines = 2000;
  const int before = writes;
  for (int i = 0; i < kLines; ++i) ASSERT_TRUE(log.append(line));
  const std::vector<std::string> files = rotated(2);
  EXPECT_LT(writes - before, kLines / 10);
  EXPECT_EQ(lines_of(files), kLines);
}

TEST_F(ReadLogTest, NobodyWaitsForASlowDiskAlsoWhereNoBufferHasRoom) {
  constexpr auto kLines = static_cast<int>(2 * audit::LogBuffer::kRoom / 500);
  const std::string brief = "brief";  // what would find room where a line did not
  SlowDisk slow;
  ASSERT_TRUE(log.append(line));
  while (waiting_for_disk < 0) std::this_thread::yield();
  for (int i = 1; i < kLines; ++i) {
    ASSERT_TRUE(log.append(line));
    ASSERT_TRUE(log.append(brief));
  }
  slow.end();
  const std::vector<std::string> files = rotated(2);
  EXPECT_EQ(lines_of(files), kLines);
  EXPECT_EQ(lines_of(files, brief), kLines - 1);
  EXPECT_EQ(bytes_of(files), kLines * (line.size() + 1) + (kLines - 1) * (brief.size() + 1))
      << "each at its place";
}

TEST_F(ReadLogTest, AtItsEndItLeavesLinesAndNothingElse) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(log.append(line));
  log.close();
  const std::vector<std::string> files = files_in(folder.file("reads"));
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(bytes_of(files), 10 * (line.size() + 1));
}

TEST_F(ReadLogTest, AForcingThatFailsWhileFilesChangeIsNotForgotten) {
  SlowDisk slow;
  ASSERT_TRUE(log.append("{}"));
  while (waiting_for_disk < 0) std::this_thread::yield();
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

TEST_F(ReadLogTest, ManyReadersLoseNothingWhileFilesChange) {
  constexpr int kThreads = 4;
  constexpr int kLines = 20'000;
  const auto line_of = [](int i, int number) {
    return std::string(static_cast<std::size_t>(50 * i), 'x') + " " + std::to_string(number);
  };
  std::vector<std::thread> threads;
  std::atomic<int> at_work{kThreads};
  std::atomic<int> failed{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int number = 0; number < kLines; ++number) failed += log.append(line_of(i, number)) ? 0 : 1;
      --at_work;
    });
  }
  int64_t now = 2;
  while (at_work > 0) EXPECT_TRUE(log.rotate(now++));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  std::vector<std::string> wanted;
  for (int i = 0; i < kThreads; ++i)
    for (int number = 0; number < kLines; ++number) wanted.push_back(line_of(i, number));
  std::vector<std::string> found = all_lines_of(rotated(now));
  std::sort(wanted.begin(), wanted.end());
  std::sort(found.begin(), found.end());
  EXPECT_TRUE(found == wanted);
}

TEST_F(ReadLogTest, WhatWasAppendedBesideAFullDiskAndItsEndComesOnceEach) {
  constexpr int kThreads = 3;
  for (int round = 0; round < 6; ++round) {
    is_moving_refused = round % 2 == 0;
    std::array<std::vector<std::string>, kThreads> appended;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const std::string head = std::to_string(round) + "/" + std::to_string(i) + "/";
        for (int number = 0; number < 20'000; ++number) {
          const std::string text = head + std::to_string(number) + "/" + line.substr(0, 100);
          if (number % 1000 == 999 ? log.append_durably(text) : log.append(text))
            appended[static_cast<std::size_t>(i)].push_back(text);
        }
      });
    }
    for (int turn = 0; turn < 10; ++turn) {
      is_disk_full = turn % 2 == 1;
      (void)log.rotate(2);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    is_disk_full = round % 3 == 0;
    log.close();
    for (std::thread& thread : threads) thread.join();
    is_disk_full = is_moving_refused = false;
    ASSERT_TRUE(log.open(folder.file("reads"), 2));
    ASSERT_TRUE(audit::LogBuffer::complete(log.leftovers()->buffers));
    const std::vector<std::string> files = rotated(3);
    const std::vector<std::string> lines = all_lines_of(files);
    std::map<std::string, int> found;
    for (const std::string& each : lines) ++found[each];
    for (const auto& own : appended)
      for (const std::string& each : own) ASSERT_EQ(found[each], 1) << round << ": " << each;
    for (const std::string& file : files) std::filesystem::remove(file);
  }
}

TEST_F(ReadLogTest, ManyDurableReadersShareAForcingAndLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kLines = 50;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int number = 0; number < kLines; ++number) failed += log.append_durably("{}") ? 0 : 1;
    });
  }
  int64_t now = 2;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(log.rotate(now++));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(lines_of(rotated(now), "{}"), kThreads * kLines);
}

}  // namespace
}  // namespace audit_tests
