/// Appends, forces and rotates the read log's files.
#include "read_log.hpp"
#include "system_errors.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::Result;

constexpr std::chrono::milliseconds kForceEvery{100};  // decision 5

/// For whoever started talond: no answer tells of it. @threads any, without a lock: it may have to wait.
void tell(const Result<void>& outcome) {
  if (!outcome) std::fprintf(stderr, "%s\n", outcome.error().message.c_str());
}

}  // namespace

Result<void> ReadLog::open(const std::string& directory, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return talon::unavailable("cannot make the folder " + directory + ": " + error.message());
  fs::permissions(directory, fs::perms::owner_all, error);
  directory_ = directory;
  // Buffers before the file that they will have lines of: whoever finds the file finds them too.
  for (LineBatch& batch : batches_) batch.buffer = LogBuffer::make(directory_, now_us);
  Result<LogFile> made = LogFile::make(directory_, now_us);
  if (!made) {
    for (LineBatch& batch : batches_) batch.buffer.reset();
    return made.error();
  }
  file_ = std::make_shared<OpenFile>(*std::move(made));
  filling().begin(file_, std::max(filling().number(), leaving().number()) + 1);
  is_closing_ = false;
  thread_ = std::thread([this] { force_regularly(); });
  return {};
}

Result<void> ReadLog::append(std::string_view entry) {
  TALON_DO(put(entry, true));
  return {};
}

Result<int64_t> ReadLog::put(std::string_view entry, bool may_wait) {
  if (entry.find('\n') != std::string_view::npos) return talon::invalid("a read log's entry is one line");
  std::unique_lock lock(mutex_);
  if (!file_) return talon::unavailable("the read log is not open");
  if (unforced_) return *unforced_;
  if (leaving().unwritten) return *leaving().unwritten;
  LineBatch& batch = filling();  // it and its file stay while it is written to
  const LogFile& file = batch.file()->file;
  const LineBatch::Place place = batch.next(ssize(entry) + 1, may_wait);
  lock.unlock();
  const ssize_t count = batch.write(place, entry);
  const int why = errno;
  lock.lock();
  batch.note(place, count);
  if (is_nobody_writing()) batch.give_back();
  if (batch.writing() == 0 && (&batch == &leaving() || !file_)) written_.notify_all();
  if (count == place.size) return batch.number();
  errno = why;
  return cannot("append to " + file.path);
}

void ReadLog::fill_other(std::shared_ptr<OpenFile> file) {
  filling_ = 1 - filling_;
  leaving().is_settled = false;
  if (file)
    filling().begin(std::move(file), leaving().number() + 1);
  else
    filling().rest();
}

Result<void> ReadLog::settle(std::unique_lock<std::mutex>& lock, Until until) {
  LineBatch& batch = leaving();
  written_.wait(lock, [&] { return batch.writing() == 0; });
  lock.unlock();
  Result<void> written = batch.write_to_file();
  const Result<int64_t> moved = written ? Result<int64_t>(int64_t{0}) : batch.move_out();
  const bool is_moved = !written && moved;
  if (is_moved) written = {};
  const Result<void> forced = written ? batch.force() : Result<void>();
  const bool is_settled = written && (forced || until == Until::Written);
  const bool is_whole = is_moved || !is_settled || batch.clear();
  if (!is_whole) {
    tell(talon::unavailable("somebody removed, moved or cut short " + batch.buffer->path() +
                            " while lines of the read log were put there"));
  }
  lock.lock();
  batch.is_settled = is_settled;
  batch.unwritten = written ? std::nullopt : std::optional(written.error());
  if (is_moved) batch.note_moved(*moved);
  if (is_moved || !is_whole) {
    std::unique_ptr<LogBuffer> gone = std::move(batch.buffer);
    lock.unlock();
    gone.reset();
    lock.lock();
  }
  return written ? forced : written;
}

Result<void> ReadLog::force(std::unique_lock<std::mutex>& lock) {
  is_forcing_ = true;
  if (leaving().is_settled) fill_other(file_);
  const Result<void> forced = settle(lock, Until::Forced);
  note_forcing(forced);
  return forced;
}

void ReadLog::note_forcing(const Result<void>& forced) {
  if (forced) {
    forced_ = std::max(forced_, leaving().number());
  } else {
    ++failures_;
    // The kernel tells of a failure once and may drop what it could not write: a later success says nothing.
    // What could not even be written stands in the buffer, and is tried again.
    if (!leaving().unwritten) unforced_ = forced.error();
  }
  is_forcing_ = false;
  forced_more_.notify_all();
}

Result<void> ReadLog::change_files(std::unique_lock<std::mutex>& lock, std::shared_ptr<OpenFile> next,
                                   std::unique_ptr<LogBuffer>& spare) {
  Result<void> former;
  if (!leaving().is_settled) {
    former = settle(lock, Until::Written);
    if (!leaving().is_settled) return former;
  }
  if (!leaving().buffer) leaving().buffer = std::move(spare);
  full_.push_back(std::exchange(file_, next));
  unforced_.reset();
  fill_other(std::move(next));
  const Result<void> latter = settle(lock, Until::Written);
  if (leaving().is_settled && !leaving().buffer) leaving().buffer = std::move(spare);
  return both(former, latter);
}

std::vector<std::shared_ptr<OpenFile>> ReadLog::take_complete() {
  const auto is_filled = [this](const std::shared_ptr<OpenFile>& file) {
    return file == filling().file() || (!leaving().is_settled && file == leaving().file());
  };
  const auto first = std::stable_partition(full_.begin(), full_.end(), is_filled);
  std::vector<std::shared_ptr<OpenFile>> complete(first, full_.end());
  full_.erase(first, full_.end());
  return complete;
}

Result<void> ReadLog::finish(const std::vector<std::shared_ptr<OpenFile>>& files, int64_t now_us) const {
  Result<void> outcome;
  for (const auto& open : files) {
    if (open->has_lines) outcome = both(outcome, open->file.judge(directory_, now_us));
    open->file.close();
    if (!open->has_lines) ::unlink(open->file.path.c_str());
  }
  return outcome;
}

Result<void> ReadLog::begin_next(int64_t now_us) {
  bool is_proof_needed = false;
  bool is_buffer_needed = false;
  {
    const std::lock_guard lock(mutex_);
    is_proof_needed = unforced_.has_value();
    is_buffer_needed = !filling().buffer || !leaving().buffer;
  }
  // Nobody's read waits for the file system here, unless it asked to. The buffer first, as in `open`.
  auto spare = is_buffer_needed ? LogBuffer::make(directory_, now_us) : nullptr;
  TALON_TRY(LogFile made,
            is_proof_needed ? LogFile::make_proved(directory_, now_us) : LogFile::make(directory_, now_us));
  const auto next = std::make_shared<OpenFile>(std::move(made));
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  Result<void> settled;
  if (!file_) {
    settled = talon::unavailable("the read log was closed");
  } else if (unforced_ && !is_proof_needed) {
    settled = *unforced_;  // the next turn proves its file
  } else {
    is_forcing_ = true;
    settled = change_files(lock, next, spare);
    note_forcing(settled);
  }
  std::vector<std::shared_ptr<OpenFile>> complete = take_complete();
  if (next != file_) complete.push_back(next);  // nothing is in it
  lock.unlock();
  return both(settled, finish(complete, now_us));
}

Result<void> ReadLog::rotate(int64_t now_us) {
  const std::lock_guard one(rotating_);
  {
    const std::lock_guard lock(mutex_);
    if (!file_) return talon::unavailable("the read log is not open");
    if (!file_->has_lines && !unforced_ && full_.empty()) return {};
  }
  return begin_next(now_us);
}

Result<ReadLog::Leftovers> ReadLog::leftovers() {
  Leftovers left;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory_, error)) {
    if (is_log_file(file.path().filename().string())) left.files.push_back(file.path().string());
  }
  if (error) return talon::unavailable("cannot read the folder " + directory_ + ": " + error.message());
  TALON_TRY(left.buffers, LogBuffer::all(directory_));
  const std::lock_guard lock(mutex_);
  if (file_) std::erase(left.files, file_->file.path);
  for (const auto& full : full_) std::erase(left.files, full->file.path);
  std::sort(left.files.begin(), left.files.end());
  return left;
}

Result<void> ReadLog::append_durably(std::string_view entry) {
  std::unique_lock lock(mutex_);
  const int64_t failures = failures_;
  lock.unlock();
  // It waits for the disk, and for nothing else.
  TALON_TRY(const int64_t mine, put(entry, false));
  lock.lock();
  while (true) {
    if (failures_ != failures) return talon::unavailable("the disk did not take the read log");
    if (forced_ >= mine) return {};
    if (!file_) return talon::unavailable("the read log was closed");
    if (is_forcing_)
      forced_more_.wait(lock);
    else
      TALON_DO(force(lock));
  }
}

void ReadLog::force_regularly() {
  // It may wait for the end of an answer: waking up, it takes no processor from one.
  const sched_param none{};
  if (::sched_getscheduler(0) == SCHED_OTHER) ::sched_setscheduler(0, SCHED_BATCH, &none);
  std::unique_lock lock(mutex_);
  while (!is_closing_) {
    wake_.wait_for(lock, kForceEvery);
    if (is_closing_) break;  // `close` forces
    const bool is_tried_again = leaving().unwritten.has_value();
    if (is_forcing_ || unforced_ || (!filling().has_places() && !is_tried_again)) continue;
    const Result<void> forced = force(lock);
    lock.unlock();
    if (!is_tried_again) tell(forced);
    lock.lock();
  }
}

void ReadLog::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (!file_) return;
  is_forcing_ = true;
  std::unique_ptr<LogBuffer> none;
  const Result<void> settled = change_files(lock, nullptr, none);
  // Where a file does not take its lines they stay in their buffers, and are put there once it does.
  if (file_) full_.push_back(std::exchange(file_, nullptr));
  written_.wait(lock, [this] { return is_nobody_writing(); });
  is_forcing_ = false;
  forced_more_.notify_all();
  const std::vector<std::shared_ptr<OpenFile>> complete = take_complete();
  lock.unlock();
  tell(both(settled, finish(complete, 0)));
  lock.lock();
  for (const auto& full : full_) full->file.close();
  full_.clear();
  for (LineBatch& batch : batches_) {
    batch.buffer.reset();
    batch.is_settled = true;
    batch.unwritten.reset();
  }
}

}  // namespace audit
