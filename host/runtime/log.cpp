/// The log: one event, one JSON line, one write.
#include "host/runtime/log.hpp"

#include <talon/date.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace talon::runtime {

namespace {

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
// Parts of key names: what holds a secret or says something about a person.
constexpr std::array<std::string_view, 14> kHidden = {
    "password", "passphrase", "token", "secret", "authorization", "cookie", "credential",
    "iban",     "bic",        "email", "phone",  "private_key",   "card",   "birth"};
constexpr std::array<std::string_view, 4> kHiddenWhole = {"legal_name", "first_name", "last_name",
                                                          "full_name"};

thread_local std::string_view current_request;

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
    bool is_first = true;
    for (const auto& [key, member] : value.members()) {
      if (!is_first) out.push_back(',');
      is_first = false;
      write_json_string(out, key);
      out.push_back(':');
      if (is_redacted_key(key) && !member.is_null())
        out.append("\"***\"");
      else
        append_redacted(out, member);
    }
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

bool is_redacted_key(std::string_view key) {
  std::string lower(key);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view word : kHidden) {
    if (lower.find(word) != std::string::npos) return true;
  }
  for (const std::string_view word : kHiddenWhole) {
    if (lower == word) return true;
  }
  return false;
}

Json redacted(const Json& value) {
  std::string text;
  append_redacted(text, value);
  auto copy = Json::parse(text, 128);
  return copy ? *std::move(copy) : Json("***");
}

Log::~Log() {
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

void Log::write(Level level, std::string_view event, const Json& fields) {
  if (!is_on(level)) return;
  std::string line = "{\"time\":\"" + Timestamp(now_us()).to_string() + "\",\"level\":\"";
  line.append(kLevels[static_cast<std::size_t>(level)]).append("\",\"event\":");
  write_json_string(line, event);
  if (!current_request.empty()) {
    line.append(",\"request\":");
    write_json_string(line, current_request);
  }
  std::string facts;
  append_redacted(facts, fields);
  if (facts.size() > 2)
    line.append(",").append(facts, 1);
  else
    line.push_back('}');
  line.push_back('\n');
  write_line(line);
}

void Log::write_line(std::string_view line) {
  if (sink_) {
    sink_(line.substr(0, line.empty() ? 0 : line.size() - 1));
    return;
  }
  // One write per line, so that lines of several threads do not mix; a full disk must not stop the work.
  while (::write(fd_.load(std::memory_order_relaxed), line.data(), line.size()) < 0 && errno == EINTR) {
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
