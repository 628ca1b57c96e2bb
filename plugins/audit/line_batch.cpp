/// Places of lines, and what became of them.
#include "line_batch.hpp"
#include "system_errors.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace audit {

using talon::Result;

void LineBatch::begin(std::shared_ptr<OpenFile> file, int64_t number) {
  file_ = std::move(file);
  number_ = number;
  base_ = end_ = file_->file.size;
  has_places_ = false;
  is_cut_ = buffer && !buffer->begin(file_->file.name(), base_);
}

void LineBatch::rest() {
  file_.reset();
  base_ = end_ = 0;
}

LineBatch::Place LineBatch::next(int64_t size, bool may_wait) {
  int64_t& end = file_->file.size;
  const bool has_room = end >= end_ && end + size <= base_ + LogBuffer::kRoom;
  const Place place{end, size, may_wait && buffer && !is_cut_ && has_room};
  end += size;
  if (place.is_buffered) end_ = end;
  has_places_ = true;
  ++writing_;
  return place;
}

ssize_t LineBatch::write(const Place& place, std::string_view line) {
  if (place.is_buffered && buffer->put(place.begin - base_, line)) return place.size;
  const ssize_t count = file_->file.write(line, place.begin);
  return place.is_buffered ? std::max<ssize_t>(count, 0) : count;  // a part may stand in the buffer
}

void LineBatch::note(const Place& place, ssize_t count) {
  OpenFile& open = *file_;
  --writing_;
  if (count >= 0) {
    open.has_lines = true;
    // Zeros stand behind a line that was cut short: whoever takes the file in sees where the next one begins.
    open.end = std::max(open.end, place.begin + place.size);
  }
  open.file.missing += place.size - std::max<ssize_t>(count, 0);
}

void LineBatch::give_back() {
  OpenFile& open = *file_;
  // A full disk refuses line after line: the file must not grow by what was never in it.
  open.file.missing -= open.file.size - open.end;
  open.file.size = open.end;
}

Result<void> LineBatch::write_to_file() {
  return buffer ? buffer->write_to(file_->file, base_, end_ - base_) : Result<void>();
}

Result<void> LineBatch::force() const {
  if (has_places_ && ::fdatasync(file_->file.fd) != 0) return cannot("force " + file_->file.path);
  return {};
}

bool LineBatch::clear() { return !buffer || (buffer->clear(end_ - base_) && buffer->is_whole()); }

Result<int64_t> LineBatch::move_out() {
  return buffer ? buffer->become_file(file_->file, base_, end_ - base_) : Result<int64_t>(int64_t{0});
}

}  // namespace audit
