/// Leases in the table `leases`.
#include "host/jobs/leases.hpp"

#include <utility>

namespace talon::jobs {

namespace {

/// Part of its length by which a lease is thought to end earlier here than in the database.
constexpr int kMarginPart = 10;

Error lost(const std::string& name) {
  return {Code::Aborted, "the lease \"" + name + "\" was lost: another host holds it"};
}

}  // namespace

Leases::Leases(storage::Database& database, std::string owner, std::function<int64_t()> now_us)
    : database_(database), owner_(std::move(owner)), now_us_(std::move(now_us)) {}

void Leases::add_instant(storage::Sql& sql, std::chrono::milliseconds length) const {
  const int64_t length_us = std::chrono::microseconds(length).count();
  if (database_.dialect() == storage::Dialect::Sqlite) {
    sql.text += "?";
    sql.binds.emplace_back(now_us_() + length_us);
  } else {
    sql.text += "(cast(extract(epoch from clock_timestamp()) * 1000000 as bigint) + ?)";
    sql.binds.emplace_back(length_us);
  }
}

Result<std::optional<Lease>> Leases::acquire(const std::string& name, std::chrono::milliseconds length) {
  storage::Sql sql{"insert into leases (name, owner, until, fence) values (?, ?, ", {name, owner_}};
  add_instant(sql, length);
  sql.text +=
      ", 1) on conflict (name) do update set owner = excluded.owner, until = excluded.until, "
      "fence = leases.fence + 1 where leases.until <= ";
  add_instant(sql, std::chrono::milliseconds(0));
  sql.text += " returning fence";
  std::optional<Lease> lease;
  const auto until = std::chrono::steady_clock::now() + length - length / kMarginPart;
  TALON_DO(
      database_.write(storage::Lane::Interactive, "leases/" + name, [&](storage::Transaction& transaction) {
        lease.reset();
        return transaction.rows(sql, [&](Row row) -> Result<void> {
          lease = Lease{name, row[0].integer(), until};
          return {};
        });
      }));
  return lease;
}

Result<void> Leases::renew(Lease& lease, std::chrono::milliseconds length) {
  storage::Sql sql{"update leases set until = ", {}};
  add_instant(sql, length);
  sql.text += " where name = ? and owner = ? and fence = ?";
  sql.binds.insert(sql.binds.end(), {lease.name, owner_, lease.fence});
  const auto until = std::chrono::steady_clock::now() + length - length / kMarginPart;
  int64_t renewed = 0;
  TALON_DO(database_.write(storage::Lane::Interactive, "leases/" + lease.name,
                           [&](storage::Transaction& transaction) -> Result<void> {
                             TALON_TRY(renewed, transaction.run(sql));
                             return {};
                           }));
  if (renewed == 0) return lost(lease.name);
  lease.until = until;
  return {};
}

Result<void> Leases::release(const Lease& lease) {
  // The row stays: the next holder's fence must be greater.
  return database_.write(
      storage::Lane::Interactive, "leases/" + lease.name, [&](storage::Transaction& transaction) {
        return transaction.post({"update leases set until = 0 where name = ? and owner = ? and fence = ?",
                                 {lease.name, owner_, lease.fence}});
      });
}

Result<void> Leases::check(storage::Transaction& transaction, const Lease& lease) const {
  // An update that changes nothing also locks the row until the commit: no new holder can come in between.
  TALON_TRY(const int64_t held,
            transaction.run({"update leases set fence = fence where name = ? and owner = ? and fence = ?",
                             {lease.name, owner_, lease.fence}}));
  return held == 1 ? Result<void>() : Result<void>(lost(lease.name));
}

}  // namespace talon::jobs
