/// What the host clears away by itself.
#pragma once

#include "host/storage/database.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace talon::jobs {

/// Deletes idempotency keys that are over, a thousand a transaction. @return how many.
Result<int64_t> expire_idempotency_keys(storage::Database& database, int64_t now_us);

/// Deletes events from before `before_us` that each of `subscribers` has taken, a thousand a transaction; the
/// newest event always stays, since feeds begin at it. Feed tokens from before what is gone are told to begin
/// anew.
/// @param subscribers  who is subscribed now: one that is no longer installed holds nothing back. @return how
/// many.
Result<int64_t> trim_outbox(storage::Database& database, int64_t before_us,
                            const std::set<std::string, std::less<>>& subscribers);

}  // namespace talon::jobs
