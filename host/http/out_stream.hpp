/// A body that is made while it is sent: the meeting place of whoever writes and the loop that sends.
#pragma once

#include "host/http/message.hpp"

#include <functional>
#include <mutex>

namespace talon::http {

/// Bytes wait here until the loop takes them. @threads any.
class OutStream : public PushStream {
 public:
  enum class Framing { Chunked, UntilClose };
  enum class End { Open, Whole, Cut };

  /// @param head  status line and headers, sent before the first byte. @param wake  posts a call of `take` to
  /// the loop.
  OutStream(std::string head, Framing framing, std::size_t bytes_max, std::function<void()> wake)
      : head_(std::move(head)), framing_(framing), bytes_max_(bytes_max), wake_(std::move(wake)) {}

  bool send(std::string_view text) override;
  bool is_open() const override;
  void close() override { end(End::Whole); }

  /// Sends the head though there is no body yet.
  void begin();
  void end(End how);

  // The loop's side.
  /// Adds a piece that the loop has asked for.
  void add(std::string_view piece);
  /// What waits to be sent, moved out. `state` tells whether more can come.
  std::string take(End& state);
  /// The client has gone: nothing more is taken.
  void gone();

 private:
  void append(std::string_view text);
  void wake_loop(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::string head_;
  Framing framing_;
  std::size_t bytes_max_;
  std::function<void()> wake_;
  std::string pending_;
  End end_ = End::Open;
  bool has_begun_ = false;
  bool is_gone_ = false;
  bool is_woken_ = false;
};

}  // namespace talon::http
