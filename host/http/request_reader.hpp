/// Bytes to one request, by Beast's parser, with limits; anything ambiguous about where a message ends is
/// refused.
#pragma once

#include "host/http/message.hpp"

#include <memory>
#include <optional>

namespace talon::http {

/// Reads one request after another. @threads one at a time.
class RequestReader {
 public:
  struct Limits {
    uint32_t header_bytes = 16 * 1024;
    uint64_t body_bytes = 1024 * 1024;
  };
  enum class State { NeedsMore, WantsContinue, Done, Failed };
  struct Failure {
    int status;
    Error error;
  };

  explicit RequestReader(Limits limits);
  ~RequestReader();

  /// Takes bytes from the front of `data`. @param used  how many were taken; the rest comes again with more.
  /// WantsContinue comes once, when the head is whole and the client waits for "100 Continue"; go on with
  /// `put`.
  State put(std::string_view data, std::size_t& used);
  /// Starts the next request.
  void reset();

  bool is_head_done() const;
  bool wants_keep_alive() const;  ///< after Done
  bool is_head_request() const;   ///< HEAD
  bool is_http_1_0() const;
  Request& request();              ///< after Done, without target's parts, peer and id
  const Failure& failure() const;  ///< after Failed

 private:
  class Parser;
  Limits limits_;
  std::unique_ptr<Parser> parser_;
  Failure failure_;
  bool has_announced_ = false;
};

}  // namespace talon::http
