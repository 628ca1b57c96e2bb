/// Output of any size that waits for a client: small in memory, large in a file without a name.
#pragma once

#include "host/http/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace talon::http {

/// Takes all of an output first and gives it afterwards, so that a slow client holds no database snapshot, no
/// plugin and no more memory than `memory_max`. @threads one at a time.
class Spool {
 public:
  /// An export grows with what it is an export of: the disk is the limit, and others need room on it too.
  static constexpr int64_t kRoomLeft = int64_t{1} << 30;

  /// @param memory_max  above that the rest goes to a file in the system's temporary folder.
  /// @param room_left   bytes that stay free there; what would need them is refused.
  explicit Spool(std::size_t memory_max = std::size_t{4} << 20, int64_t room_left = kRoomLeft)
      : memory_max_(memory_max), room_left_(room_left) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// @errors ResourceExhausted: the disk has no room for it.
  Result<void> add(std::string_view text);
  int64_t size() const { return size_; }
  bool is_in_memory() const { return file_ < 0; }
  /// What was added, when it is all in memory.
  std::string take() { return std::move(memory_); }
  /// The next piece of everything, in order; empty at the end. @errors Internal: the file cannot be read
  /// back.
  Result<std::string> next();

 private:
  Result<void> spill();

  std::size_t memory_max_;
  int64_t room_left_;
  int64_t size_ = 0;
  int64_t given_ = 0;
  std::string memory_;
  int file_ = -1;
};

}  // namespace talon::http
