/// Makes, proves, judges and keeps files of the read log.
#include "log_file.hpp"
#include "system_errors.hpp"

#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace audit {

namespace {

using talon::Error;
using talon::Result;

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

bool leads_to(const std::string& path, const struct stat& file) {
  struct stat there {};
  return ::lstat(path.c_str(), &there) == 0 && there.st_dev == file.st_dev && there.st_ino == file.st_ino;
}

FileLock::FileLock(const std::string& path, int access) {
  fd_ = ::open(path.c_str(), access | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd_ < 0) return;
  // Whoever had it before may have taken it in and removed it; what is no file would be read without an end.
  struct stat file {};
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 && ::fstat(fd_, &file) == 0 && file.st_nlink > 0 &&
      S_ISREG(file.st_mode))
    return;
  ::close(fd_);
  fd_ = -1;
}
FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<OwnFile> OwnFile::make(const std::string& directory, std::string_view suffix, int64_t now_us) {
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
    path = directory + "/" + std::string(LogFile::kPrefix) + digits + "-" + hex.data() + std::string(suffix);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    // The lock tells other instances and processes that this file is still being written.
    // Before it was locked, somebody may have taken it in, empty, and removed it.
    struct stat own {};
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::fstat(fd, &own) == 0 && own.st_nlink > 0)
      return OwnFile{std::move(path), fd};
    if (fd >= 0)
      ::close(fd);
    else if (errno != EEXIST)
      break;
  }
  return cannot("make " + path);
}

Result<LogFile> LogFile::make(const std::string& directory, int64_t now_us) {
  TALON_TRY(OwnFile own, OwnFile::make(directory, kSuffix, now_us));
  return LogFile{std::move(own.path), own.fd};
}

Result<LogFile> LogFile::make_proved(const std::string& directory, int64_t now_us) {
  TALON_TRY(LogFile file, make(directory, now_us));
  file.size = 1;
  // An empty line is no entry.
  if (::write(file.fd, "\n", 1) == 1 && ::fdatasync(file.fd) == 0) return file;
  const Error failure = cannot("force " + file.path);
  file.close();
  ::unlink(file.path.c_str());
  return failure;
}

std::string LogFile::name() const { return path.substr(path.rfind('/') + 1); }

ssize_t LogFile::write(std::string_view line, int64_t place) const {
  char end = '\n';
  const std::array<iovec, 2> pieces{{{const_cast<char*>(line.data()), line.size()}, {&end, 1}}};
  ssize_t count = -1;
  do {
    count = ::pwritev(fd, pieces.data(), static_cast<int>(pieces.size()), place);
  } while (count < 0 && errno == EINTR);
  if (count >= 0 && count <= ssize(line)) errno = ENOSPC;
  return count;
}

void LogFile::close() { ::close(std::exchange(fd, -1)); }

Result<void> LogFile::judge(const std::string& directory, int64_t now_us) const {
  struct stat own {};
  if (::fstat(fd, &own) != 0) return cannot("look at " + path);
  if (own.st_nlink == 0) return keep(directory, now_us, "removed");
  if (!leads_to(path, own)) {
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
      const std::string name = file.path().filename().string();
      if (is_log_file(name) && leads_to(file.path().string(), own))
        return talon::unavailable("somebody renamed " + path + " to " + name +
                                  " while it was written; it is taken in from there");
    }
    return keep(directory, now_us, "moved");
  }
  const int64_t count = lost();
  if (count <= 0) return {};
  return talon::unavailable("somebody cut " + path + " or its buffer short while it was written: " +
                            std::to_string(count) + " bytes of its lines are lost; what is left is taken in");
}

Result<void> LogFile::keep(const std::string& directory, int64_t now_us,
                           std::string_view what_happened) const {
  TALON_TRY(LogFile kept, make(directory, now_us));
  const bool is_done = copy_all(fd, kept.fd) && ::fdatasync(kept.fd) == 0;
  const Error failure = cannot("keep what " + path + " held");
  kept.close();
  if (!is_done) return failure;
  return talon::unavailable(
      "somebody " + std::string(what_happened) + " " + path + " while it was written; what it held is in " +
      kept.path + (what_happened == "moved" ? ": do not put it back, or its lines count twice" : ""));
}

int64_t LogFile::lost() const {
  std::array<char, 64 << 10> piece{};
  int64_t there = 0;
  for (int64_t at = 0; at < size;) {
    const auto wanted = std::min<int64_t>(size - at, ssize(piece));
    const ssize_t count = ::pread(fd, piece.data(), static_cast<std::size_t>(wanted), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return 0;  // whoever takes it in cannot read it either, and says so
    if (count == 0) break;
    there += count - std::count(piece.begin(), piece.begin() + count, '\0');  // lines have none
    at += count;
  }
  return size - there - missing;
}

}  // namespace audit
