/// A body that is made while it is sent.
#include "host/http/out_stream.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace talon::http {

void OutStream::append(std::string_view text) {
  if (!has_begun_) pending_.append(head_);
  has_begun_ = true;
  if (text.empty()) return;
  if (framing_ == Framing::UntilClose) {
    pending_.append(text);
    return;
  }
  std::array<char, 20> size{};
  const int digits = std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
  pending_.append(size.data(), static_cast<std::size_t>(digits)).append(text).append("\r\n");
}

void OutStream::wake_loop(std::unique_lock<std::mutex>& lock) {
  const bool is_needed = !is_woken_;
  is_woken_ = true;
  lock.unlock();
  if (is_needed) wake_();
}

void OutStream::add(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  append(piece);
}

bool OutStream::send(std::string_view text) {
  std::unique_lock lock(mutex_);
  if (is_gone_ || end_ != End::Open) return false;
  if (pending_.size() + text.size() > bytes_max_)
    end_ = End::Cut;
  else
    append(text);
  const bool is_kept = end_ == End::Open;
  wake_loop(lock);
  return is_kept;
}

bool OutStream::is_open() const {
  const std::lock_guard lock(mutex_);
  return !is_gone_ && end_ == End::Open;
}

void OutStream::begin() {
  std::unique_lock lock(mutex_);
  append({});
  wake_loop(lock);
}

void OutStream::end(End how) {
  std::unique_lock lock(mutex_);
  if (end_ != End::Open || is_gone_) return;
  end_ = how;
  if (how == End::Whole) {
    append({});
    if (framing_ == Framing::Chunked) pending_.append("0\r\n\r\n");
  }
  wake_loop(lock);
}

std::string OutStream::take(End& state) {
  const std::lock_guard lock(mutex_);
  state = end_;
  is_woken_ = false;
  return std::exchange(pending_, {});
}

void OutStream::gone() {
  const std::lock_guard lock(mutex_);
  is_gone_ = true;
}

}  // namespace talon::http
