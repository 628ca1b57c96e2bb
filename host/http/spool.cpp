/// Output of any size that waits for a client.
#include "host/http/spool.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace talon::http {

namespace {
constexpr std::size_t kPieceBytes = 64 * 1024;

Error no_room(const char* what) {
  return {Code::ResourceExhausted, std::string("the answer is too large to be kept: ") + what};
}
}  // namespace

Spool::~Spool() {
  if (file_ >= 0) ::close(file_);
}

Result<void> Spool::spill() {
  if (file_ < 0) {
    std::string name = (std::filesystem::temp_directory_path() / "talon-answer-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) return no_room(std::strerror(errno));
    ::unlink(name.c_str());  // goes away with the descriptor, whatever happens
  }
  struct statvfs disk {};
  if (::fstatvfs(file_, &disk) != 0) return no_room(std::strerror(errno));
  const auto room = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  const uint64_t needed = static_cast<uint64_t>(room_left_) + memory_.size();
  if (room < needed) return no_room("the disk of temporary files is nearly full; make room, or ask for less");
  std::string_view rest = memory_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return no_room(std::strerror(errno));
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  memory_.clear();
  return {};
}

Result<void> Spool::add(std::string_view text) {
  size_ += static_cast<int64_t>(text.size());
  memory_.append(text);
  return memory_.size() > memory_max_ ? spill() : Result<void>();
}

Result<std::string> Spool::next() {
  if (file_ < 0) return std::exchange(memory_, {});
  if (!memory_.empty()) TALON_DO(spill());
  std::string piece(kPieceBytes, '\0');
  for (;;) {
    const ssize_t got = ::pread(file_, piece.data(), piece.size(), given_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || (got == 0 && given_ < size_)) return internal("a kept answer cannot be read back");
    piece.resize(static_cast<std::size_t>(got));
    given_ += got;
    return piece;
  }
}

}  // namespace talon::http
