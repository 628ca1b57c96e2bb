/// What stands in a buffer of the read log when its process is killed.
#include "plugins/audit/log_buffer.hpp"
#include "plugins/audit/line_reader.hpp"
#include "tests/plugins/audit/read_log_fixture.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>

namespace audit_tests {
namespace {

using audit::LogBuffer;
using audit::LogFile;

std::string numbered(int number) {
  const std::string digits = std::to_string(1'000'000 + number);
  return "line " + digits + std::string(300, '.');
}

/// A process that appends lines and rotates until somebody kills it. Made while no other thread runs.
class Writer {
 public:
  explicit Writer(const std::string& directory) {
    auto* const shared = static_cast<std::atomic<int>*>(
        ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    appended_ = new (shared) std::atomic<int>(0);
    child_ = ::fork();
    if (child_ == 0) write(directory);
  }
  ~Writer() {
    kill();
    ::munmap(appended_, sizeof(std::atomic<int>));
  }
  /// @return false: it ended by itself.
  bool is_running() {
    if (child_ > 0 && ::waitpid(child_, nullptr, WNOHANG) != 0) child_ = 0;
    return child_ > 0;
  }
  int appended() const { return *appended_; }
  /// @return lines that it has appended.
  int kill() {
    if (child_ > 0 && ::kill(child_, SIGKILL) == 0) ::waitpid(child_, nullptr, 0);
    child_ = 0;
    return appended();
  }

 private:
  [[noreturn]] void write(const std::string& directory) {
    constexpr int kDurable = 500;  // one in so many
    audit::ReadLog log;
    if (!log.open(directory, 1)) ::_exit(1);
    std::thread rotating([&log] {
      while (log.rotate(1)) std::this_thread::yield();
    });
    for (int number = 0;; ++number) {
      const bool is_durable = number % kDurable == kDurable - 1;
      if (!(is_durable ? log.append_durably(numbered(number)) : log.append(numbered(number)))) ::_exit(1);
      *appended_ = number + 1;
    }
  }

  std::atomic<int>* appended_;
  pid_t child_;
};

/// Takes in what others left, as the job does.
void take_in(audit::ReadLog& log, std::map<std::string, int>& found) {
  const auto left = log.leftovers();
  ASSERT_TRUE(left);
  ASSERT_TRUE(LogBuffer::complete(left->buffers));
  for (const std::string& file : left->files) {
    const audit::FileLock lock(file);
    const std::string name = std::filesystem::path(file).filename().string();
    if (!lock.is_held() || LogBuffer::have_lines_of(left->buffers, name)) continue;
    audit::LineReader lines(lock.fd(), file, LogBuffer::lines_begin(lock.fd()));
    for (std::string line; *lines.next(line);) ++found[line];
    std::filesystem::remove(file);
  }
}

TEST(LogBuffer, OfAKilledProcessEachLineIsTakenInOnceWhileOthersTakeInToo) {
  const talon::support::TemporaryDirectory folder;
  for (int round = 1; round <= 10; ++round) {
    const std::string directory = folder.file("reads" + std::to_string(round));
    Writer writer(directory);
    audit::ReadLog log;
    ASSERT_TRUE(log.open(directory, 1));
    std::map<std::string, int> found;
    while (writer.appended() < 700 * round) {
      ASSERT_TRUE(writer.is_running());
      take_in(log, found);
    }
    const int appended = writer.kill();
    for (int again = 0; again < 3; ++again) take_in(log, found);
    for (int number = 0; number < appended; ++number)
      ASSERT_EQ(found[numbered(number)], 1) << "of " << appended;
    EXPECT_LE(found.size(), static_cast<std::size_t>(appended) + 1) << "the one that it was at";
    EXPECT_EQ(ReadLogTest::files_in(directory).size(), 3U) << "the log's own";
  }
}

/// A buffer with two lines, which a killed process left.
class LeftBuffer : public ::testing::Test {
 protected:
  void SetUp() override {
    LogFile file = *LogFile::make(folder.path().string(), 1);
    name = file.name();
    ASSERT_EQ(file.write("zero", 0), 5);
    const auto buffer = LogBuffer::make(folder.path().string(), 1);
    ASSERT_NE(buffer, nullptr);
    ASSERT_TRUE(buffer->begin(name, 5));
    ASSERT_TRUE(buffer->put(0, "what was cleared is no line"));
    ASSERT_TRUE(buffer->clear(28));
    ASSERT_TRUE(buffer->begin(name, 5));
    ASSERT_TRUE(buffer->put(0, "one"));
    ASSERT_TRUE(buffer->put(4, "two"));
    std::filesystem::copy_file(buffer->path(), left);
    ASSERT_TRUE(buffer->clear(8));
    file.close();
  }
  std::string text_of(const std::string& path) const {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> buffers() const { return *LogBuffer::all(folder.path().string()); }
  bool has_lines() const { return LogBuffer::have_lines_of(buffers(), name); }
  talon::Result<void> complete() const { return LogBuffer::complete(buffers()); }

  const talon::support::TemporaryDirectory folder;
  const std::string left = folder.file("reads-left.buffer");
  std::string name;
};

TEST_F(LeftBuffer, ItsLinesArePutIntoItsFile) {
  EXPECT_TRUE(has_lines());
  ASSERT_TRUE(complete());
  EXPECT_EQ(text_of(folder.file(name)), "zero\none\ntwo\n");
  EXPECT_FALSE(has_lines());
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST_F(LeftBuffer, LinesThatTheFileHasAlreadyDoNotComeTwice) {
  std::ofstream(folder.file(name), std::ios::app) << "one\ntwo\nthree\n";
  ASSERT_TRUE(complete());
  EXPECT_EQ(text_of(folder.file(name)), "zero\none\ntwo\nthree\n");
}

TEST_F(LeftBuffer, ItWaitsForWhoeverIsAtItsFile) {
  {
    const audit::FileLock other(folder.file(name));
    ASSERT_TRUE(complete());
    EXPECT_TRUE(has_lines());
  }
  ASSERT_TRUE(complete());
  EXPECT_FALSE(has_lines());
}

TEST_F(LeftBuffer, WhereAFullDiskTakesItNotItBecomesAFile) {
  std::ofstream(folder.file(name), std::ios::app) << "one\ntw";  // what it took before
  is_disk_full = true;
  EXPECT_TRUE(complete());
  is_disk_full = false;
  EXPECT_EQ(text_of(folder.file(name)), "zero\n" + std::string(6, '\0'));
  const std::string file = folder.file("reads-left.jsonl");
  const audit::FileLock lock(file);
  audit::LineReader lines(lock.fd(), file, LogBuffer::lines_begin(lock.fd()));
  std::string line;
  for (const char* const expected : {"one", "two"}) {
    ASSERT_TRUE(*lines.next(line));
    EXPECT_EQ(line, expected);
  }
  EXPECT_FALSE(*lines.next(line));
}

TEST_F(LeftBuffer, WhereItCanBecomeNoFileItStaysAsItIs) {
  const NoMoving none;
  is_disk_full = true;
  EXPECT_FALSE(complete());
  is_disk_full = false;
  EXPECT_TRUE(has_lines());
  ASSERT_TRUE(complete());
  EXPECT_EQ(text_of(folder.file(name)), "zero\none\ntwo\n");
}

TEST_F(LeftBuffer, WhereSomebodyRemovedItsFileItHasTheseLinesAlone) {
  std::filesystem::remove(folder.file(name));
  ASSERT_TRUE(complete());
  EXPECT_EQ(text_of(folder.file(name)), std::string(5, '\0') + "one\ntwo\n");
}

TEST_F(LeftBuffer, AnEndOfTheSystemIsToldOnce) {
  constexpr int kBoot = 16;
  std::fstream(left, std::ios::in | std::ios::out).seekp(kBoot) << "another";
  EXPECT_FALSE(has_lines());
  const talon::Result<void> told = complete();
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().message.find(name), std::string::npos) << told.error().message;
  EXPECT_TRUE(complete());
  EXPECT_EQ(text_of(folder.file(name)), "zero\n");
}

TEST_F(LeftBuffer, WhereOtherHostsHaveTheFolderOneOfAnotherStartIsTheirs) {
  constexpr int kBoot = 16;
  std::fstream(left, std::ios::in | std::ios::out).seekp(kBoot) << "another";
  {
    const SharedFolder shared;
    const talon::Result<void> told = complete();
    ASSERT_FALSE(told);
    EXPECT_NE(told.error().message.find("start talond there"), std::string::npos) << told.error().message;
    EXPECT_TRUE(has_lines());
  }
  EXPECT_TRUE(std::filesystem::exists(left));
}

TEST_F(LeftBuffer, OneThatCannotBeReadMayHaveLinesOfAnyFile) {
  const std::vector<std::string> all = buffers();
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const struct rlimit none { 0, before.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_TRUE(LogBuffer::have_lines_of(all, "reads-other.jsonl"));
  EXPECT_FALSE(LogBuffer::all(folder.path().string()));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(LogBuffer::have_lines_of(all, "reads-other.jsonl"));
}

TEST_F(LeftBuffer, WhatIsNoBufferHarmsNothing) {
  const std::string whole = text_of(left);
  for (const std::size_t size : {0U, 100U, 256U}) {
    std::ofstream(left) << whole.substr(0, size);
    ASSERT_TRUE(complete()) << size;
    EXPECT_FALSE(std::filesystem::exists(left)) << size;
  }
  EXPECT_EQ(text_of(folder.file(name)), "zero\n");
}

}  // namespace
}  // namespace audit_tests
