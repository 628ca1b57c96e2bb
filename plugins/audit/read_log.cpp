/// Appends, forces and rotates the read log's files.
#include "read_log.hpp"
#include "system_errors.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::Error;
using talon::Result;

constexpr std::chrono::milliseconds kForceEvery{100};  // decision 5
constexpr std::string_view kPrefix = "reads-";
constexpr std::string_view kSuffix = ".jsonl";

}  // namespace

FileLock::FileLock(const std::string& path) {
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd_ < 0) return;
  // Whoever had it before may have taken it in and removed it.
  struct stat file {};
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 && ::fstat(fd_, &file) == 0 && file.st_nlink > 0) return;
  ::close(fd_);
  fd_ = -1;
}
FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<ReadLog::File> ReadLog::make_file(int64_t now_us) const {
  std::string path;
  for (int attempt = 0; attempt < 3; ++attempt) {
    // Names sort by time and never come again, also when the clock stands still or is set back: the count of
    // lines that were taken in is kept by name.
    std::string digits = std::to_string(now_us);
    digits.insert(0, 19 - std::min<std::size_t>(digits.size(), 19), '0');
    std::array<unsigned char, 8> salt{};
    randombytes_buf(salt.data(), salt.size());
    std::array<char, 17> hex{};
    sodium_bin2hex(hex.data(), hex.size(), salt.data(), salt.size());
    path = directory_ + "/" + std::string(kPrefix) + digits + "-" + hex.data() + std::string(kSuffix);
    const int fd =
        ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    // The lock tells other instances and processes that this file is still being written.
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) return File{std::move(path), fd};
    if (fd >= 0)
      ::close(fd);
    else if (errno != EEXIST)
      break;
  }
  return cannot("make " + path);
}

Result<void> ReadLog::open(const std::string& directory, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return talon::unavailable("cannot make the folder " + directory + ": " + error.message());
  fs::permissions(directory, fs::perms::owner_all, error);
  directory_ = directory;
  TALON_TRY(const File first, make_file(now_us));
  write_to(first);
  is_closing_ = false;
  thread_ = std::thread([this] { force_regularly(); });
  return {};
}

Result<void> ReadLog::append(std::string_view entry) {
  if (entry.find('\n') != std::string_view::npos) return talon::invalid("a read log's entry is one line");
  std::string line;
  line.reserve(entry.size() + 2);
  const std::lock_guard lock(mutex_);
  if (fd_ < 0) return talon::unavailable("the read log is not open");
  if (is_torn_) line.push_back('\n');
  line.append(entry);
  line.push_back('\n');
  ssize_t count = -1;
  do {
    count = ::write(fd_, line.data(), line.size());
  } while (count < 0 && errno == EINTR);
  has_lines_ = has_lines_ || count > 0;
  ++appended_;
  if (count == static_cast<ssize_t>(line.size())) {
    is_torn_ = false;
    return {};
  }
  is_torn_ = is_torn_ || count > 0;
  return cannot("append to " + current_);
}

void ReadLog::write_to(const File& file) {
  current_ = file.path;
  fd_ = file.fd;
  has_lines_ = false;
  is_torn_ = false;
}

Result<void> ReadLog::begin_next(int64_t now_us) {
  // Nobody's read waits for the file system here, unless it asked to.
  TALON_TRY(const File next, make_file(now_us));
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (fd_ < 0) {
    ::close(next.fd);
    ::unlink(next.path.c_str());
    return talon::unavailable("the read log was closed");
  }
  const int full = fd_;
  const int64_t upto = appended_;
  write_to(next);
  // Nor does anybody force the new file meanwhile: that would count for lines of the full one.
  is_forcing_ = true;
  lock.unlock();
  const bool is_done = ::fdatasync(full) == 0;
  const Error failure = cannot("force a full file of the read log");
  ::close(full);
  lock.lock();
  is_forcing_ = false;
  if (is_done) forced_ = std::max(forced_, upto);
  forced_more_.notify_all();
  return is_done ? Result<void>() : Result<void>(failure);
}

Result<std::vector<std::string>> ReadLog::rotate(int64_t now_us) {
  const std::lock_guard one(rotating_);
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    if (fd_ < 0) return talon::unavailable("the read log is not open");
    is_due = has_lines_;
  }
  if (is_due) TALON_DO(begin_next(now_us));
  std::string current;
  {
    const std::lock_guard lock(mutex_);
    current = current_;
  }
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory_, error)) {
    const std::string name = file.path().filename().string();
    const bool is_ours = name.starts_with(kPrefix) && name.ends_with(kSuffix);
    if (is_ours && file.path().string() != current) files.push_back(file.path().string());
  }
  if (error) return talon::unavailable("cannot read the folder " + directory_ + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> ReadLog::append_durably(std::string_view entry) {
  TALON_DO(append(entry));
  std::unique_lock lock(mutex_);
  const int64_t mine = appended_;  // or a later one: then that is on disk too
  while (forced_ < mine) {
    if (fd_ < 0) return talon::unavailable("the read log was closed");
    if (is_forcing_)
      forced_more_.wait(lock);
    else
      TALON_DO(force(lock));
  }
  return {};
}

Result<void> ReadLog::force(std::unique_lock<std::mutex>& lock) {
  const int fd = ::dup(fd_);  // rotation may close the other one meanwhile
  const int64_t upto = appended_;
  is_forcing_ = true;
  lock.unlock();
  const bool is_done = fd >= 0 && ::fdatasync(fd) == 0;
  const Error failure = cannot("force the read log");
  if (fd >= 0) ::close(fd);
  lock.lock();
  is_forcing_ = false;
  if (is_done) forced_ = std::max(forced_, upto);
  forced_more_.notify_all();
  return is_done ? Result<void>() : Result<void>(failure);
}

void ReadLog::force_regularly() {
  std::unique_lock lock(mutex_);
  while (!is_closing_) {
    wake_.wait_for(lock, kForceEvery);
    if (is_forcing_ || fd_ < 0 || forced_ == appended_) continue;
    if (auto forced = force(lock); !forced) std::fprintf(stderr, "%s\n", forced.error().message.c_str());
  }
}

void ReadLog::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  if (fd_ < 0) return;
  if (::fdatasync(fd_) != 0) std::perror(current_.c_str());
  ::close(fd_);
  fd_ = -1;
  if (!has_lines_) ::unlink(current_.c_str());
}

}  // namespace audit
