/// The lines of a read log's file, whatever stands in it: in pieces, and over holes without reading them.
#pragma once

#include <talon/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

/// Zeros around a line are none of it: they stand behind the lines where room was made for more of them, and
/// where lines are missing, as a disk was full or somebody emptied the file meanwhile. Between what is left
/// of two lines one stands for a run. @threads one at a time.
class LineReader {
 public:
  /// No line that is written is as long; of one that is, so much is given, and "…", which ends no entry.
  static constexpr std::size_t kLineBytesMax = 16 << 20;

  /// @param fd  of a file; outlives this. @param path  for errors. @param from  where its lines begin.
  LineReader(int fd, std::string path, int64_t from) : fd_(fd), path_(std::move(path)), at_(from) {}

  /// The next line, without its end; the last one may have none. @return false: there is no more.
  /// @errors Unavailable: the file cannot be read.
  talon::Result<bool> next(std::string& line);

 private:
  talon::Result<bool> fill();
  void take(std::string_view piece, std::string& line);

  int fd_;
  std::string path_;
  int64_t at_;  // where the next piece begins
  std::vector<char> piece_ = std::vector<char>(64 << 10);
  std::string_view left_;  // of the piece
  bool is_behind_zeros_ = false;
  bool is_cut_ = false;
};

}  // namespace audit
