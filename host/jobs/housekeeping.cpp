/// Clears away what is over.
#include "host/jobs/housekeeping.hpp"

namespace talon::jobs {

Result<int64_t> expire_idempotency_keys(storage::Database& database, int64_t now_us) {
  constexpr int64_t kRows = 1000;  // so that nobody waits long for the writer
  int64_t all = 0;
  int64_t deleted = 0;
  do {
    TALON_DO(database.write(
        storage::Lane::Batch, "housekeeping", [&](storage::Transaction& transaction) -> Result<void> {
          TALON_TRY(deleted,
                    transaction.run(
                        {"delete from idempotency_keys where (principal, key) in (select principal, key "
                         "from idempotency_keys where expires_at <= ? limit ?)",
                         {now_us, kRows}}));
          return {};
        }));
    all += deleted;
  } while (deleted == kRows);
  return all;
}

}  // namespace talon::jobs
