/// The read log's files: one pwrite(2) an entry, forced to disk within 100 ms, rotated to be taken in.
#pragma once

#include "log_file.hpp"

#include <talon/result.hpp>

#include <condition_variable>
#include <cstdint>
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
  /// @errors Unavailable: also when the file was removed meanwhile, after what it held was put into another.
  talon::Result<std::vector<std::string>> rotate(int64_t now_us);
  /// Forces everything to disk and ends the thread. Twice does no harm.
  void close();

 private:
  void write_to(LogFile file);                     // with the lock held
  talon::Result<void> begin_next(int64_t now_us);  // with `rotating_` held
  void force_regularly();
  /// Makes room for the next `expected_` bytes; where none are expected, the file ends with its last line.
  /// For the thread that forces.
  void prepare();
  /// Forces what is there. Called with the lock held; lets it go meanwhile.
  talon::Result<void> force(std::unique_lock<std::mutex>& lock);

  std::mutex rotating_;  // taken before mutex_
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable forced_more_;
  std::string directory_;
  LogFile file_;          // that is written to
  int64_t expected_ = 0;  // bytes of lines until the next forcing
  bool has_lines_ = false;
  bool is_torn_ = false;                  // the last write was cut short: the next line begins on a new one
  int64_t appended_ = 0;                  // lines so far
  int64_t forced_ = 0;                    // of them on disk, unless there were failures
  int64_t failures_ = 0;                  // of forcings
  bool is_forcing_ = false;               // somebody waits for the disk, for all
  std::optional<talon::Error> unforced_;  // why the disk has not taken what stands in the current file
  bool is_closing_ = false;
  std::thread thread_;
};

}  // namespace audit
