/// Reads pieces and puts lines together.
#include "line_reader.hpp"
#include "system_errors.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace audit {

using talon::Result;

Result<bool> LineReader::fill() {
  // A file may be gigabytes long and have nothing in it. Where the system knows of no holes, zeros are read.
  const off_t data = ::lseek(fd_, at_, SEEK_DATA);
  if (data < 0 && errno == ENXIO) return false;
  if (data > at_) {
    is_behind_zeros_ = true;
    at_ = data;
  }
  ssize_t count = -1;
  do {
    count = ::pread(fd_, piece_.data(), piece_.size(), at_);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return cannot("read " + path_);
  at_ += count;
  left_ = {piece_.data(), static_cast<std::size_t>(count)};
  return count > 0;
}

void LineReader::take(std::string_view piece, std::string& line) {
  while (!piece.empty()) {
    const std::string_view text = piece.substr(0, piece.find('\0'));
    if (!text.empty()) {
      if (is_behind_zeros_ && !line.empty()) line.push_back('\0');
      is_behind_zeros_ = false;
      const std::size_t room = kLineBytesMax - std::min(line.size(), kLineBytesMax);
      line.append(text.substr(0, room));
      is_cut_ = is_cut_ || text.size() > room;
    }
    piece.remove_prefix(text.size());
    const std::size_t zeros = std::min(piece.find_first_not_of('\0'), piece.size());
    is_behind_zeros_ = is_behind_zeros_ || zeros > 0;
    piece.remove_prefix(zeros);
  }
}

Result<bool> LineReader::next(std::string& line) {
  line.clear();
  is_behind_zeros_ = false;
  is_cut_ = false;
  bool is_ended = false;
  while (!is_ended) {
    if (left_.empty()) {
      TALON_TRY(const bool has_more, fill());
      if (!has_more) break;
    }
    const std::size_t end = std::min(left_.find('\n'), left_.size());
    is_ended = end < left_.size();
    take(left_.substr(0, end), line);
    left_.remove_prefix(end + (is_ended ? 1 : 0));
  }
  if (is_cut_) line += "\xE2\x80\xA6";
  return is_ended || !line.empty();
}

}  // namespace audit
