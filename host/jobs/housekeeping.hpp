/// What the host clears away by itself.
#pragma once

#include "host/storage/database.hpp"

#include <cstdint>

namespace talon::jobs {

/// Deletes idempotency keys that are over, a thousand a transaction. @return how many.
Result<int64_t> expire_idempotency_keys(storage::Database& database, int64_t now_us);

}  // namespace talon::jobs
