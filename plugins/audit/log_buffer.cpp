/// Buffers that outlive their process.
#include "log_buffer.hpp"
#include "mapped_copy.hpp"
#include "system_errors.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::Result;

/// Stands before the lines.
struct Header {
  int64_t has_lines;             ///< 0: all else of it is as it was left then
  int64_t base;                  ///< where the first line begins in the file
  std::array<char, 48> boot{};   ///< which start of the system: ends with a zero
  std::array<char, 192> file{};  ///< name in the folder: ends with a zero
};
static_assert(sizeof(Header) == 256);
constexpr auto kHeader = static_cast<int64_t>(sizeof(Header));
constexpr int64_t kSize = kHeader + LogBuffer::kRoom;
constexpr std::array<char, 64 << 10> kZeros{};

std::string read_boot_id() {
  std::array<char, 47> text{};
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t count = ::read(fd, text.data(), text.size());
  ::close(fd);
  std::string id(text.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

/// Which start of the system this is: a page that was never forced to disk is of use until the next.
/// Empty: the system does not say (random(4), "boot_id").
const std::string& boot_id() {
  static thread_local std::string id;
  if (id.empty()) id = read_boot_id();
  return id;
}

/// Whether one system alone has the folder mounted, and lets a page that has its block be written: what
/// stands there nobody else sees, or needs to.
bool is_local(const std::string& directory) {
  struct statfs system {};
  if (::statfs(directory.c_str(), &system) != 0) return false;
  switch (static_cast<uint32_t>(system.f_type)) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case OVERLAYFS_SUPER_MAGIC:
    case TMPFS_MAGIC:
      return true;
    default:
      return false;
  }
}

std::string directory_of(const std::string& path) { return fs::path(path).parent_path().string(); }

std::string_view bytes_of(const auto& value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

bool write_all(int fd, std::string_view bytes, int64_t place) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), place);
    if (count < 0 && errno != EINTR) return false;
    if (count == 0) errno = ENOSPC;
    if (count == 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    place += std::max<ssize_t>(count, 0);
  }
  return true;
}

/// What is not zero of a buffer, piece by piece: where zeros stand, a line may have been written past it. It
/// reads by the file, where a part of it may be missing, not by the pages.
/// @param work  gets a place behind the first line's beginning, and what stands there; false: no more.
/// @return false: `work` said so, or it cannot be read.
template <typename Work>
bool each_piece(int buffer, int64_t size, const Work& work) {
  std::array<char, 64 << 10> piece;
  for (int64_t at = 0; at < size;) {
    const auto wanted = std::min<int64_t>(size - at, ssize(piece));
    const ssize_t count = ::pread(buffer, piece.data(), static_cast<std::size_t>(wanted), kHeader + at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) return true;  // somebody cut it short: what the file lacks is told when it is judged
    std::string_view left(piece.data(), static_cast<std::size_t>(count));
    while (!left.empty()) {
      const std::string_view lines = left.substr(0, left.find('\0'));
      if (!lines.empty() && !work(at + (count - ssize(left)), lines)) return false;
      left.remove_prefix(lines.size());
      left.remove_prefix(std::min(left.find_first_not_of('\0'), left.size()));
    }
    at += count;
  }
  return true;
}

bool copy_lines(int buffer, int64_t size, int to, int64_t base) {
  return each_piece(buffer, size,
                    [&](int64_t at, std::string_view lines) { return write_all(to, lines, base + at); });
}

/// A buffer becomes a file of the log, and has its lines alone: where its own file does not take them, for
/// want of room, that needs none. @return bytes of them. @errors Unavailable.
Result<int64_t> make_file(OwnFile& buffer, int64_t size, int file, int64_t base) {
  constexpr int kToZeros = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  int64_t bytes = 0;
  if (::fdatasync(buffer.fd) != 0) return cannot("force " + buffer.path);
  const bool is_taken_out = each_piece(buffer.fd, size, [&](int64_t at, std::string_view lines) {
    bytes += ssize(lines);
    return ::fallocate(file, kToZeros, base + at, ssize(lines)) == 0;
  });
  if (!is_taken_out) return cannot("take lines out of a full disk's file");
  std::string path = buffer.path.substr(0, buffer.path.size() - LogBuffer::kSuffix.size());
  path += LogFile::kSuffix;
  if (::rename(buffer.path.c_str(), path.c_str()) != 0) return cannot("rename " + buffer.path);
  buffer.path = std::move(path);
  (void)::fsync(buffer.fd);  // its new name too, which the system forces by itself within seconds
  return bytes;
}

/// What somebody else's buffer says; no lines, where it is none.
Header header_of(int fd) {
  Header header{};
  if (::pread(fd, &header, sizeof header, 0) != ssize_t{sizeof header}) return {};
  header.boot.back() = header.file.back() = '\0';
  const std::string_view name = header.file.data();
  if (header.has_lines == 0 || header.base < 0 || !is_log_file(name) ||
      name.find('/') != std::string_view::npos)
    return {};
  return header;
}

/// @return false: the system was started anew since. @errors Unavailable: who can say is another.
Result<bool> is_of_use(const Header& header, const std::string& path) {
  if (boot_id().empty()) {
    return talon::unavailable(
        "cannot read /proc/sys/kernel/random/boot_id, which says whether the lines in " + path +
        " are of use; let talond see it");
  }
  if (header.boot.data() == boot_id()) return true;
  if (is_local(directory_of(path))) return false;
  return talon::unavailable(
      path + " is of the host that has the folder's disk: start talond there, which takes it in");
}

/// Of a buffer that nobody has any more. @return false: somebody is at its file.
Result<bool> put_back(OwnFile buffer, const Header& header) {
  const std::string path = directory_of(buffer.path) + "/" + header.file.data();
  // Somebody else may have removed it: then it has these lines alone.
  const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0 && errno != EEXIST) return cannot("make " + path);
  if (made >= 0) ::close(made);
  const FileLock file(path, O_RDWR);
  if (!file.is_held()) return false;
  if (!copy_lines(buffer.fd, LogBuffer::kRoom, file.fd(), header.base)) {
    TALON_DO(make_file(buffer, LogBuffer::kRoom, file.fd(), header.base));
    return false;
  }
  if (::fdatasync(file.fd()) != 0) return cannot("force " + path);
  return true;
}

Result<void> complete_one(const std::string& path) {
  const FileLock buffer(path);
  if (!buffer.is_held()) return {};  // its process lives
  const Header header = header_of(buffer.fd());
  const bool has_lines = header.has_lines != 0;
  const Result<bool> is_good = has_lines ? is_of_use(header, path) : Result<bool>(true);
  if (!is_good) return is_good.error();
  if (has_lines && *is_good) {
    TALON_TRY(const bool is_done, put_back({path, buffer.fd()}, header));
    if (!is_done) return {};
  }
  if (::unlink(path.c_str()) != 0) return cannot("remove " + path);
  if (*is_good) return {};
  return talon::unavailable("the system ended while talond wrote " + std::string(header.file.data()) +
                            ": what was read in its last tenth of a second may be missing there");
}

}  // namespace

std::unique_ptr<LogBuffer> LogBuffer::make(const std::string& directory, int64_t now_us) {
  if (boot_id().empty() || !is_local(directory)) return nullptr;
  Result<OwnFile> own = OwnFile::make(directory, kSuffix, now_us);
  if (!own) return nullptr;
  void* window = MAP_FAILED;
  // With its blocks: a full disk would show in a page, as a fault.
  if (::posix_fallocate(own->fd, 0, kSize) == 0)
    window = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, own->fd, 0);
  if (window == MAP_FAILED) {
    ::unlink(own->path.c_str());
    ::close(own->fd);
    return nullptr;
  }
  catch_faults();
  return std::unique_ptr<LogBuffer>(new LogBuffer(*std::move(own), static_cast<char*>(window)));
}

LogBuffer::~LogBuffer() {
  if (is_clear_) ::unlink(own_.path.c_str());
  ::munmap(window_, kSize);
  ::close(own_.fd);  // its lock lasts as long as the window does
}

bool LogBuffer::begin(const std::string& file, int64_t base) {
  Header header{0, base};
  if (file.size() >= header.file.size() || !is_whole()) return false;
  std::copy(boot_id().begin(), boot_id().end(), header.boot.begin());
  std::copy(file.begin(), file.end(), header.file.begin());
  is_clear_ = false;
  // It has lines when all else stands there.
  return copy_mapped(window_, bytes_of(header)) && copy_mapped(window_, bytes_of(int64_t{1}));
}

bool LogBuffer::put(int64_t at, std::string_view line) const {
  char* const to = window_ + kHeader + at;
  return copy_mapped(to, line) && copy_mapped(to + line.size(), "\n");
}

Result<void> LogBuffer::write_to(const LogFile& file, int64_t base, int64_t size) const {
  if (!copy_lines(own_.fd, size, file.fd, base)) return cannot("write " + file.path);
  return {};
}

bool LogBuffer::clear(int64_t size) {
  is_clear_ = true;
  if (!copy_mapped(window_, bytes_of(int64_t{0}))) return false;
  // Only then: half a buffer of zeros has lost its lines.
  for (int64_t at = 0; at < size; at += ssize(kZeros)) {
    const auto length = static_cast<std::size_t>(std::min<int64_t>(size - at, ssize(kZeros)));
    if (!copy_mapped(window_ + kHeader + at, {kZeros.data(), length})) return false;
  }
  return true;
}

Result<int64_t> LogBuffer::become_file(const LogFile& file, int64_t base, int64_t size) {
  return make_file(own_, size, file.fd, base);
}

bool LogBuffer::is_whole() const {
  struct stat own {};
  return ::fstat(own_.fd, &own) == 0 && own.st_size == kSize && leads_to(own_.path, own);
}

int64_t LogBuffer::lines_begin(int fd) { return header_of(fd).has_lines != 0 ? kHeader : 0; }

Result<std::vector<std::string>> LogBuffer::all(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory, error)) {
    const std::string name = file.path().filename().string();
    if (name.starts_with(LogFile::kPrefix) && name.ends_with(kSuffix)) paths.push_back(file.path().string());
  }
  if (error) return talon::unavailable("cannot read the folder " + directory + ": " + error.message());
  return paths;
}

Result<void> LogBuffer::complete(const std::vector<std::string>& buffers) {
  Result<void> outcome;
  for (const std::string& path : buffers) outcome = both(outcome, complete_one(path));
  return outcome;
}

bool LogBuffer::have_lines_of(const std::vector<std::string>& buffers, std::string_view file) {
  return std::any_of(buffers.begin(), buffers.end(), [&](const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return errno != ENOENT && errno != ELOOP;
    const Header header = header_of(fd);
    ::close(fd);
    if (header.has_lines == 0 || header.file.data() != file) return false;
    const Result<bool> is_good = is_of_use(header, path);
    return !is_good || *is_good;
  });
}

}  // namespace audit
