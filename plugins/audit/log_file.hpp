/// One file of the read log: its name, its lock, and the room that is made in it for lines to come.
#pragma once

#include <talon/result.hpp>

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace audit {

/// Holds a file of the read log while it is taken in or written: nobody else, here or on another host, does
/// then.
class FileLock {
 public:
  explicit FileLock(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  bool is_held() const { return fd_ >= 0; }
  int fd() const { return fd_; }  ///< to read by

 private:
  int fd_ = -1;
};

/// A file that is written to, open and locked. Whoever has it closes it. @threads one at a time; its name,
/// descriptor and window, and `write`, any.
struct LogFile {
  /// How the names of all of them begin and end.
  static constexpr std::string_view kPrefix = "reads-";
  static constexpr std::string_view kSuffix = ".jsonl";

  std::string path;
  int fd = -1;
  int64_t size = 0;        ///< bytes of lines
  int64_t prepared = 0;    ///< where zeros stand behind the lines, they end here
  char* window = nullptr;  ///< where the file's beginning stands in memory; null: nowhere
  int64_t mapped = 0;      ///< of the zeros, those before this have pages there that are ready to be written
  int64_t missing = 0;     ///< bytes of lines that could not be written; whoever appended them was told

  /// An empty one with a name that never comes again. @errors Unavailable: with the path and the reason.
  static talon::Result<LogFile> make(const std::string& directory, int64_t now_us);
  /// One that the disk has taken something of.
  static talon::Result<LogFile> make_proved(const std::string& directory, int64_t now_us);

  static constexpr int64_t kRoom = 16 << 10;
  /// Where room is made next.
  int64_t room_begin() const { return std::max(prepared, size); }
  /// Puts kRoom zeros where lines will stand, so that the lines' own writes find pages and blocks there:
  /// looking for these is half of what an append costs. Nobody may write there meanwhile.
  /// @return where they end: short of kRoom there is no room; whoever appends a line is told.
  int64_t put_zeros(int64_t from) const;
  /// Readies the window's pages for lines between two places. The disk takes what is ready, and then it is
  /// not any more: a line would wait for the system to ready it again. Changes nothing that stands there.
  /// @return false: the system does not, or the window or the file ends before.
  bool make_ready(int64_t from, int64_t to) const;
  /// Makes room for `expected` bytes of lines to come, and readies it, as far as the disk and the system let
  /// it. Lines that have their place already may still be written meanwhile.
  void make_room(int64_t expected);
  /// @return how much of the line was written; −1: nothing. errno says why it is not all.
  ssize_t write(std::string_view line, int64_t place) const;
  /// The file ends with its last line, if the system lets it; whoever reads it passes over zeros anyway.
  void drop_zeros();
  /// Lets go of the file and its lock.
  void close();
  /// Looks, once nobody writes to it any more, whether somebody else was at it meanwhile: what is in no file
  /// of the folder that is taken in is put into another.
  /// @errors Unavailable: it was removed, moved, renamed or cut short; says what became of its lines.
  talon::Result<void> judge(const std::string& directory, int64_t now_us) const;

 private:
  static constexpr int64_t kWindow = 64 << 20;  // bytes; a file is taken in long before

  talon::Result<void> keep(const std::string& directory, int64_t now_us,
                           std::string_view what_happened) const;
  /// Bytes of lines that are not there any more.
  int64_t lost() const;
};

}  // namespace audit
