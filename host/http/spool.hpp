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
  /// @param bytes_max  more is refused. @param memory_max  above that the rest goes to a file in the system's
  /// temporary folder.
  explicit Spool(int64_t bytes_max = int64_t{4} << 30, std::size_t memory_max = std::size_t{4} << 20)
      : bytes_max_(bytes_max), memory_max_(memory_max) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// @errors ResourceExhausted: too much, or the disk is full.
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

  int64_t bytes_max_;
  std::size_t memory_max_;
  int64_t size_ = 0;
  int64_t given_ = 0;
  std::string memory_;
  int file_ = -1;
};

}  // namespace talon::http
