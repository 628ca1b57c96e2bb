/// Who does what only one may do: rows with an owner, an end, and a fencing token that only grows.
#pragma once

#include "host/storage/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace talon::jobs {

/// Held until `until`, unless it is renewed. Whoever writes as its holder checks `fence` in the same
/// transaction.
struct Lease {
  std::string name;
  int64_t fence = 0;                                 ///< grows with every holder
  std::chrono::steady_clock::time_point until = {};  ///< on this machine, on the safe side
};

/// Leases of one installation's hosts. @threads any.
class Leases {
 public:
  /// @param database  outlives this. @param owner  unlike that of any other host or earlier run of this one.
  /// @param now_us  the clock on SQLite; on PostgreSQL the server's counts, since hosts' clocks differ.
  Leases(storage::Database& database, std::string owner, std::function<int64_t()> now_us);

  /// Takes the lease where it is free or over. @return nothing: somebody holds it.
  Result<std::optional<Lease>> acquire(const std::string& name, std::chrono::milliseconds length);
  /// Moves its end. @errors Aborted: somebody else holds it now.
  Result<void> renew(Lease& lease, std::chrono::milliseconds length);
  /// Gives it back, so that another host can take it at once. Not an error if it was lost.
  Result<void> release(const Lease& lease);
  /// In a write of the holder: @errors Aborted: the lease was lost.
  Result<void> check(storage::Transaction& transaction, const Lease& lease) const;

 private:
  /// Appends the instant `length` from now to the statement.
  void add_instant(storage::Sql& sql, std::chrono::milliseconds length) const;

  storage::Database& database_;
  std::string owner_;
  std::function<int64_t()> now_us_;
};

}  // namespace talon::jobs
