/// The log: one event, one JSON line.
#include "host/runtime/log.hpp"

#include <talon/date.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>

namespace talon::runtime {

namespace {

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};

/// Lines that wait are written together from this size on: what a pipe takes as one piece (PIPE_BUF).
constexpr std::size_t kTogetherBytes = 4096;
/// Most lines are shorter: one allocation holds them.
constexpr std::size_t kLineBytes = 320;
/// How long a line waits at most.
constexpr std::chrono::milliseconds kLate{5};

thread_local std::string_view current_request;

void append_redacted(std::string& out, const Json& value);

void append_members(std::string& out, const Json& object) {
  bool is_first = true;
  for (const auto& [key, member] : object.members()) {
    if (!is_first) out.push_back(',');
    is_first = false;
    write_json_string(out, key);
    out.push_back(':');
    if (is_redacted_key(key) && !member.is_null())
      out.append("\"***\"");
    else
      append_redacted(out, member);
  }
}

void append_redacted(std::string& out, const Json& value) {
  if (value.is_array()) {
    out.push_back('[');
    bool is_first = true;
    for (const Json& item : value.items()) {
      if (!is_first) out.push_back(',');
      is_first = false;
      append_redacted(out, item);
    }
    out.push_back(']');
  } else if (value.is_object()) {
    out.push_back('{');
    append_members(out, value);
    out.push_back('}');
  } else {
    value.write(out);
  }
}

int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

Result<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (text == kLevels[i]) return static_cast<Level>(i);
  }
  return invalid("\"" + std::string(text) + "\" is not a log level; use debug, info, warn or error");
}

Json redacted(const Json& value) {
  std::string text;
  append_redacted(text, value);
  auto copy = Json::parse(text, 128);
  return copy ? *std::move(copy) : Json("***");
}

Log::~Log() {
  {
    std::unique_lock lock(mutex_);
    is_ending_ = true;
    write_waiting(lock);
  }
  wake_.notify_one();
  if (late_.joinable()) late_.join();
  if (owned_fd_ >= 0) ::close(owned_fd_);
}

Result<void> Log::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return unavailable("cannot open the log file " + path + ": " + std::strerror(errno));
  fd_ = fd;
  if (owned_fd_ >= 0) ::close(owned_fd_);
  owned_fd_ = fd;
  return {};
}

void Fact::append_to(std::string& out) const {
  out.append("\"").append(key_).append("\":");
  if (const auto* text = std::get_if<std::string_view>(&value_)) {
    write_json_string(out, *text);
  } else {
    std::array<char, 20> digits;  // a sign and 19 of them
    const auto end = std::to_chars(digits.begin(), digits.end(), std::get<int64_t>(value_)).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
}

std::string Log::begin_line(Level level, std::string_view event) {
  std::string line;
  line.reserve(kLineBytes);
  line.append("{\"time\":\"");
  Timestamp(now_us()).append_to(line);
  line.append("\",\"level\":\"").append(kLevels[static_cast<std::size_t>(level)]);
  line.append("\",\"event\":");
  write_json_string(line, event);
  if (!current_request.empty()) {
    line.append(",\"request\":");
    write_json_string(line, current_request);
  }
  return line;
}

std::string Log::line_of(Level level, std::string_view event, const Json& fields) {
  std::string line = begin_line(level, event);
  if (fields.is_object() && !fields.members().empty()) {
    line.push_back(',');
    append_members(line, fields);
  }
  line.append("}\n");
  return line;
}

void Log::write(Level level, std::string_view event, const Json& fields) {
  if (!is_on(level)) return;
  const std::string line = line_of(level, event, fields);
  std::unique_lock lock(mutex_);
  write_waiting(lock, line);
}

void Log::info_soon(std::string_view event, std::initializer_list<Fact> facts) {
  if (!is_on(Level::Info)) return;
  std::string line = begin_line(Level::Info, event);
  for (const Fact& fact : facts) {
    line.push_back(',');
    fact.append_to(line);
  }
  line.append("}\n");
  std::unique_lock lock(mutex_);
  if (waiting_.size() + line.size() > kTogetherBytes) {
    write_waiting(lock);
    lock.lock();
  }
  waiting_.append(line);
  if (!late_.joinable()) late_ = std::thread([this] { write_late(); });
  if (is_late_asleep_) wake_.notify_one();
}

void Log::write_late() {
  std::unique_lock lock(mutex_);
  while (!is_ending_) {
    is_late_asleep_ = true;
    wake_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
    is_late_asleep_ = false;
    wake_.wait_for(lock, kLate, [this] { return is_ending_; });
    write_waiting(lock);
    lock.lock();
  }
}

void Log::write_waiting(std::unique_lock<std::mutex>& lock, std::string_view behind) {
  // Whoever takes lines out has the turn to write them before anybody else can: they stay in their order.
  const std::lock_guard writing(writing_);
  taken_.clear();
  taken_.swap(waiting_);
  lock.unlock();
  write_now(taken_);
  write_now(behind);
}

void Log::write_now(std::string_view lines) const {
  if (sink_) {
    if (!lines.empty()) sink_(lines.substr(0, lines.size() - 1));
    return;
  }
  while (!lines.empty()) {
    const ssize_t written = ::write(fd_.load(std::memory_order_relaxed), lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // a full disk must not stop the work
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

Log& log() {
  static Log instance;
  return instance;
}

RequestScope::RequestScope(std::string_view request_id) : before_(current_request) {
  current_request = request_id;
}
RequestScope::~RequestScope() { current_request = before_; }
std::string_view RequestScope::current() { return current_request; }

}  // namespace talon::runtime
