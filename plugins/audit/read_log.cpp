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

/// All of `from`, from its beginning, to the end of `to`. @return false: errno says why.
bool copy_all(int from, int to) {
  std::array<char, 64 << 10> piece{};
  off_t at = 0;
  while (true) {
    const ssize_t count = ::pread(from, piece.data(), piece.size(), at);
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return false;
    for (ssize_t done = 0; done < count;) {
      const ssize_t part = ::write(to, piece.data() + done, static_cast<std::size_t>(count - done));
      if (part < 0 && errno != EINTR) return false;
      done += std::max<ssize_t>(part, 0);
    }
    at += std::max<ssize_t>(count, 0);
  }
}

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
    const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
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
  if (unforced_) return *unforced_;
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
  unforced_.reset();
}

Result<ReadLog::File> ReadLog::make_proved_file(int64_t now_us) const {
  TALON_TRY(File file, make_file(now_us));
  // An empty line is no entry.
  if (::write(file.fd, "\n", 1) == 1 && ::fdatasync(file.fd) == 0) return file;
  const Error failure = cannot("force " + file.path);
  ::close(file.fd);
  ::unlink(file.path.c_str());
  return failure;
}

Result<void> ReadLog::keep_removed(int removed, const std::string& path, int64_t now_us) const {
  TALON_TRY(const File kept, make_file(now_us));
  const bool is_done = copy_all(removed, kept.fd) && ::fdatasync(kept.fd) == 0;
  const Error failure = cannot("keep what " + path + " held");
  ::close(kept.fd);
  if (!is_done) return failure;
  return talon::unavailable("somebody removed " + path + " while it was written; what it held is in " +
                            kept.path);
}

Result<void> ReadLog::begin_next(int64_t now_us) {
  bool is_proof_needed = false;
  {
    const std::lock_guard lock(mutex_);
    is_proof_needed = unforced_.has_value();
  }
  // Nobody's read waits for the file system here, unless it asked to.
  TALON_TRY(const File next, is_proof_needed ? make_proved_file(now_us) : make_file(now_us));
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (fd_ < 0) {
    ::close(next.fd);
    ::unlink(next.path.c_str());
    return talon::unavailable("the read log was closed");
  }
  const int full = fd_;
  const std::string path = current_;
  const int64_t upto = appended_;
  write_to(next);
  // Nor does anybody force the new file meanwhile: that would count for lines of the full one.
  is_forcing_ = true;
  lock.unlock();
  const bool is_done = ::fdatasync(full) == 0;
  const Error failure = cannot("force a full file of the read log");
  struct stat file {};
  const bool is_removed = ::fstat(full, &file) == 0 && file.st_nlink == 0;
  const Result<void> kept = is_removed ? keep_removed(full, path, now_us) : Result<void>();
  ::close(full);
  lock.lock();
  is_forcing_ = false;
  if (is_done)
    forced_ = std::max(forced_, upto);
  else
    ++failures_;
  forced_more_.notify_all();
  if (!kept) return kept;
  return is_done ? Result<void>() : Result<void>(failure);
}

Result<std::vector<std::string>> ReadLog::rotate(int64_t now_us) {
  const std::lock_guard one(rotating_);
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    if (fd_ < 0) return talon::unavailable("the read log is not open");
    is_due = has_lines_ || unforced_;
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
  std::unique_lock lock(mutex_);
  const int64_t failures = failures_;
  lock.unlock();
  TALON_DO(append(entry));
  lock.lock();
  const int64_t mine = appended_;  // or a later one: then that is on disk too
  while (true) {
    if (failures_ != failures) return talon::unavailable("the disk did not take the read log");
    if (forced_ >= mine) return {};
    if (fd_ < 0) return talon::unavailable("the read log was closed");
    if (is_forcing_)
      forced_more_.wait(lock);
    else
      TALON_DO(force(lock));
  }
}

Result<void> ReadLog::force(std::unique_lock<std::mutex>& lock) {
  const int fd = ::dup(fd_);  // rotation may close the other one meanwhile
  const std::string path = current_;
  const int64_t upto = appended_;
  is_forcing_ = true;
  lock.unlock();
  const bool is_done = fd >= 0 && ::fdatasync(fd) == 0;
  const Error failure = cannot("force the read log");
  if (fd >= 0) ::close(fd);
  lock.lock();
  is_forcing_ = false;
  if (is_done) forced_ = std::max(forced_, upto);
  // The kernel tells of a failure once and may drop what it could not write: a later success says nothing.
  if (!is_done) ++failures_;
  if (!is_done && current_ == path) unforced_ = failure;
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
