/// The read log: lines are put into the kernel's pages, forced to disk within 100 ms, and handed over in
/// files to be taken in.
///
/// Each line gets its place in the file under a lock and is put there without it: where all processors are
/// busy a thread may have to stop meanwhile, and all who read would stop behind it. Most are put into a
/// buffer (log_buffer.hpp), of which there are two: while the file takes the lines of one, the other fills.
#pragma once

#include "line_batch.hpp"

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
  /// machine loses at most the last 100 ms.
  /// @errors Unavailable: not opened; the disk has no room for what came before or for this line, which is
  /// tried again until it has; or the disk did not take what was there before, until `rotate` has begun a
  /// file that it takes: the answer must not leave.
  talon::Result<void> append(std::string_view entry);
  /// The same, and returns only when it is on the disk: what a lost machine must not lose. Those who wait
  /// meanwhile share one forcing.
  talon::Result<void> append_durably(std::string_view entry);

  /// Closes the file that takes lines, if anything is in it, and begins another.
  /// @errors Unavailable: the disk takes none, or not what stands in a buffer: then lines go where they went.
  /// Or somebody else removed, moved, renamed or cut a file short meanwhile, after what can be kept is kept.
  talon::Result<void> rotate(int64_t now_us);
  /// What there is to be taken in. In this order: files, then buffers (LogBuffer::have_lines_of).
  struct Leftovers {
    std::vector<std::string> files;  ///< that this log does not write to, oldest first
    std::vector<std::string> buffers;
  };
  /// @errors Unavailable: the folder cannot be read.
  talon::Result<Leftovers> leftovers();
  /// Forces everything to disk and ends the thread. Twice does no harm.
  void close();

 private:
  /// What must have worked for a batch to be settled.
  enum class Until {
    Forced,  ///< else the file takes its lines once more before the next forcing
    Written  ///< where the file takes no more lines: whether the disk has them is told
  };

  LineBatch& filling() { return batches_[filling_]; }
  LineBatch& leaving() { return batches_[1 - filling_]; }
  /// As `append`. @param may_wait  in a buffer.  @return the number of the line's batch.
  talon::Result<int64_t> put(std::string_view entry, bool may_wait);
  /// What was filling leaves, and lines go to the other one, which is settled, and to this file. With the
  /// lock held.
  void fill_other(std::shared_ptr<OpenFile> file);
  /// Puts the lines of the leaving batch into their file and forces it. With the lock held, which it lets go
  /// meanwhile, and as the one who forces.
  talon::Result<void> settle(std::unique_lock<std::mutex>& lock, Until until);
  /// Settles what is leaving, or else what is filling. As `settle`.
  talon::Result<void> force(std::unique_lock<std::mutex>& lock);
  /// The leaving batch was settled, or was not; others may force. With the lock held.
  void note_forcing(const talon::Result<void>& forced);
  talon::Result<void> begin_next(int64_t now_us);  // with `rotating_` held
  /// Lines go to `next` from now on, once the former file has them all; null: none are taken any more. As
  /// `settle`.
  /// @param spare  for a batch that has no buffer.
  talon::Result<void> change_files(std::unique_lock<std::mutex>& lock, std::shared_ptr<OpenFile> next,
                                   std::unique_ptr<LogBuffer>& spare);
  /// The full files that have all their lines. With the lock held.
  std::vector<std::shared_ptr<OpenFile>> take_complete();
  /// Closes them. @errors as LogFile::judge, of all.
  talon::Result<void> finish(const std::vector<std::shared_ptr<OpenFile>>& files, int64_t now_us) const;
  bool is_nobody_writing() const { return batches_[0].writing() + batches_[1].writing() == 0; }
  void force_regularly();

  std::mutex rotating_;  // taken before mutex_
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable forced_more_;
  std::condition_variable written_;
  std::string directory_;
  std::shared_ptr<OpenFile> file_;  // takes lines; null: the log is not open
  std::vector<std::shared_ptr<OpenFile>> full_;
  std::array<LineBatch, 2> batches_;
  std::size_t filling_ = 0;
  std::optional<talon::Error> unforced_;  // why the disk has not taken what stands in a file
  int64_t forced_ = 0;                    // the last batch that is on disk, unless there were failures
  int64_t failures_ = 0;                  // of forcings
  bool is_forcing_ = false;               // somebody waits for the disk, for all
  bool is_closing_ = false;
  std::thread thread_;
};

}  // namespace audit
