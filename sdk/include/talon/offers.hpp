/// What a plugin may offer beyond actions, commands, jobs and events: interfaces that its class also derives
/// from.
///
///   class Access : public talon::Plugin, public talon::AuthorizerOffer { … };
///
/// The shim finds them by type and answers the host's question for "talon.authorizer/1" and so on.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/value.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace talon {

/// talon.authorizer/1: plans access, the host evaluates (docs/authorizer.md). @threads any.
class AuthorizerOffer {
 public:
  virtual ~AuthorizerOffer() = default;
  /// @param principal  {"kind","user","session","roles",…}.  @return the plan as JSON text.
  virtual Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) = 0;
  /// @param question  {"user","action","type","record","field","at"}.  @return why, as JSON text.
  virtual Result<std::string> explain(const Json& question) = 0;
};

/// talon.audit/1: the read log. @threads any.
class AuditOffer {
 public:
  virtual ~AuditOffer() = default;
  /// Returns only when the entry (a JSON object, as text) would survive kill -9 of the process.
  virtual Result<void> read(std::string_view entry) = 0;
};

/// talon.login/1: verifies who somebody is. @threads any.
class LoginOffer {
 public:
  virtual ~LoginOffer() = default;
  /// @return the user's id, or JSON (docs/abi.md, "Sign-in"). Unauthenticated, without saying what was wrong.
  virtual Result<std::string> verify(const Json& credentials) = 0;
};

/// One reading session of a source. One thread at a time, but for `cancel`.
class SourceSession {
 public:
  using TakeRow = std::function<Result<void>(Row)>;
  virtual ~SourceSession() = default;
  /// Reads one page. @return {"next": CURSOR or null, "fingerprint": TEXT}. An error of `take` ends it with
  /// that error.
  virtual Result<Json> read(const Json& request, const TakeRow& take) = 0;
  /// Names and types that the peer offers.
  virtual Result<Json> describe(const Json& request) = 0;
  /// Ends a `read` under way from another thread.
  virtual void cancel() {}
};

/// talon.source/1: a connector's reading end.
class SourceOffer {
 public:
  virtual ~SourceOffer() = default;
  virtual Result<std::unique_ptr<SourceSession>> open_source(const Json& connection) = 0;
};

/// One writing session of a sink. One thread at a time.
class SinkSession {
 public:
  virtual ~SinkSession() = default;
  /// @return the peer's answer. Unavailable and DeadlineExceeded mean that the outcome is not known.
  virtual Result<Json> send(const Json& request) = 0;
};

/// talon.sink/1: a connector's writing end.
class SinkOffer {
 public:
  virtual ~SinkOffer() = default;
  virtual Result<std::unique_ptr<SinkSession>> open_sink(const Json& connection) = 0;
};

}  // namespace talon
