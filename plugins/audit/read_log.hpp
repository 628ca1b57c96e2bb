/// The read log's files: entries are put into the kernel's pages of them, forced to disk within 100 ms,
/// rotated to be taken in.
///
/// Each line gets its place in the file under a lock and is written without it: where all processors are busy
/// a thread may have to stop in its system call, and all who read would stop behind it.
///
/// Where many read, two files take lines in turn, a tenth of a second each: one is forced and gets room for
/// the next lines while no line goes into it. The system takes the pages of a file that is forced away from
/// whoever writes to them, and gives them back one by one, when the disk has them (decision 88).
#pragma once

#include "log_file.hpp"

#include <talon/result.hpp>

#include <array>
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

  /// Closes the files that take lines, if anything is in them, and begins another. @return the files to take
  /// in, oldest first.
  /// @errors Unavailable: also when somebody else removed, moved, renamed or cut one of them short meanwhile,
  /// after what can be kept is kept.
  talon::Result<std::vector<std::string>> rotate(int64_t now_us);
  /// Forces everything to disk and ends the thread. Twice does no harm.
  void close();

 private:
  /// A file, and who is at it. Guarded by the log's mutex, but for the file's name and descriptor: these stay
  /// while somebody is at it.
  struct OpenFile {
    LogFile file;
    int64_t end = file.size;  // of what is there: places behind it were given, and nothing could be written
    bool has_lines = false;
    bool is_dirty = false;      // lines are there that came since it was last forced
    bool is_preparing = false;  // room is being made
    int writing = 0;            // lines that have their place and are not there yet

    /// Of the line at `place` so many bytes were written; -1: nothing stands there.
    void note(int64_t place, int64_t length, int64_t count);
    bool is_idle() const { return writing == 0 && !is_preparing; }
    /// Nobody is at it any more: closes it, and removes it if nothing is in it. @errors as LogFile::judge.
    talon::Result<void> finish(const std::string& directory, int64_t now_us);
  };
  /// Lines go to the first; the other rests. None: the log is not open.
  using Files = std::array<std::unique_ptr<OpenFile>, 2>;

  /// New ones with room for `expected` bytes each. @param is_proved  the disk has taken something of them.
  talon::Result<Files> make_files(int64_t now_us, bool is_proved, int64_t expected) const;
  /// @errors what became of their lines, of each that is not as it was left.
  talon::Result<void> finish(const Files& files, int64_t now_us) const;
  talon::Result<void> begin_next(int64_t now_us);  // with `rotating_` held
  /// Lines go to other files from now on. While nobody forces. @return the former ones, which nobody is at
  /// any more.
  Files exchange(std::unique_lock<std::mutex>& lock, Files next);
  /// Of files that nobody is at any more: they end with their last line, and the disk has all of it.
  static talon::Result<void> force_last(const Files& files);
  void force_regularly();
  /// How much will come until the next forcing, by the last two. With the lock held.
  void expect();
  /// Makes room for the lines to come in the file that rests; where few are expected, files end with their
  /// last line. For the thread that forces.
  void prepare();
  /// Forces what is there. Called with the lock held; lets it go meanwhile.
  talon::Result<void> force(std::unique_lock<std::mutex>& lock);
  /// The first `upto` lines were forced, or were not. With the lock held.
  void note_forcing(const talon::Result<void>& forced, int64_t upto);

  std::mutex rotating_;  // taken before mutex_
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable forced_more_;
  std::condition_variable written_;
  std::string directory_;
  Files files_;
  std::optional<talon::Error> unforced_;    // why the disk has not taken what stands in one of them
  int64_t expected_ = 0;                    // bytes of lines until the next forcing; 0: few
  int64_t placed_ = 0;                      // bytes of lines so far, with those that found no room
  std::array<int64_t, 2> placed_before_{};  // at the last forcings' times, the latest first
  int64_t appended_ = 0;                    // lines so far
  int64_t forced_ = 0;                      // of them on disk, unless there were failures
  int64_t failures_ = 0;                    // of forcings
  bool is_forcing_ = false;                 // somebody waits for the disk, for all
  bool is_closing_ = false;
  std::thread thread_;
};

}  // namespace audit
