/// Where lines of the read log stand until their file has them.
#pragma once

#include "log_file.hpp"

#include <talon/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace audit {

/// A file in the log's folder that is mapped into memory and not forced to disk. What is copied into its
/// pages is the kernel's: a killed process loses none of it, and whoever takes lines in next puts them into
/// their file first (`complete`). The system lets lines go into these pages at any time, where it takes the
/// pages of a file that is forced away from whoever writes to them (decision 89).
///
/// It says of which file its lines are and where they stand there, so that putting them there twice does no
/// harm. A lost machine loses it: it is of use until the next start of the system.
/// @threads `put` any; all else one at a time, while nobody puts.
class LogBuffer {
 public:
  static constexpr std::string_view kSuffix = ".buffer";
  /// Bytes of lines that find room.
  static constexpr int64_t kRoom = (2 << 20) - 256;

  /// @return null: the system or the disk gives none, or other hosts may have the folder too; lines are
  /// written to their file then.
  static std::unique_ptr<LogBuffer> make(const std::string& directory, int64_t now_us);
  /// Removes it, unless lines stand in it that their file may not have.
  ~LogBuffer();
  LogBuffer(const LogBuffer&) = delete;
  LogBuffer& operator=(const LogBuffer&) = delete;

  /// From now on it has the lines of this file from `base` on. It has none.
  /// @return false: somebody removed it or cut it short; no line may be put.
  bool begin(const std::string& file, int64_t base);
  /// @param at  bytes behind the first line's beginning. @param line  without its end, which is put too.
  /// @return false: somebody cut it short; nothing says how much of the line stands there.
  bool put(int64_t at, std::string_view line) const;
  /// Puts its lines into their file. @param size  bytes of them.
  /// @errors Unavailable: the file takes them not.
  talon::Result<void> write_to(const LogFile& file, int64_t base, int64_t size) const;
  /// The file has its lines. @return false: somebody cut it short.
  bool clear(int64_t size);
  /// Where the file does not take its lines: it becomes a file of the log itself, which the disk has, to be
  /// taken in once this object is gone. It needs no room. @return bytes of its lines. @errors Unavailable: it
  /// did not.
  talon::Result<int64_t> become_file(const LogFile& file, int64_t base, int64_t size);
  /// Nobody removed or moved it, or cut it short.
  bool is_whole() const;
  const std::string& path() const { return own_.path; }

  /// Where lines begin in a file of the log, which may have been a buffer.
  static int64_t lines_begin(int fd);
  /// Every buffer in the folder, whoever has it. @errors Unavailable: the folder cannot be read.
  static talon::Result<std::vector<std::string>> all(const std::string& directory);
  /// Puts what killed processes left in these buffers into its files, forces it, and removes them.
  /// @errors Unavailable: a file takes it not, which is tried again the next time; or lines may be missing
  /// since the system ended, which is told once. All others were completed.
  static talon::Result<void> complete(const std::vector<std::string>& buffers);
  /// Whether one of them has lines of a file that is not complete yet, or cannot be read.
  /// @param buffers  looked up after the file's name was.  @param file  its name, while it is locked.
  static bool have_lines_of(const std::vector<std::string>& buffers, std::string_view file);

 private:
  LogBuffer(OwnFile own, char* window) : own_(std::move(own)), window_(window) {}

  OwnFile own_;
  char* window_;  // all of the file
  bool is_clear_ = true;
};

}  // namespace audit
