/// Makes, proves and keeps files of the read log.
#include "log_file.hpp"
#include "system_errors.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace audit {

namespace {

using talon::Error;
using talon::Result;

constexpr std::array<char, LogFile::kRoom> kZeros{};

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
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
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

Result<LogFile> LogFile::make(const std::string& directory, int64_t now_us) {
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
    path = directory + "/" + std::string(kPrefix) + digits + "-" + hex.data() + std::string(kSuffix);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    // The lock tells other instances and processes that this file is still being written.
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) return LogFile{std::move(path), fd};
    if (fd >= 0)
      ::close(fd);
    else if (errno != EEXIST)
      break;
  }
  return cannot("make " + path);
}

Result<LogFile> LogFile::make_proved(const std::string& directory, int64_t now_us) {
  TALON_TRY(LogFile file, make(directory, now_us));
  file.size = 1;
  // An empty line is no entry.
  if (::write(file.fd, "\n", 1) == 1 && ::fdatasync(file.fd) == 0) return file;
  const Error failure = cannot("force " + file.path);
  ::close(file.fd);
  ::unlink(file.path.c_str());
  return failure;
}

int64_t LogFile::put_zeros(int64_t from) const {
  return from + std::max<ssize_t>(::pwrite(fd, kZeros.data(), kZeros.size(), from), 0);
}

void LogFile::drop_zeros() {
  if (prepared > size && ::ftruncate(fd, size) == 0) prepared = size;
}

bool LogFile::is_removed() const {
  struct stat file {};
  return ::fstat(fd, &file) == 0 && file.st_nlink == 0;
}

Result<void> LogFile::keep_removed(const std::string& directory, int64_t now_us) const {
  TALON_TRY(const LogFile kept, make(directory, now_us));
  const bool is_done = copy_all(fd, kept.fd) && ::fdatasync(kept.fd) == 0;
  const Error failure = cannot("keep what " + path + " held");
  ::close(kept.fd);
  if (!is_done) return failure;
  return talon::unavailable("somebody removed " + path + " while it was written; what it held is in " +
                            kept.path);
}

}  // namespace audit
