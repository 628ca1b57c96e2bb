/// When to send again, and when to wait: back-off with full jitter, Retry-After as a floor, rate budget,
/// breaker.
#pragma once

#include "client.hpp"

#include <functional>
#include <mutex>
#include <random>

namespace talon::http_connector {

/// The clock and the waiting, so that tests need neither.
struct Waiting {
  std::function<std::chrono::steady_clock::time_point()> now = [] {
    return std::chrono::steady_clock::now();
  };
  std::function<std::chrono::system_clock::time_point()> wall = [] {
    return std::chrono::system_clock::now();
  };
  std::function<void(Milliseconds)> sleep;  ///< null: the thread's
};

/// The wait that Retry-After asks for: seconds or an HTTP date; 0 where there is none or it is past.
Milliseconds retry_after(std::string_view header, std::chrono::system_clock::time_point now);

/// What all sessions with one origin share. @threads any.
class Origin {
 public:
  /// The one of `origin` in this process.
  static Origin& of(const std::string& origin);

  /// How long to wait for a place in the budget; the place is taken.
  Milliseconds take_place(int64_t requests, Milliseconds per, std::chrono::steady_clock::time_point now);
  /// False while the breaker is open; after its time one caller is let through to probe.
  bool may_send(std::chrono::steady_clock::time_point now);
  void report(bool is_failure, std::chrono::steady_clock::time_point now);

  /// One refresh of a token at a time; the others wait for it here.
  std::mutex token_mutex;
  std::string token;
  std::chrono::steady_clock::time_point token_until;

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_place_;
  std::vector<std::chrono::steady_clock::time_point> failures_;
  std::chrono::steady_clock::time_point open_until_;
};

/// Sends with patience. @threads serial.
class Patience {
 public:
  Patience(const Settings& settings, Waiting waiting);

  /// @param is_repeatable  GET, or a request with an idempotency key: only these are sent again.
  /// @param send           one try.
  /// @return the answer (whatever its status, but for those worth a retry); Unavailable: tries or time are
  /// used up.
  Result<Answer> send(bool is_repeatable, const std::function<Result<Answer>()>& send);

 private:
  Milliseconds back_off(int64_t attempt);
  void wait(Milliseconds time);

  const Settings& settings_;  // of the session, which owns this
  Waiting waiting_;
  Origin& origin_;
  std::mt19937_64 random_;
};

}  // namespace talon::http_connector
