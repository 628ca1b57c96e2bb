/// Stands before the C library's calls.
#include "tests/plugins/audit/disk.hpp"

#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
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
  ++writes;
  if (is_next_write_cut.exchange(false)) size /= 2;
  if (is_disk_full) {
    errno = ENOSPC;
    return -1;
  }
  return ::syscall(SYS_pwrite64, fd, data, size, place);
}

extern "C" ssize_t pwritev(int fd, const struct iovec* pieces, int count, off_t place) {
  ++writes;
  if (is_disk_full) {
    errno = ENOSPC;
    return -1;
  }
  if (is_next_write_cut.exchange(false))
    return ::syscall(SYS_pwrite64, fd, pieces->iov_base, pieces->iov_len / 2, place);
  return ::syscall(SYS_pwritev, fd, pieces, count, place, 0);
}

extern "C" int posix_fallocate(int fd, off_t place, off_t size) {
  if (are_buffers_refused) return EOPNOTSUPP;
  return ::syscall(SYS_fallocate, fd, 0, place, size) == 0 ? 0 : errno;
}

extern "C" int fallocate(int fd, int mode, off_t place, off_t size) {
  if (!is_moving_refused) return static_cast<int>(::syscall(SYS_fallocate, fd, mode, place, size));
  errno = EOPNOTSUPP;
  return -1;
}

/// Before one file is locked somebody has removed it.
extern "C" int flock(int fd, int operation) {
  if (is_next_lock_late.exchange(false))
    std::filesystem::remove(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)));
  return static_cast<int>(::syscall(SYS_flock, fd, operation));
}

extern "C" int statfs(const char* path, struct statfs* system) {
  const auto failed = static_cast<int>(::syscall(SYS_statfs, path, system));
  if (is_folder_shared) system->f_type = NFS_SUPER_MAGIC;
  return failed;
}
