/// What storage costs beside the bare libraries: one write is an invoice, five lines and an audit row,
/// durable.
///
/// Every figure stands beside the same rows written through sqlite3 or libpq directly, in the same run.
#include "host/storage/database.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

namespace talon::storage {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLines = 5;
constexpr int kGroup = 50;                               // of the bare libraries' groups
constexpr auto kTime = std::chrono::milliseconds(2500);  // per figure

const std::vector<std::string> kTables{
    "create table invoices (id bigint primary key, version bigint, client bigint, state text, number text, "
    "net_total bigint, tax_total bigint, created_at bigint)",
    "create table invoice_lines (id bigint primary key, invoice bigint, position bigint, description text, "
    "quantity bigint, price bigint, net bigint)",
    "create index invoice_lines_invoice_idx on invoice_lines (invoice, position)",
    "create table audit_entries (id bigint primary key, at bigint, type text, record bigint, content text, "
    "hash text)"};
const std::string kInvoice = "insert into invoices values (?, ?, ?, ?, ?, ?, ?, ?)";
const std::string kLine = "insert into invoice_lines values (?, ?, ?, ?, ?, ?, ?)";
const std::string kAudit = "insert into audit_entries values (?, ?, ?, ?, ?, ?)";

std::vector<Sql> statements_of(int64_t id) {
  std::vector<Sql> all{{kInvoice, {id, 1, 77, "issued", "INV-2026-" + std::to_string(id), 125000, 25000, 1}}};
  for (int line = 0; line < kLines; ++line) {
    all.push_back(
        {kLine, {id * 10 + line, id, line, "Consulting, second half of the month", 15000, 8000, 25000}});
  }
  all.push_back({kAudit, {id, 1, "invoice", id, std::string(200, 'c'), std::string(64, 'f')}});
  return all;
}

template <typename Work>
double per_second(Work&& work) {
  const auto start = Clock::now();
  int64_t done = 0;
  while (Clock::now() - start < kTime) done += work();
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
}

void must(bool is_good, const std::string& what) {
  if (is_good) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

/// `threads` clients that each wait for their own write.
double through_talon(Database& database, int threads, int writes_each, int64_t first_id) {
  std::atomic<int64_t> next = first_id;
  std::atomic<int64_t> done = 0;
  const auto start = Clock::now();
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < threads; ++i) {
      clients.emplace_back([&] {
        while (Clock::now() - start < kTime) {
          const auto outcome =
              database.write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
                for (int n = 0; n < writes_each; ++n) {
                  for (const Sql& sql : statements_of(next++)) TALON_DO(transaction.post(sql));
                }
                return {};
              });
          must(static_cast<bool>(outcome), outcome ? "" : outcome.error().message);
          done += writes_each;
        }
      });
    }
  }
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
}

double fdatasyncs(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string block(8192, 'x');
  const double rate = per_second([&] {
    must(::pwrite(file, block.data(), block.size(), 0) > 0 && ::fdatasync(file) == 0, "fdatasync");
    return 1;
  });
  ::close(file);
  return rate;
}

/// sqlite3 itself: WAL, synchronous FULL, kept statements, `group` invoices a transaction.
double bare_sqlite(const std::string& path, int group) {
  sqlite3* database = nullptr;
  must(sqlite3_open(path.c_str(), &database) == SQLITE_OK, "sqlite3_open");
  const auto run = [&](const char* text) {
    must(sqlite3_exec(database, text, nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(database));
  };
  run("pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 4000");
  for (const std::string& table : kTables) run(table.c_str());
  std::array<sqlite3_stmt*, 3> kept{};
  const std::array<const std::string*, 3> texts{&kInvoice, &kLine, &kAudit};
  for (std::size_t i = 0; i < 3; ++i) sqlite3_prepare_v2(database, texts[i]->c_str(), -1, &kept[i], nullptr);
  int64_t id = 0;
  const double rate = per_second([&] {
    run("begin immediate");
    for (int n = 0; n < group; ++n) {
      for (const Sql& sql : statements_of(++id)) {
        sqlite3_stmt* statement = kept[sql.text == kInvoice ? 0 : sql.text == kLine ? 1 : 2];
        int at = 0;
        for (const Value& value : sql.binds) {
          const std::string_view text = value.text();
          ++at;
          if (value.is_integer()) sqlite3_bind_int64(statement, at, value.integer());
          if (value.is_text())
            sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
        }
        must(sqlite3_step(statement) == SQLITE_DONE, sqlite3_errmsg(database));
        sqlite3_reset(statement);
      }
    }
    run("commit");
    return group;
  });
  for (sqlite3_stmt* statement : kept) sqlite3_finalize(statement);
  sqlite3_close(database);
  return rate;
}

/// libpq itself: one connection, kept statements, one round trip a transaction of `group` invoices.
double bare_libpq(const std::string& url, int group) {
  PGconn* connection = PQconnectdb(url.c_str());
  must(PQstatus(connection) == CONNECTION_OK, PQerrorMessage(connection));
  PQclear(
      PQprepare(connection, "i", "insert into invoices values ($1, $2, $3, $4, $5, $6, $7, $8)", 0, nullptr));
  PQclear(PQprepare(connection, "l", "insert into invoice_lines values ($1, $2, $3, $4, $5, $6, $7)", 0,
                    nullptr));
  PQclear(
      PQprepare(connection, "a", "insert into audit_entries values ($1, $2, $3, $4, $5, $6)", 0, nullptr));
  PQclear(PQprepare(connection, "begin", "begin", 0, nullptr));
  PQclear(PQprepare(connection, "commit", "commit", 0, nullptr));
  PQenterPipelineMode(connection);
  int64_t id = 1'000'000'000 * (group + 1);
  const auto send = [&](const char* name, const std::vector<std::string>& texts) {
    std::vector<const char*> values;
    for (const std::string& text : texts) values.push_back(text.c_str());
    must(PQsendQueryPrepared(connection, name, static_cast<int>(values.size()), values.data(), nullptr,
                             nullptr, 0) == 1,
         PQerrorMessage(connection));
  };
  const double rate = per_second([&] {
    int sent = 2;
    send("begin", {});
    for (int n = 0; n < group; ++n) {
      for (const Sql& sql : statements_of(++id)) {
        std::vector<std::string> texts;
        for (const Value& value : sql.binds) {
          texts.push_back(value.is_integer() ? std::to_string(value.integer()) : std::string(value.text()));
        }
        send(sql.text == kInvoice ? "i" : sql.text == kLine ? "l" : "a", texts);
        ++sent;
      }
    }
    send("commit", {});
    PQpipelineSync(connection);
    for (int i = 0; i < sent; ++i) {
      PGresult* result = PQgetResult(connection);
      must(PQresultStatus(result) == PGRES_COMMAND_OK, PQresultErrorMessage(result));
      PQclear(result);
      PQclear(PQgetResult(connection));
    }
    PQclear(PQgetResult(connection));  // the sync
    return group;
  });
  PQfinish(connection);
  return rate;
}

std::unique_ptr<Database> make(const std::string& url) {
  auto opened = open({.url = url});
  must(static_cast<bool>(opened), opened ? "" : opened.error().message);
  const auto made = (*opened)->write(Lane::Interactive, "", [](Transaction& transaction) -> Result<void> {
    for (const std::string& table : kTables) TALON_DO(transaction.run({table, {}}));
    return {};
  });
  must(static_cast<bool>(made), made ? "" : made.error().message);
  return *std::move(opened);
}

/// Point reads by id through a reader's snapshot.
double reads(Database& database, int64_t rows) {
  int64_t id = 0;
  return per_second([&] {
    const auto read = database.read([&](Reader& reader) {
      return reader.rows({"select number, net_total from invoices where id = ?", {id++ % rows + 1}},
                         [](Row) { return Result<void>(); });
    });
    must(static_cast<bool>(read), read ? "" : read.error().message);
    return 1;
  });
}

void run() {
  using bench::report;
  const support::TemporaryDirectory folder;
  report("storage_fdatasync_8k", "per_s", fdatasyncs(folder.file("sync")));

  const double bare_one = bare_sqlite(folder.file("bare1.db"), 1);
  const double bare_group = bare_sqlite(folder.file("bare2.db"), kGroup);
  const auto sqlite = make("sqlite:" + folder.file("talon.db"));
  report("storage_sqlite_invoices_1_client", "per_s", through_talon(*sqlite, 1, 1, 1),
         "sqlite3, one a transaction", bare_one);
  report("storage_sqlite_invoices_16_clients", "per_s", through_talon(*sqlite, 16, 1, 10'000'000),
         "sqlite3, groups of 50", bare_group);
  report("storage_sqlite_invoices_batch_50", "per_s", through_talon(*sqlite, 1, kGroup, 20'000'000),
         "sqlite3, groups of 50", bare_group);
  report("storage_sqlite_reads_1_client", "per_s", reads(*sqlite, 1000));

  auto server = support::PostgresServer::start(support::PostgresServer::Place::Disk);
  must(static_cast<bool>(server), server ? "" : server.error().message);
  const std::string url = (*server)->new_database();
  const auto postgresql = make(url);
  const double libpq_one = bare_libpq(url, 1);
  const double libpq_group = bare_libpq(url, kGroup);
  report("storage_postgresql_invoices_1_client", "per_s", through_talon(*postgresql, 1, 1, 1),
         "libpq, one a transaction", libpq_one);
  report("storage_postgresql_invoices_16_clients", "per_s", through_talon(*postgresql, 16, 1, 10'000'000),
         "libpq pipeline, groups of 50", libpq_group);
  report("storage_postgresql_invoices_batch_50", "per_s", through_talon(*postgresql, 1, kGroup, 20'000'000),
         "libpq pipeline, groups of 50", libpq_group);
  report("storage_postgresql_reads_1_client", "per_s", reads(*postgresql, 1000));
}

}  // namespace

}  // namespace talon::storage

int main() {
  talon::storage::run();
  return 0;
}
