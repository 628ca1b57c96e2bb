/// The log: one event, one JSON line; secrets and personal values never appear.
#pragma once

#include "host/runtime/redacted_keys.hpp"
#include "host/runtime/secret.hpp"

#include <talon/json.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

namespace talon::runtime {

enum class Level : uint8_t { Debug, Info, Warn, Error };

/// @return InvalidArgument: not debug, info, warn or error.
Result<Level> parse_level(std::string_view text);

/// A field of what happens many thousand times a second: it is written without a tree, and that its key names
/// no secret and no person is known when it is compiled.
class Fact {
 public:
  struct Key {
    consteval Key(const char* key) : text(key) {
      if (is_redacted_key(text)) throw "a value under this key is never written";
      for (const char c : text) {
        if ((c < 'a' || c > 'z') && c != '_') throw "a key is written as it is";
      }
    }
    std::string_view text;
  };
  Fact(Key key, std::string_view text) : key_(key.text), value_(text) {}
  Fact(Key key, int64_t number) : key_(key.text), value_(number) {}

  void append_to(std::string& out) const;  ///< as a member of a JSON object

 private:
  std::string_view key_;
  std::variant<std::string_view, int64_t> value_;
};

/// Writes events. The event's name is a constant in the past tense ("invoice.issued"); facts go in fields.
/// Values under keys that name a secret or a person (password, token, authorization, iban, email, …) are
/// written as "***", at any depth.
/// @threads any.
class Log {
 public:
  /// @param fd  where lines go; 2 is standard error. Not closed by this.
  explicit Log(int fd = 2, Level level = Level::Info) : fd_(fd), level_(level) {}
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  /// Appends to a file (made with mode 0600) from now on. @errors Unavailable: cannot open it.
  Result<void> open(const std::string& path);
  void set_level(Level level) { level_ = level; }
  bool is_on(Level level) const { return level >= level_.load(std::memory_order_relaxed); }
  /// For tests: lines go to `sink` (without the line feed) and nowhere else.
  void set_sink(std::function<void(std::string_view)> sink) { sink_ = std::move(sink); }

  void write(Level level, std::string_view event, const Json& fields = Json::object());
  void debug(std::string_view event, Json::Object fields = {}) {
    put(Level::Debug, event, std::move(fields));
  }
  void info(std::string_view event, Json::Object fields = {}) { put(Level::Info, event, std::move(fields)); }
  void warn(std::string_view event, Json::Object fields = {}) { put(Level::Warn, event, std::move(fields)); }
  void error(std::string_view event, Json::Object fields = {}) {
    put(Level::Error, event, std::move(fields));
  }

  /// As `info`, for what happens many thousand times a second: the line waits a few milliseconds for others
  /// to be written with, or until there is any other line. A crash of the process loses those that wait.
  /// While lines are written others are left without waiting, until it is their turn (the milliseconds are
  /// over, 4 KiB wait, or there is any other line) and the writing still goes on: then whoever leaves a line
  /// waits, as for every line of `write`, for whoever reads the other end of a pipe. No line is dropped, and
  /// they do not pile up.
  void info_soon(std::string_view event, std::initializer_list<Fact> facts);

 private:
  static std::string line_of(Level level, std::string_view event, const Json& fields);
  /// A line up to its fields.
  static std::string begin_line(Level level, std::string_view event);
  void write_now(std::string_view lines) const;  // with `writing_`
  /// Writes what waits, then `behind`. @param lock  of `mutex_`, held while another's writing is waited for,
  /// and let go before the kernel is called: lines may be left meanwhile (`info_soon`).
  void write_waiting(std::unique_lock<std::mutex>& lock, std::string_view behind = {});
  void write_late();
  void put(Level level, std::string_view event, Json::Object fields) {
    if (is_on(level)) write(level, event, Json(std::move(fields)));
  }

  std::atomic<int> fd_;
  int owned_fd_ = -1;
  std::atomic<Level> level_;
  std::function<void(std::string_view)> sink_;
  std::mutex mutex_;     // of what follows; taken before `writing_`
  std::string waiting_;  // lines of `info_soon`
  std::condition_variable wake_;
  bool is_late_asleep_ = true;  // whether `late_` waits for a line
  bool is_ending_ = false;
  std::thread late_;  // from the first line of `info_soon` on
  std::mutex writing_;
  std::string taken_;  // what waited and is written now; with `writing_`
};

/// The process' log.
Log& log();

/// The same value with "***" under every such key.
Json redacted(const Json& value);

/// Names the request that this thread works for, until it ends; every line of the thread carries it.
class RequestScope {
 public:
  explicit RequestScope(std::string_view request_id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;
  /// The current thread's request id, or empty.
  static std::string_view current();

 private:
  std::string_view before_;
};

}  // namespace talon::runtime
