/// The shared index of the write-ahead log, as far as it says that something was committed.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace talon::storage::sqlite {

/// The header of a write-ahead log's index, which lies in memory shared by all programs that have the file
/// open. Each commit and each fresh start of the log changes it, so that two equal looks have nothing between
/// them (sqlite.org/walformat.html, 2.1). It takes no lock.
/// @threads one at a time; others may commit meanwhile.
class LogIndex {
 public:
  static constexpr std::size_t kWords = 12;
  /// Numbers of 32 bits: version, unused, count of commits, flags, frames, pages, check sums, salts.
  using Header = std::array<uint32_t, kWords>;

  /// Finds the index of a connection that has read in a transaction which is still open; else, and where the
  /// file has no write-ahead log, it finds nothing. It is there until the connection is closed.
  void find(sqlite3* database);
  bool is_found() const { return words_ != nullptr; }

  /// What stands there now; half of a commit under way differs from what was before and will be after it.
  /// Only if is_found().
  Header look() const;
  /// Whether nobody has committed since `before` was there. Only if is_found().
  bool is_still(const Header& before) const;

 private:
  const volatile uint32_t* words_ = nullptr;
};

}  // namespace talon::storage::sqlite
