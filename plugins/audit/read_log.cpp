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
  made_room_.wait(lock, [&] {
    return !current_ || !current_->preparing || current_->file.size + size <= *current_->preparing;
  });
  if (!current_) return talon::unavailable("the read log is not open");
  if (current_->unforced) return *current_->unforced;
  Current& current = *current_;  // stays while `writing` counts this line
  const int64_t place = std::exchange(current.file.size, current.file.size + size);
  const bool is_ready = current.file.size <= current.file.mapped;
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

void ReadLog::Current::note(int64_t place, int64_t length, int64_t count) {
  if (count >= 0) {
    has_lines = true;
    // Zeros stand behind a line that was cut short: whoever takes the file in sees where the next one begins.
    end = std::max(end, place + length);
  }
  file.missing += length - std::max<int64_t>(count, 0);
  if (--writing > 0) return;
  // A full disk refuses line after line: the file must not grow by what was never in it.
  file.missing -= file.size - end;
  file.size = end;
}

LogFile ReadLog::exchange(std::unique_lock<std::mutex>& lock, std::unique_ptr<Current> next) {
  const std::unique_ptr<Current> former = std::exchange(current_, std::move(next));
  made_room_.notify_all();
  written_.wait(lock, [&] { return former->writing == 0 && !former->preparing; });
  return std::move(former->file);
}

Result<void> ReadLog::begin_next(int64_t now_us) {
  bool is_proof_needed = false;
  int64_t expected = 0;
  {
    const std::lock_guard lock(mutex_);
    is_proof_needed = current_ && current_->unforced;
    expected = expected_;
  }
  // Nobody's read waits for the file system here, unless it asked to.
  TALON_TRY(LogFile next,
            is_proof_needed ? LogFile::make_proved(directory_, now_us) : LogFile::make(directory_, now_us));
  for (bool has_room = !is_proof_needed; has_room && next.prepared < expected;) {
    const int64_t from = next.room_begin();
    next.prepared = next.put_zeros(from);
    if (next.make_ready(from, next.prepared)) next.mapped = next.prepared;
    has_room = next.prepared == from + LogFile::kRoom;
  }
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (!current_) {
    next.close();
    ::unlink(next.path.c_str());
    return talon::unavailable("the read log was closed");
  }
  const int64_t upto = appended_;
  // Nobody forces the new file meanwhile: that would count for lines of the full one.
  is_forcing_ = true;
  LogFile full = exchange(lock, std::make_unique<Current>(std::move(next)));
  lock.unlock();
  full.drop_zeros();
  const bool is_done = ::fdatasync(full.fd) == 0;
  const Error failure = cannot("force a full file of the read log");
  lock.lock();
  is_forcing_ = false;
  if (is_done)
    forced_ = std::max(forced_, upto);
  else
    ++failures_;
  forced_more_.notify_all();
  lock.unlock();
  const Result<void> judged = full.judge(directory_, now_us);
  full.close();
  if (!judged) return judged;
  return is_done ? Result<void>() : Result<void>(failure);
}

Result<std::vector<std::string>> ReadLog::rotate(int64_t now_us) {
  const std::lock_guard one(rotating_);
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    if (!current_) return talon::unavailable("the read log is not open");
    is_due = current_->has_lines || current_->unforced;
  }
  if (is_due) TALON_DO(begin_next(now_us));
  std::string current;
  {
    const std::lock_guard lock(mutex_);
    if (current_) current = current_->file.path;
  }
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory_, error)) {
    const std::string name = file.path().filename().string();
    const bool is_ours = name.starts_with(LogFile::kPrefix) && name.ends_with(LogFile::kSuffix);
    if (is_ours && file.path().string() != current) files.push_back(file.path().string());
  }
  if (error) return talon::unavailable("cannot read the folder " + directory_ + ": " + error.message());
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
  const int fd = ::dup(current_->file.fd);  // rotation may close the other one meanwhile
  const std::string path = current_->file.path;
  const int64_t upto = appended_;
  is_forcing_ = true;
  lock.unlock();
  const bool is_done = fd >= 0 && ::fdatasync(fd) == 0;
  const Error failure = cannot("force the read log");
  if (fd >= 0) ::close(fd);
  lock.lock();
  is_forcing_ = false;
  if (is_done) forced_ = std::max(forced_, upto);
  // The kernel tells of a failure once and may drop what it could not write: a later success says nothing.
  if (!is_done) ++failures_;
  if (!is_done && current_ && current_->file.path == path) current_->unforced = failure;
  forced_more_.notify_all();
  return is_done ? Result<void>() : Result<void>(failure);
}

ReadLog::Current& ReadLog::hold(int64_t from) {
  current_->preparing = from;
  return *current_;
}

void ReadLog::let_go(Current& current) {
  current.preparing.reset();
  made_room_.notify_all();
  if (&current != current_.get()) written_.notify_all();
}

void ReadLog::prepare() {
  std::unique_lock lock(mutex_);
  if (current_ && expected_ > 0 && current_->file.mapped > current_->file.size) {
    // Not more than will be needed: the disk takes it again with the next forcing.
    const int64_t from = current_->file.size;
    const int64_t to = std::min(current_->file.mapped, from + expected_);
    Current& current = hold(std::numeric_limits<int64_t>::max());
    lock.unlock();
    const bool is_ready = current.file.make_ready(from, to);
    lock.lock();
    if (!is_ready) current.file.mapped = 0;  // somebody cut the file short, or the disk refuses
    let_go(current);
  }
  while (current_ && expected_ > 0 && current_->file.prepared < current_->file.size + expected_) {
    const int64_t from = current_->file.room_begin();
    Current& current = hold(from);
    lock.unlock();
    const int64_t end = current.file.put_zeros(from);
    const bool is_ready = current.file.make_ready(from, end);
    lock.lock();
    current.file.prepared = end;
    if (is_ready) current.file.mapped = end;
    let_go(current);
    if (end < from + LogFile::kRoom) return;
  }
  if (current_ && expected_ == 0) current_->file.drop_zeros();
}

void ReadLog::force_regularly() {
  // It may wait for the end of an answer: waking up, it takes no processor from one.
  const sched_param none{};
  if (::sched_getscheduler(0) == SCHED_OTHER) ::sched_setscheduler(0, SCHED_BATCH, &none);
  std::unique_lock lock(mutex_);
  std::string path;
  int64_t before = 0;
  while (!is_closing_) {
    wake_.wait_for(lock, kForceEvery);
    if (!current_) continue;
    // As much as in the last moments, and half as much again.
    const LogFile& file = current_->file;
    const int64_t written = path == file.path ? file.size - before : file.size;
    // A disk that failed once may have no room for what need not be.
    expected_ = failures_ > 0 ? 0 : std::clamp<int64_t>(written + written / 2, 0, kExpectedMax);
    path = file.path;
    before = file.size;
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
  const bool is_empty = !current_->has_lines && current_->writing == 0;
  LogFile file = exchange(lock, nullptr);
  file.drop_zeros();
  if (::fdatasync(file.fd) != 0) std::perror(file.path.c_str());
  const Result<void> judged = is_empty ? Result<void>() : file.judge(directory_, 0);
  if (!judged) std::fprintf(stderr, "%s\n", judged.error().message.c_str());
  file.close();
  if (is_empty) ::unlink(file.path.c_str());
}

}  // namespace audit
