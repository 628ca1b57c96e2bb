/// The host's own tables: outbox, deliveries, idempotency keys, leases, settings.
#include "host/storage/migrate_host.hpp"

namespace talon::storage {

namespace {

/// `text` with the types of the database: INT, TXT.
std::string typed(std::string text, Dialect dialect) {
  const bool is_sqlite = dialect == Dialect::Sqlite;
  const auto replace = [&](std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  };
  replace(" INT", is_sqlite ? " integer" : " bigint");
  replace(" TXT", is_sqlite ? " text" : " text collate \"C\"");
  if (is_sqlite && text.rfind("create table", 0) == 0) text += " strict";
  return text;
}

}  // namespace

std::vector<std::string> host_tables(Dialect dialect) {
  std::vector<std::string> statements{
      "create table if not exists host_settings (name TXT primary key, value TXT not null)",
      // tx: the transaction's number on PostgreSQL, so that a reader can stop before those still under way.
      "create table if not exists outbox (id INT primary key, at INT not null, event TXT not null, type TXT "
      "not null, "
      "record INT not null, version INT not null, data TXT, tx INT not null default 0)",
      "create index if not exists outbox_tx_idx on outbox (tx, id)",
      "create table if not exists deliveries (subscriber TXT primary key, last_tx INT not null, last_id INT "
      "not null, "
      "attempts INT not null default 0, next_at INT not null default 0, last_error TXT)",
      "create table if not exists idempotency_keys (principal TXT not null, key TXT not null, "
      "request_hash TXT not null, answer TXT, at INT not null, expires_at INT not null, primary key "
      "(principal, key))",
      "create index if not exists idempotency_keys_expires_idx on idempotency_keys (expires_at)",
      "create table if not exists leases (name TXT primary key, owner TXT not null, until INT not null, "
      "fence INT not null)",
  };
  for (std::string& statement : statements) statement = typed(statement, dialect);
  return statements;
}

const std::vector<std::string>& host_table_names() {
  static const std::vector<std::string> names{"host_settings", "outbox", "deliveries", "idempotency_keys",
                                              "leases"};
  return names;
}

}  // namespace talon::storage
