/// Lines of the read log that are forced to disk together.
#pragma once

#include "log_buffer.hpp"
#include "log_file.hpp"

#include <talon/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace audit {

/// A file that takes lines. Guarded by the log's mutex, but for the file's name and descriptor.
struct OpenFile {
  LogFile file;
  int64_t end = file.size;  ///< of what is there: places behind it were given, and nothing could be written
  bool has_lines = false;   ///< something of a line is there
};

/// The lines that come between two forcings. Each gets its place first and is written then, without a lock.
/// @threads what is said to be guarded, with the log's mutex held; all else one at a time, while no line is
/// being written and none gets a place.
class LineBatch {
 public:
  struct Place {
    int64_t begin;  ///< in the file
    int64_t size;   ///< with the line's end
    bool is_buffered;
  };

  /// The next line is its first. Guarded.
  /// @param number  of batches so far, with this one.
  void begin(std::shared_ptr<OpenFile> file, int64_t number);
  /// It takes no more. Guarded; it is settled.
  void rest();
  /// Where a line will stand. Guarded. `write` and `note` follow.
  /// @param size  with its end.  @param may_wait  in the buffer; else the file has it at once.
  Place next(int64_t size, bool may_wait);
  /// Puts a line where it belongs. @threads any.
  /// @return how much of it stands there, as LogFile::write.
  ssize_t write(const Place& place, std::string_view line);
  /// So much of it stands there. Guarded.
  void note(const Place& place, ssize_t count);
  /// Places behind all that is there are given again, as no line is being written to the log. Guarded.
  void give_back();

  /// The file takes what stands in the buffer: again, where it was there before and could not be forced, as
  /// the system may have dropped it. @errors Unavailable: the file takes it not.
  talon::Result<void> write_to_file();
  /// @errors Unavailable: the disk took it not.
  talon::Result<void> force() const;
  /// The file has all lines. @return false: somebody was at the buffer.
  bool clear();
  /// What the file does not take becomes a file itself. @return bytes of it. @errors Unavailable: it did not.
  talon::Result<int64_t> move_out();
  /// So many bytes moved out: the file lacks them. Guarded.
  void note_moved(int64_t bytes) { file_->file.missing += bytes; }

  int64_t number() const { return number_; }
  const std::shared_ptr<OpenFile>& file() const { return file_; }
  bool has_places() const { return has_places_; }  ///< guarded
  int writing() const { return writing_; }  ///< lines that have their place and are not there yet; guarded

  std::unique_ptr<LogBuffer> buffer;  ///< null: lines are written to the file; guarded
  bool is_settled = true;  ///< it takes no lines, and the disk has all of them, as far as it will; guarded
  std::optional<talon::Error> unwritten;  ///< why the file did not take what stands in the buffer; guarded

 private:
  std::shared_ptr<OpenFile> file_;
  int64_t number_ = 0;
  int64_t base_ = 0;  // the first line's place in the file
  int64_t end_ = 0;   // of those that stand in the buffer
  int writing_ = 0;
  bool has_places_ = false;
  bool is_cut_ = false;  // somebody was at the buffer: no more lines go there
};

}  // namespace audit
