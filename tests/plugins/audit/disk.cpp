/// Stands before the C library's calls.
#include "tests/plugins/audit/disk.hpp"
#include "plugins/audit/log_file.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

using namespace audit_tests;  // NOLINT: what follows is the C library's

extern "C" int fdatasync(int fd) {
  ++forced;
  if (is_disk_slow) waiting_for_disk = fd;
  is_disk_slow.wait(true);
  if (is_disk_broken) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

/// One write finds room for half of it.
extern "C" ssize_t pwrite(int fd, const void* data, std::size_t size, off_t place) {
  const bool is_a_line = size < audit::LogFile::kRoom;
  if (is_a_line) ++lines_written;
  if (is_a_line && is_next_write_cut.exchange(false)) size /= 2;
  if (is_a_line && is_disk_full) {
    errno = ENOSPC;
    return -1;
  }
  return ::syscall(SYS_pwrite64, fd, data, size, place);
}

/// Before one file is locked somebody has removed it.
extern "C" int flock(int fd, int operation) {
  if (is_next_lock_late.exchange(false))
    std::filesystem::remove(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)));
  return static_cast<int>(::syscall(SYS_flock, fd, operation));
}
