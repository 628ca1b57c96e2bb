/// Appends, forces and rotates the read log's files.
#include "read_log.hpp"
#include "system_errors.hpp"

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
  write_to(std::move(first));
  is_closing_ = false;
  thread_ = std::thread([this] { force_regularly(); });
  return {};
}

Result<void> ReadLog::append(std::string_view entry) {
  if (entry.find('\n') != std::string_view::npos) return talon::invalid("a read log's entry is one line");
  std::string line;
  line.reserve(entry.size() + 2);
  const std::lock_guard lock(mutex_);
  if (file_.fd < 0) return talon::unavailable("the read log is not open");
  if (unforced_) return *unforced_;
  if (is_torn_) line.push_back('\n');
  line.append(entry);
  line.push_back('\n');
  ssize_t count = -1;
  do {
    count = ::pwrite(file_.fd, line.data(), line.size(), file_.size);
  } while (count < 0 && errno == EINTR);
  file_.size += std::max<ssize_t>(count, 0);
  has_lines_ = has_lines_ || count > 0;
  ++appended_;
  if (count == static_cast<ssize_t>(line.size())) {
    is_torn_ = false;
    return {};
  }
  is_torn_ = is_torn_ || count > 0;
  return cannot("append to " + file_.path);
}

void ReadLog::write_to(LogFile file) {
  file_ = std::move(file);
  has_lines_ = false;
  is_torn_ = false;
  unforced_.reset();
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
  for (bool has_room = !is_proof_needed; has_room && next.prepared < expected;)
    has_room = next.append_zeros();
  std::unique_lock lock(mutex_);
  forced_more_.wait(lock, [this] { return !is_forcing_; });
  if (file_.fd < 0) {
    ::close(next.fd);
    ::unlink(next.path.c_str());
    return talon::unavailable("the read log was closed");
  }
  LogFile full = std::exchange(file_, {});
  const int64_t upto = appended_;
  write_to(std::move(next));
  // Nor does anybody force the new file meanwhile: that would count for lines of the full one.
  is_forcing_ = true;
  lock.unlock();
  full.drop_zeros();
  const bool is_done = ::fdatasync(full.fd) == 0;
  const Error failure = cannot("force a full file of the read log");
  const Result<void> kept = full.is_removed() ? full.keep_removed(directory_, now_us) : Result<void>();
  ::close(full.fd);
  lock.lock();
  is_forcing_ = false;
  if (is_done)
    forced_ = std::max(forced_, upto);
  else
    ++failures_;
  forced_more_.notify_all();
  if (!kept) return kept;
  return is_done ? Result<void>() : Result<void>(failure);
}

Result<std::vector<std::string>> ReadLog::rotate(int64_t now_us) {
  const std::lock_guard one(rotating_);
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    if (file_.fd < 0) return talon::unavailable("the read log is not open");
    is_due = has_lines_ || unforced_;
  }
  if (is_due) TALON_DO(begin_next(now_us));
  std::string current;
  {
    const std::lock_guard lock(mutex_);
    current = file_.path;
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
    if (file_.fd < 0) return talon::unavailable("the read log was closed");
    if (is_forcing_)
      forced_more_.wait(lock);
    else
      TALON_DO(force(lock));
  }
}

Result<void> ReadLog::force(std::unique_lock<std::mutex>& lock) {
  const int fd = ::dup(file_.fd);  // rotation may close the other one meanwhile
  const std::string path = file_.path;
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
  if (!is_done && file_.path == path) unforced_ = failure;
  forced_more_.notify_all();
  return is_done ? Result<void>() : Result<void>(failure);
}

void ReadLog::prepare() {
  // A piece at a time: whoever appends waits meanwhile.
  for (bool is_done = false; !is_done;) {
    const std::lock_guard lock(mutex_);
    if (file_.fd < 0) return;
    if (expected_ == 0) file_.drop_zeros();
    is_done = expected_ == 0 || file_.prepared >= file_.size + expected_ || !file_.append_zeros();
  }
}

void ReadLog::force_regularly() {
  std::unique_lock lock(mutex_);
  std::string path;
  int64_t before = 0;
  while (!is_closing_) {
    wake_.wait_for(lock, kForceEvery);
    // As much as in the last moments, and half as much again.
    const int64_t written = path == file_.path ? file_.size - before : file_.size;
    // A disk that failed once may have no room for what need not be.
    expected_ = failures_ > 0 ? 0 : std::min(written + written / 2, kExpectedMax);
    path = file_.path;
    before = file_.size;
    lock.unlock();
    prepare();
    lock.lock();
    if (is_forcing_ || file_.fd < 0 || forced_ == appended_) continue;
    if (auto forced = force(lock); !forced) std::fprintf(stderr, "%s\n", forced.error().message.c_str());
  }
}

void ReadLog::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  if (file_.fd < 0) return;
  file_.drop_zeros();
  if (::fdatasync(file_.fd) != 0) std::perror(file_.path.c_str());
  ::close(file_.fd);
  file_.fd = -1;
  if (!has_lines_) ::unlink(file_.path.c_str());
}

}  // namespace audit
