/// Appends, forces and rotates the read log's files.
#include "read_log.hpp"
#include "mapped_copy.hpp"
#include "system_errors.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::Error;
using talon::Result;

constexpr std::chrono::milliseconds kForceEvery{100};  // decision 5
constexpr int64_t kExpectedMax = 1 << 20;              // bytes

}  // namespace

Result<void> ReadLog::open(const std::string& directory, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return talon::unavailable("cannot make the folder " + directory + ": " + error.message());
  fs::permissions(directory, fs::perms::owner_all, error);
  directory_ = directory;
  TALON_TRY(LogFile first, LogFile::make(directory_, now_us));
  current_ = std::make_unique<Current>(std::move(first));
  begun_us_ = now_us;
  is_closing_ = false;
  thread_ = std::thread([this] { force_regularly(); });
  return {};
}

Result<void> ReadLog::append(std::string_view entry) {
  if (entry.find('\n') != std::string_view::npos) return talon::invalid("a read log's entry is one line");
  std::string line;
  line.reserve(entry.size() + 1);
  line.append(entry).push_back('\n');
  const auto size = static_cast<int64_t>(line.size());
  std::unique_lock lock(mutex_);
  if (!current_) return talon::unavailable("the read log is not open");
  if (unforced_) return *unforced_;
  Current& current = *current_;  // stays while `writing` counts this line
  const int64_t place = std::exchange(current.file.size, current.file.size + size);
  const bool is_ready = current.file.size <= current.file.mapped;
  placed_ += size;
  ++current.writing;
  lock.unlock();
  const bool is_copied = is_ready && copy_mapped(current.file.window + place, line);
  ssize_t count = is_copied ? ssize(line) : current.file.write(line, place);
  const int why = errno;
  lock.lock();
  if (is_ready && !is_copied) {
    // Somebody cut the file short: in a page that is there in part, lines would be lost without a fault.
    current.file.mapped = 0;
    count = std::max<ssize_t>(count, 0);  // a part may stand there
  }
  ++appended_;
  current.note(place, size, count);
  if (current.writing == 0 && &current != current_.get()) written_.notify_all();
  if (count == ssize_t{size}) return {};
  errno = why;
  return cannot("append to " + current.file.path);  // which stays while the lock is held
}

Result<void> ReadLog::Current::finish(const std::string& directory, int64_t now_us) {
  const Result<void> judged = has_lines ? file.judge(directory, now_us) : Result<void>();
  file.close();
  if (!has_lines) ::unlink(file.path.c_str());
  return judged;
}

void ReadLog::Current::note(int64_t place, int64_t length, int64_t count) {
  if (count >= 0) {
    has_lines = is_dirty = true;
    // Zeros stand behind a line that was cut short: whoever takes the file in sees where the next one begins.
    end = std::max(end, place + length);
  }
  file.missing += length - std::max<int64_t>(count, 0);
  if (--writing > 0) return;
  // A full disk refuses line after line: the file must not grow by what was never in it.
  file.missing -= file.size - end;
  file.size = end;
}

std::vector<std::unique_ptr<ReadLog::Current>> ReadLog::exchange(std::unique_lock<std::mutex>& lock,
                                                                 std::unique_ptr<Current> next) {
  std::vector<std::unique_ptr<Current>> former;
  former.push_back(std::exchange(current_, std::move(next)));
  if (resting_) former.push_back(std::move(resting_));
  unforced_.reset();
  written_.wait(lock, [&] {
    return std::all_of(former.begin(), former.end(), [](const auto& file) { return file->is_idle(); });
  });
  return former;
}

Result<void> ReadLog::begin_next(int64_t now_us) {
  bool is_proof_needed = false;
  int64_t expected = 0;
  {
    const std::lock_guard lock(mutex_);
    is_proof_needed = unforced_.has_value();
    expected = expected_;
  }
  // Nobody's read waits for the file system here, unless it asked to.
  TALON_TRY(LogFile next,
            is_proof_needed ? LogFile::make_proved(directory_, now_us) : LogFile::make(directory_, now_us));
  if (!is_proof_needed) next.make_room(expected);
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (!current_) {
    next.close();
    ::unlink(next.path.c_str());
    return talon::unavailable("the read log was closed");
  }
  begun_us_ = now_us;
  const int64_t upto = appended_;
  // Nobody forces the new file meanwhile: that would count for lines of the full ones.
  is_forcing_ = true;
  const auto full = exchange(lock, std::make_unique<Current>(std::move(next)));
  lock.unlock();
  Result<void> outcome;
  for (const auto& each : full) {
    each->file.drop_zeros();
    if (::fdatasync(each->file.fd) != 0) outcome = cannot("force a full file of the read log");
  }
  lock.lock();
  is_forcing_ = false;
  if (outcome)
    forced_ = std::max(forced_, upto);
  else
    ++failures_;
  forced_more_.notify_all();
  lock.unlock();
  for (const auto& each : full) {
    if (const Result<void> judged = each->finish(directory_, now_us); !judged) outcome = judged;
  }
  return outcome;
}

Result<std::vector<std::string>> ReadLog::rotate(int64_t now_us) {
  const std::lock_guard one(rotating_);
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    if (!current_) return talon::unavailable("the read log is not open");
    is_due = current_->has_lines || (resting_ && resting_->has_lines) || unforced_;
  }
  if (is_due) TALON_DO(begin_next(now_us));
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory_, error)) {
    const std::string name = file.path().filename().string();
    const bool is_ours = name.starts_with(LogFile::kPrefix) && name.ends_with(LogFile::kSuffix);
    if (is_ours) files.push_back(file.path().string());
  }
  if (error) return talon::unavailable("cannot read the folder " + directory_ + ": " + error.message());
  const std::lock_guard lock(mutex_);
  std::erase_if(files, [this](const std::string& file) {
    return (current_ && file == current_->file.path) || (resting_ && file == resting_->file.path);
  });
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> ReadLog::append_durably(std::string_view entry) {
  std::unique_lock lock(mutex_);
  const int64_t failures = failures_;
  lock.unlock();
  TALON_DO(append(entry));
  lock.lock();
  const int64_t mine = appended_;  // or a later one: then that is on disk too
  while (true) {
    if (failures_ != failures) return talon::unavailable("the disk did not take the read log");
    if (forced_ >= mine) return {};
    if (!current_) return talon::unavailable("the read log was closed");
    if (is_forcing_)
      forced_more_.wait(lock);
    else
      TALON_DO(force(lock));
  }
}

Result<void> ReadLog::force(std::unique_lock<std::mutex>& lock) {
  std::vector<int> dirty;  // these files stay while somebody forces
  for (Current* file : {current_.get(), resting_.get()}) {
    if (file != nullptr && std::exchange(file->is_dirty, false)) dirty.push_back(file->file.fd);
  }
  const int64_t upto = appended_;
  is_forcing_ = true;
  lock.unlock();
  Result<void> outcome;
  for (const int fd : dirty) {
    if (::fdatasync(fd) != 0) outcome = cannot("force the read log");
  }
  lock.lock();
  is_forcing_ = false;
  if (outcome) forced_ = std::max(forced_, upto);
  // The kernel tells of a failure once and may drop what it could not write: a later success says nothing.
  if (!outcome) ++failures_;
  if (!outcome) unforced_ = outcome.error();
  forced_more_.notify_all();
  return outcome;
}

void ReadLog::expect() {
  const int64_t most = std::max(placed_ - placed_before_[0], placed_before_[0] - placed_before_[1]);
  placed_before_ = {placed_, placed_before_[0]};
  // A disk that failed once may have no room for what need not be.
  const bool are_few = most < LogFile::kRoom || failures_ > 0;
  expected_ = are_few ? 0 : std::min(most + most / 4, kExpectedMax);
}

void ReadLog::prepare() {
  std::unique_lock lock(mutex_);
  if (expected_ == 0) {
    for (Current* file : {current_.get(), resting_.get()}) {
      if (file != nullptr) file->file.drop_zeros();
    }
    return;
  }
  if (!resting_) {
    const int64_t begun_us = begun_us_;
    lock.unlock();
    Result<LogFile> made = LogFile::make(directory_, begun_us);
    lock.lock();
    if (!made) return;  // whoever appends a line is told, if need be
    resting_ = std::make_unique<Current>(*std::move(made));
  }
  Current& resting = *resting_;
  resting.is_preparing = true;
  // `file.size` stays: no line goes there, but the last ones may still come to be there.
  LogFile room = resting.file;
  const int64_t expected = expected_;
  lock.unlock();
  room.make_room(expected);
  lock.lock();
  resting.file.prepared = room.prepared;
  resting.file.mapped = room.mapped;
  resting.is_preparing = false;
  written_.notify_all();
}

void ReadLog::force_regularly() {
  // It may wait for the end of an answer: waking up, it takes no processor from one.
  const sched_param none{};
  if (::sched_getscheduler(0) == SCHED_OTHER) ::sched_setscheduler(0, SCHED_BATCH, &none);
  std::unique_lock lock(mutex_);
  while (!is_closing_) {
    wake_.wait_for(lock, kForceEvery);
    if (!current_) continue;
    expect();
    if (resting_ && resting_->file.prepared > resting_->file.size) std::swap(current_, resting_);
    if (!is_forcing_ && forced_ != appended_) {
      if (auto forced = force(lock); !forced) std::fprintf(stderr, "%s\n", forced.error().message.c_str());
    }
    // Afterwards, since what is forced has to be made ready again.
    lock.unlock();
    prepare();
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
  if (!current_) return;
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  for (const auto& each : exchange(lock, nullptr)) {
    each->file.drop_zeros();
    if (::fdatasync(each->file.fd) != 0) std::perror(each->file.path.c_str());
    const Result<void> judged = each->finish(directory_, 0);
    if (!judged) std::fprintf(stderr, "%s\n", judged.error().message.c_str());
  }
}

}  // namespace audit
