/// The read log's files: entries are put into the kernel's pages of them, forced to disk within 100 ms,
/// rotated to be taken in.
///
/// Each line gets its place in the file under a lock and is written without it: where all processors are busy
/// a thread may have to stop in its system call, and all who read would stop behind it.
#pragma once

#include "log_file.hpp"

#include <talon/result.hpp>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace audit {

/// @threads any.
class ReadLog {
 public:
  /// Makes the directory (mode 0700) and opens a new file; files that a former process left are taken in
  /// later.
  /// @errors Unavailable: with the path and the reason.
  talon::Result<void> open(const std::string& directory, int64_t now_us);
  ~ReadLog() { close(); }

  /// Appends one line. When this returns it is with the kernel, so a killed process loses nothing; a lost
  /// machine loses at most the last 100 ms. @errors Unavailable: not opened, disk full, or the disk did not
  /// take what was there before, until `rotate` has begun a file that it takes: the answer must not leave.
  talon::Result<void> append(std::string_view entry);
  /// The same, and returns only when it is on the disk: what a lost machine must not lose. Those who wait
  /// meanwhile share one forcing.
  talon::Result<void> append_durably(std::string_view entry);

  /// Closes the current file, if anything is in it, and begins another. @return the files to take in, oldest
  /// first.
  /// @errors Unavailable: also when somebody else removed, moved, renamed or cut the file short meanwhile,
  /// after what can be kept is kept.
  talon::Result<std::vector<std::string>> rotate(int64_t now_us);
  /// Forces everything to disk and ends the thread. Twice does no harm.
  void close();

 private:
  /// The file that is written to, and who is at it. Guarded by the log's mutex, but for the file's name and
  /// descriptor: these stay while somebody is at it.
  struct Current {
    LogFile file;
    int64_t end = file.size;  // of what is there: places behind it were given, and nothing could be written
    bool has_lines = false;
    int writing = 0;                            // lines that have their place and are not there yet
    std::optional<int64_t> preparing = {};      // from here room is being made
    std::optional<talon::Error> unforced = {};  // why the disk has not taken what stands in it

    /// Of the line at `place` so many bytes were written; -1: nothing stands there.
    void note(int64_t place, int64_t length, int64_t count);
  };

  talon::Result<void> begin_next(int64_t now_us);  // with `rotating_` held
  /// The current file is another one from now on. @return the former, which nobody writes to any more.
  LogFile exchange(std::unique_lock<std::mutex>& lock, std::unique_ptr<Current> next);
  void force_regularly();
  /// The current file stays until `let_go`; lines that would end behind `from` wait. With the lock held,
  /// both.
  Current& hold(int64_t from);
  void let_go(Current& current);
  /// Makes room for the next `expected_` bytes; where none are expected, the file ends with its last line.
  /// For the thread that forces.
  void prepare();
  /// Forces what is there. Called with the lock held; lets it go meanwhile.
  talon::Result<void> force(std::unique_lock<std::mutex>& lock);

  std::mutex rotating_;  // taken before mutex_
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable forced_more_;
  std::condition_variable made_room_;
  std::condition_variable written_;
  std::string directory_;
  std::unique_ptr<Current> current_;  // none: not open
  int64_t expected_ = 0;              // bytes of lines until the next forcing
  int64_t appended_ = 0;              // lines so far
  int64_t forced_ = 0;                // of them on disk, unless there were failures
  int64_t failures_ = 0;              // of forcings
  bool is_forcing_ = false;           // somebody waits for the disk, for all
  bool is_closing_ = false;
  std::thread thread_;
};

}  // namespace audit
