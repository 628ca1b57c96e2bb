/// One file of the read log: its name, its lock, its lines, and what becomes of them when somebody else is at
/// it.
#pragma once

#include <talon/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace audit {

/// Holds a file of the read log while it is taken in: nobody else, here or on another host, does then, and
/// nobody writes to it.
class FileLock {
 public:
  /// @param access  O_RDONLY or O_RDWR.
  explicit FileLock(const std::string& path, int access = O_RDONLY);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  bool is_held() const { return fd_ >= 0; }
  int fd() const { return fd_; }  ///< to read by, and to write by where that was asked for

 private:
  int fd_ = -1;
};

/// A new file in a folder, open and locked.
struct OwnFile {
  std::string path;
  int fd = -1;

  /// An empty one with a name that never comes again. @errors Unavailable: with the path and the reason.
  static talon::Result<OwnFile> make(const std::string& directory, std::string_view suffix, int64_t now_us);
};

/// A file that is written to, open and locked. Whoever has it closes it. @threads one at a time; its name and
/// descriptor, and `write`, any.
struct LogFile {
  /// How the names of all of them begin and end.
  static constexpr std::string_view kPrefix = "reads-";
  static constexpr std::string_view kSuffix = ".jsonl";

  std::string path;
  int fd = -1;
  int64_t size = 0;     ///< bytes of lines that have their place in it
  int64_t missing = 0;  ///< of them, what could not be written; whoever appended it was told

  /// @errors Unavailable: with the path and the reason.
  static talon::Result<LogFile> make(const std::string& directory, int64_t now_us);
  /// One that the disk has taken something of.
  static talon::Result<LogFile> make_proved(const std::string& directory, int64_t now_us);

  /// Its name in the folder.
  std::string name() const;
  /// @param line  without its end, which is written too.
  /// @return how much was written, with its end; −1: nothing. errno says why it is not all.
  ssize_t write(std::string_view line, int64_t place) const;
  /// Lets go of the file and its lock.
  void close();
  /// Looks, once nobody writes to it any more, whether somebody else was at it meanwhile: what is in no file
  /// of the folder that is taken in is put into another.
  /// @errors Unavailable: it was removed, moved, renamed or cut short; says what became of its lines.
  talon::Result<void> judge(const std::string& directory, int64_t now_us) const;

 private:
  talon::Result<void> keep(const std::string& directory, int64_t now_us,
                           std::string_view what_happened) const;
  /// Bytes of lines that are not there any more.
  int64_t lost() const;
};

/// Whether a path is a name of this file.
bool leads_to(const std::string& path, const struct stat& file);

/// Whether a name in the folder is that of a file with lines.
inline bool is_log_file(std::string_view name) {
  return name.starts_with(LogFile::kPrefix) && name.ends_with(LogFile::kSuffix);
}

}  // namespace audit
