/// What a read waits for, and what becomes of what was read when the disk or somebody is at the log's files.
#include "plugins/audit/read_log.hpp"
#include "tests/plugins/audit/audit_fixture.hpp"
#include "tests/plugins/audit/disk.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace audit_tests {
namespace {

TEST_F(AuditTest, ADurableReadWaitsForTheDiskAndOthersDoNot) {
  const std::string durable = R"({"at":17,"durable":true,"principal":"usr_0000000000007"})";
  const int before = forced;
  ASSERT_TRUE(read(durable));
  EXPECT_GT(forced, before);
  const BrokenDisk broken;
  // A reader's text that looks like the mark stands behind backslashes.
  EXPECT_TRUE(read(Json::object({{"at", 17}, {"where", R"(note is "\"durable\":true")"}}).to_string()));
  const Result<void> refused = read(durable);
  ASSERT_FALSE(refused) << "the disk has not got it";
  EXPECT_EQ(refused.error().code, talon::Code::Unavailable);
}

TEST_F(AuditTest, NothingIsReadWhileTheDiskDoesNotTakeTheLog) {
  const std::string durable = R"({"at":17,"durable":true,"principal":"usr_0000000000007"})";
  {
    const BrokenDisk broken;
    EXPECT_FALSE(read(durable));
    EXPECT_EQ(read(read_line(1)).error().code, talon::Code::Unavailable);
    EXPECT_FALSE(plugin.job("take_in")) << "nor does it take a new file";
    EXPECT_FALSE(read(read_line(1)));
  }
  EXPECT_FALSE(read(read_line(1))) << "it may have dropped lines of this file";
  ASSERT_TRUE(plugin.job("take_in"));
  EXPECT_TRUE(read(read_line(2)));
  EXPECT_TRUE(read(durable));
  seal();
  EXPECT_EQ(count("read"), 3) << "with the first, which the kernel still had";
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, AFileThatSomebodyRemovesIsKept) {
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(read(read_line(i)));
  std::filesystem::remove(current_file());
  const Result<void> told = plugin.job("take_in");
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().message.find("somebody removed"), std::string::npos) << told.error().message;
  seal();
  EXPECT_EQ(count("read"), 3);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, AFileThatSomebodyMovesIsKeptOnce) {
  const struct {
    const char* name;
    const char* words;
  } moves[] = {{"audit/old.txt", "somebody moved"},
               {"elsewhere.jsonl", "do not put it back"},
               {"audit/reads-0000000000000000002-2.jsonl", "somebody renamed"}};
  int64_t reads = 0;
  for (const auto& move : moves) {
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(read(read_line(i)));
    std::filesystem::rename(current_file(), folder.file(move.name));
    ASSERT_TRUE(read(read_line(4))) << "it is written where it is";
    reads += 4;
    const Result<void> told = plugin.job("take_in");
    ASSERT_FALSE(told) << move.name;
    EXPECT_NE(told.error().message.find(move.words), std::string::npos) << told.error().message;
    seal();
    EXPECT_EQ(count("read"), reads) << move.name;
  }
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, AFileThatSomebodyCutsShortIsTold) {
  const std::size_t bytes = read_line(1).size() + 1;
  int64_t reads = 0;
  for (const bool goes_on : {false, true}) {
    for (const std::size_t left : {std::size_t{0}, bytes, 2 * bytes}) {
      for (int i = 1; i <= 3; ++i) ASSERT_TRUE(read(read_line(i)));
      while (std::filesystem::file_size(current_file()) < 3 * bytes) std::this_thread::yield();
      std::filesystem::resize_file(current_file(), left);
      if (goes_on) {
        ASSERT_TRUE(read(read_line(4)));
      }
      reads += static_cast<int64_t>(left / bytes) + (goes_on ? 1 : 0);
      const Result<void> told = plugin.job("take_in");
      ASSERT_FALSE(told) << left;
      EXPECT_NE(told.error().message.find(" short while it was written: " + std::to_string(3 * bytes - left) +
                                          " bytes"),
                std::string::npos)
          << told.error().message;
      seal();
      EXPECT_EQ(count("read"), reads) << left;
    }
  }
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, WhatSomebodyMovesOfALogThatIsClosedIsKept) {
  ASSERT_TRUE(read(read_line(1)));
  std::filesystem::rename(current_file(), folder.file("elsewhere.jsonl"));
  plugin.stop();
  ASSERT_TRUE(plugin.start());
  seal();
  EXPECT_EQ(count("read"), 1);
}

TEST_F(AuditTest, WhatIsNoFileHoldsUpNothing) {
  ASSERT_EQ(::mkfifo(folder.file("audit/reads-0000000000000000000-1.jsonl").c_str(), 0600), 0);
  ASSERT_TRUE(read(read_line(1)));
  seal();
  EXPECT_EQ(count("read"), 1);
}

TEST_F(AuditTest, ALineThatFindsNoRoomIsRefusedAndHarmsNoOther) {
  plugin.stop();
  const NoBuffers none;
  ASSERT_TRUE(plugin.start());
  ASSERT_TRUE(read(read_line(1)));
  is_next_write_cut = true;
  EXPECT_FALSE(read(read_line(2)));
  ASSERT_TRUE(read(read_line(3)));
  seal();
  const std::vector<int64_t> ids = host.ids("audit_entry");
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_NE(host.text("audit_entry", ids[1], "content").find("torn"), std::string::npos);
  EXPECT_EQ(host.text("audit_entry", ids[2], "content").find("torn"), std::string::npos);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, AFileIsTakenInWhenItHasTheLinesOfABuffer) {
  const std::string directory = folder.file("audit");
  audit::LogFile file = *audit::LogFile::make(directory, 1);
  auto buffer = audit::LogBuffer::make(directory, 1);
  ASSERT_TRUE(buffer->begin(file.name(), 0));
  ASSERT_TRUE(buffer->put(0, read_line(1)));
  file.close();
  seal();
  EXPECT_EQ(count("read"), 0) << "somebody is at the buffer";
  EXPECT_TRUE(std::filesystem::exists(file.path));
  buffer.reset();
  seal();
  EXPECT_EQ(count("read"), 1);
  EXPECT_FALSE(std::filesystem::exists(file.path));
}

TEST_F(AuditTest, OnAFullDiskTheJobTakesInWhatItCan) {
  std::ofstream(folder.file("audit/reads-0000000000000000001-1.jsonl")) << read_line(1) << "\n";
  const NoMoving none;
  is_disk_full = true;
  ASSERT_TRUE(read(read_line(2)));
  EXPECT_FALSE(plugin.job("take_in"));
  EXPECT_EQ(count("read"), 1) << "and removes it";
  is_disk_full = false;
  seal();
  EXPECT_EQ(count("read"), 2);
}

TEST_F(AuditTest, AFileThatAnotherHostHoldsIsLeftToIt) {
  plugin.stop();
  const std::string file = folder.file("audit/reads-0000000000000000001-1.jsonl");
  std::ofstream(file) << read_line(1) << "\n";
  ASSERT_TRUE(plugin.start());
  {
    const audit::FileLock other(file);
    ASSERT_TRUE(other.is_held());
    seal();
    EXPECT_EQ(count("read"), 0);
  }
  seal();
  EXPECT_EQ(count("read"), 1);
}

}  // namespace
}  // namespace audit_tests
