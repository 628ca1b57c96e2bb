/// Requests and answers as handlers see them: no library's types, so that few files pay for the heavy
/// headers.
#pragma once

#include <talon/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::http {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;                 ///< "GET"; HEAD comes as GET, the listener leaves the body out
  std::string target;                 ///< as sent: path and query
  std::string path;                   ///< the part before "?", as sent
  std::vector<std::string> segments;  ///< of the path, each decoded; "/" has none
  Pairs query;                        ///< decoded, in order
  Pairs headers;                      ///< as sent, in order
  std::string body;
  std::string peer;  ///< remote address, without the port
  std::string id;    ///< made by the listener; also the answer's X-Request-Id
  bool is_tls = false;
  int64_t begun_ns = 0;  ///< runtime::steady_ns() when its head was complete

  /// The first header of that name (any case), or empty.
  std::string_view header(std::string_view name) const;
  /// The first query parameter of that name, or null.
  const std::string* parameter(std::string_view name) const;
};

/// Server-sent events: nobody waits for the client, one that takes too little is cut off. @threads any.
class PushStream {
 public:
  virtual ~PushStream() = default;
  /// @return false when the client has gone (or was cut off for not reading): forget the stream.
  virtual bool send(std::string_view text) = 0;
  virtual bool is_open() const = 0;
  virtual void close() = 0;
};

/// An answer's header lines, one text as it is sent: few of them are looked at again.
class HeaderLines {
 public:
  /// @param name  stands in the code.
  /// @param value  comes from data at times: control characters, which could begin another line, are left
  /// out.
  void add(std::string_view name, std::string_view value);
  /// @param lines  whole ones, which stand in the code.
  void add_lines(std::string_view lines) { text_.append(lines); }
  /// The value of the first header of that name (any case), or nothing.
  std::optional<std::string_view> find(std::string_view name) const;
  const std::string& text() const { return text_; }  ///< "NAME: VALUE\r\n" each
  bool operator==(const HeaderLines&) const = default;

 private:
  std::string text_;
};

struct Response {
  int status = 200;
  HeaderLines headers;  ///< Content-Length, Date, Connection and X-Request-Id are the listener's
  std::string body;
  /// A body that is kept somewhere: its next piece; an empty one is its end. Asked for on the listener's
  /// thread whenever the client has taken the one before, so that a slow client holds neither a worker nor
  /// memory; it must not wait. An error cuts the connection: the client sees that the body is not whole.
  std::function<Result<std::string>()> pieces;
  /// A body without an end; called once, right after the head was queued.
  std::function<void(std::shared_ptr<PushStream>)> push;

  Response& header(std::string_view name, std::string_view value) & {
    headers.add(name, value);
    return *this;
  }
  Response&& header(std::string_view name, std::string_view value) && {
    headers.add(name, value);
    return std::move(*this);
  }
};

/// Answers requests.
class Handler {
 public:
  virtual ~Handler() = default;
  /// @threads any of the executor's workers; may block. A quick or a brief one runs on the listener's thread.
  virtual Response handle(Request& request) = 0;
  /// True when `handle` answers from memory, without waiting for anything.
  virtual bool is_quick(const Request&) const { return false; }
  /// True when `handle` mostly takes less than what a worker costs. One that takes longer holds up the others
  /// of its loop for some milliseconds, so not where it is sure to wait.
  virtual bool is_brief(const Request&) const { return false; }
};

/// Splits and decodes `target` into path, segments and query.
/// @errors InvalidArgument: not an absolute path, a broken %-sequence, a control character, no UTF-8 (as sent
/// or decoded); the message repeats none of it.
Result<void> read_target(Request& request);
/// Decodes %XX, and "+" as a space when `is_query`. @errors InvalidArgument: also what is then no UTF-8.
Result<std::string> percent_decode(std::string_view text, bool is_query);
bool is_same_name(std::string_view a, std::string_view b);  ///< without regard to ASCII case
std::string_view reason_phrase(int status);

}  // namespace talon::http
