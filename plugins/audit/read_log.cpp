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
  TALON_TRY(files_, make_files(now_us, false, 0));
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
  if (!files_[0]) return talon::unavailable("the read log is not open");
  if (unforced_) return *unforced_;
  OpenFile& current = *files_[0];  // stays while `writing` counts this line
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
  if (current.writing == 0 && &current != files_[0].get()) written_.notify_all();
  if (count == ssize_t{size}) return {};
  errno = why;
  return cannot("append to " + current.file.path);  // which stays while the lock is held
}

Result<void> ReadLog::OpenFile::finish(const std::string& directory, int64_t now_us) {
  const Result<void> judged = has_lines ? file.judge(directory, now_us) : Result<void>();
  file.close();
  if (!has_lines) ::unlink(file.path.c_str());
  return judged;
}

void ReadLog::OpenFile::note(int64_t place, int64_t length, int64_t count) {
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

Result<ReadLog::Files> ReadLog::make_files(int64_t now_us, bool is_proved, int64_t expected) const {
  Files files;
  for (auto& file : files) {
    Result<LogFile> made =
        is_proved ? LogFile::make_proved(directory_, now_us) : LogFile::make(directory_, now_us);
    if (!made) {
      (void)finish(files, now_us);  // nothing is in it
      return made.error();
    }
    if (!is_proved) made->make_room(expected);
    file = std::make_unique<OpenFile>(*std::move(made));
  }
  return files;
}

Result<void> ReadLog::finish(const Files& files, int64_t now_us) const {
  Result<void> outcome;
  for (const auto& file : files) {
    if (!file) continue;
    const Result<void> judged = file->finish(directory_, now_us);
    if (judged) continue;
    outcome = outcome ? judged : talon::unavailable(outcome.error().message + "; " + judged.error().message);
  }
  return outcome;
}

ReadLog::Files ReadLog::exchange(std::unique_lock<std::mutex>& lock, Files next) {
  Files former = std::exchange(files_, std::move(next));
  unforced_.reset();
  written_.wait(lock, [&] {
    return std::all_of(former.begin(), former.end(), [](const auto& file) { return file->is_idle(); });
  });
  return former;
}

Result<void> ReadLog::force_last(const Files& files) {
  Result<void> forced;
  for (const auto& file : files) {
    file->file.drop_zeros();
    if (::fdatasync(file->file.fd) != 0) forced = cannot("force " + file->file.path);
  }
  return forced;
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
  TALON_TRY(Files next, make_files(now_us, is_proof_needed, expected));
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (!files_[0] || (unforced_ && !is_proof_needed)) {
    // The next turn proves its files.
    (void)finish(next, now_us);  // nothing is in them
    return files_[0] ? *unforced_ : talon::unavailable("the read log was closed");
  }
  const int64_t upto = appended_;
  // Nobody forces the new files meanwhile: that would count for lines of the full ones.
  is_forcing_ = true;
  const Files full = exchange(lock, std::move(next));
  lock.unlock();
  const Result<void> forced = force_last(full);
  lock.lock();
  is_forcing_ = false;
  note_forcing(forced, upto);
  lock.unlock();
  const Result<void> finished = finish(full, now_us);
  return finished ? forced : finished;
}

Result<std::vector<std::string>> ReadLog::rotate(int64_t now_us) {
  const std::lock_guard one(rotating_);
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    if (!files_[0]) return talon::unavailable("the read log is not open");
    is_due = files_[0]->has_lines || files_[1]->has_lines || unforced_;
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
  for (const auto& open : files_) {
    if (open) std::erase(files, open->file.path);
  }
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
    if (!files_[0]) return talon::unavailable("the read log was closed");
    if (is_forcing_)
      forced_more_.wait(lock);
    else
      TALON_DO(force(lock));
  }
}

Result<void> ReadLog::force(std::unique_lock<std::mutex>& lock) {
  // The one that rests first: the other one's last lines may wait for the disk meanwhile. Both stay while
  // somebody forces.
  std::array<int, 2> dirty{-1, -1};
  for (std::size_t i = 0; i < files_.size(); ++i) {
    OpenFile& file = *files_[files_.size() - 1 - i];
    if (std::exchange(file.is_dirty, false)) dirty[i] = file.file.fd;
  }
  const int64_t upto = appended_;
  is_forcing_ = true;
  lock.unlock();
  Result<void> forced;
  for (const int fd : dirty) {
    if (fd >= 0 && ::fdatasync(fd) != 0) forced = cannot("force the read log");
  }
  lock.lock();
  is_forcing_ = false;
  note_forcing(forced, upto);
  return forced;
}

void ReadLog::note_forcing(const Result<void>& forced, int64_t upto) {
  if (forced) {
    forced_ = std::max(forced_, upto);
  } else {
    // The kernel tells of a failure once and may drop what it could not write: a later success says nothing.
    ++failures_;
    unforced_ = forced.error();
  }
  forced_more_.notify_all();
}

void ReadLog::expect() {
  const int64_t most = std::max(placed_ - placed_before_[0], placed_before_[0] - placed_before_[1]);
  placed_before_ = {placed_, placed_before_[0]};
  // Where lines are refused, room need not be. Few lines are not worth making it.
  expected_ = unforced_ || most < LogFile::kRoom ? 0 : std::min(most + most / 4, kExpectedMax);
}

void ReadLog::prepare() {
  std::unique_lock lock(mutex_);
  if (expected_ == 0) {
    for (const auto& file : files_) file->file.drop_zeros();
    return;
  }
  // It may be taken out of the log meanwhile, and stays all the same. Lines that have their place there may
  // still come; no others do.
  OpenFile& resting = *files_[1];
  LogFile room = resting.file;
  const int64_t mapped = room.mapped;
  const int64_t expected = expected_;
  resting.is_preparing = true;
  lock.unlock();
  room.make_room(expected);
  lock.lock();
  resting.file.prepared = room.prepared;
  // A line that came meanwhile may have found that somebody cut the file short.
  resting.file.mapped = resting.file.mapped == mapped ? room.mapped : 0;
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
    if (is_closing_) break;  // `close` forces
    expect();
    if (files_[1]->file.prepared > files_[1]->file.size) std::swap(files_[0], files_[1]);
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
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (!files_[0]) return;
  const Files last = exchange(lock, {});
  const Result<void> forced = force_last(last);
  const Result<void> finished = finish(last, 0);
  for (const Result<void>& each : {forced, finished}) {
    if (!each) std::fprintf(stderr, "%s\n", each.error().message.c_str());
  }
}

}  // namespace audit
