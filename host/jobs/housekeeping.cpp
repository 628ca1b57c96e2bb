/// Clears away what is over.
#include "host/jobs/housekeeping.hpp"

#include "host/storage/outbox.hpp"

namespace talon::jobs {

namespace {

constexpr std::size_t kRows = 1000;  // at once, so that nobody waits long for the writer

/// How far all of `subscribers` have come; those that have not begun will begin at the end.
Result<storage::OutboxPlace> taken_by_all(storage::Reader& reader,
                                          const std::set<std::string, std::less<>>& subscribers) {
  storage::OutboxPlace least{INT64_MAX, INT64_MAX};
  TALON_DO(
      reader.rows({"select subscriber, last_tx, last_id from deliveries", {}}, [&](Row row) -> Result<void> {
        const storage::OutboxPlace place{row[1].integer(), row[2].integer()};
        if (subscribers.count(row[0].text()) > 0 && place < least) least = place;
        return {};
      }));
  return least;
}

/// The last of the oldest events that may go. @param count  of those.
Result<storage::OutboxPlace> last_to_go(storage::Database& database, storage::Reader& reader,
                                        int64_t before_us, const storage::OutboxPlace& taken,
                                        std::size_t& count) {
  const bool is_sqlite = database.dialect() == storage::Dialect::Sqlite;
  const std::string settled =
      is_sqlite ? "" : " where tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
  storage::OutboxPlace last;
  storage::OutboxPlace previous;
  bool is_over = false;
  bool has_previous = false;
  count = 0;
  // An event goes once there is one behind it: the newest stays.
  TALON_DO(reader.rows({"select tx, id, at from outbox" + settled + " order by tx, id limit ?",
                        {static_cast<int64_t>(kRows) + 1}},
                       [&](Row row) -> Result<void> {
                         if (has_previous && !is_over) {
                           last = previous;
                           ++count;
                         }
                         previous = {row[0].integer(), row[1].integer()};
                         is_over = is_over || row[2].integer() >= before_us || previous > taken;
                         has_previous = true;
                         return {};
                       }));
  return last;
}

}  // namespace

Result<int64_t> expire_idempotency_keys(storage::Database& database, int64_t now_us) {
  int64_t all = 0;
  int64_t deleted = 0;
  do {
    TALON_DO(database.write(
        storage::Lane::Batch, "housekeeping", [&](storage::Transaction& transaction) -> Result<void> {
          TALON_TRY(deleted,
                    transaction.run(
                        {"delete from idempotency_keys where (principal, key) in (select principal, key "
                         "from idempotency_keys where expires_at <= ? limit ?)",
                         {now_us, static_cast<int64_t>(kRows)}}));
          return {};
        }));
    all += deleted;
  } while (deleted == static_cast<int64_t>(kRows));
  return all;
}

Result<int64_t> trim_outbox(storage::Database& database, int64_t before_us,
                            const std::set<std::string, std::less<>>& subscribers) {
  int64_t all = 0;
  int64_t deleted = 0;
  std::size_t count = 0;
  do {
    TALON_DO(database.write(
        storage::Lane::Batch, "housekeeping", [&](storage::Transaction& transaction) -> Result<void> {
          deleted = 0;
          TALON_TRY(const auto taken, taken_by_all(transaction, subscribers));
          TALON_TRY(const auto last, last_to_go(database, transaction, before_us, taken, count));
          if (count == 0) return {};
          TALON_TRY(deleted, transaction.run({"delete from outbox where tx < ? or (tx = ? and id <= ?)",
                                              {last.tx, last.tx, last.id}}));
          return storage::note_trimmed(transaction, last);
        }));
    all += deleted;
  } while (count == kRows);
  return all;
}

}  // namespace talon::jobs
