/// What a user of the whole installation waits for: start, lists, checks, issuing, a sync, a report, over
/// HTTP.
///
/// Each figure stands beside its target from the design's baselines and, where one exists, a limit measured
/// in this run.
#include "tests/bench/report.hpp"
#include "tests/support/business.hpp"
#include "tests/support/postgres_server.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

namespace talon::bench {
namespace {

using support::Answer;
using support::ApiClient;
using support::Business;

std::string wanted_part;

bool is_wanted(std::string_view part) { return wanted_part.empty() || wanted_part == part; }

/// The disk's own limit: 8 kB written and forced, a second.
double forced_writes_per_second(const std::string& folder) {
  const std::string path = folder + "/probe";
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  const std::string block(8192, 'x');
  const auto start = Clock::now();
  int count = 0;
  for (; ms_since(start) < 500; ++count) {
    if (::pwrite(fd, block.data(), block.size(), 0) < 0 || ::fdatasync(fd) != 0) break;
  }
  ::close(fd);
  ::unlink(path.c_str());
  return count * 1000.0 / ms_since(start);
}

/// The quickest of three runs, in milliseconds; a run that fails counts as endless.
double best_of_three(const std::function<bool()>& work) {
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const auto start = Clock::now();
    if (work()) best = std::min(best, ms_since(start));
  }
  return best;
}

struct Load {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  int failed = 0;
};

/// `clients` threads that each call `work` for `ms` milliseconds. `work` returns whether it went well.
Load run_load(int clients, double ms, const std::function<bool(int client, int round)>& work) {
  std::vector<std::vector<double>> times(static_cast<std::size_t>(clients));
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&, client] {
      for (int round = 0; ms_since(start) < ms; ++round) {
        const auto begun = Clock::now();
        if (!work(client, round)) ++failed;
        times[static_cast<std::size_t>(client)].push_back(ms_since(begun));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double all_ms = ms_since(start);
  std::vector<double> all;
  for (const auto& part : times) all.insert(all.end(), part.begin(), part.end());
  return {static_cast<double>(all.size()) * 1000 / all_ms, percentile(all, 50), percentile(all, 99), failed};
}

void report_load(const std::string& name, const Load& load, double target) {
  report(name, "1/s", load.per_second, "target", target);
  report(name + " p50", "ms", load.p50_ms);
  report(name + " p99", "ms", load.p99_ms);
  if (load.failed > 0) report(name + " failed", "requests", load.failed);
}

std::string five_lines(const Business& business) {
  std::string lines;
  for (int i = 1; i <= 5; ++i) {
    lines += std::string(i > 1 ? "," : "") +
             R"({"description":"Line","quantity":"2","price":"12.50","vat_category":"S","vat_rate":"20.00"})";
  }
  return R"({"invoice":{"client":")" + business.acme + R"(","company":")" + business.company +
         R"(","currency":"EUR","lines":[)" + lines + "]}}";
}

/// Draft and issue of an invoice of five lines: two requests.
void bench_issuing(Business& business, const std::string& database, double disk) {
  const std::string body = five_lines(business);
  for (const int clients : {1, 16}) {
    std::vector<std::unique_ptr<ApiClient>> callers;
    for (int i = 0; i < clients; ++i) {
      callers.push_back(std::make_unique<ApiClient>(business.talon.port(), business.admin->token()));
    }
    const std::string run = database + std::to_string(clients);
    const Load load = run_load(clients, 4000, [&](int client, int round) {
      ApiClient& caller = *callers[static_cast<std::size_t>(client)];
      const std::string key =
          "Idempotency-Key: " + run + "-" + std::to_string(client) + "-" + std::to_string(round);
      const Answer draft = caller.call("POST", "/api/v1/invoices/actions/draft", body, key + "d\r\n");
      const std::string path = "/api/v1/invoices/" + std::string(draft.json["id"].string()) + "/issue";
      return caller.call("POST", path, "{}", key + "i\r\n").status == 200;
    });
    const double target = database == "sqlite" ? (clients == 1 ? 700 : 5000) : (clients == 1 ? 700 : 3000);
    const std::string name =
        "invoice of 5 lines, draft and issue, " + database + ", " + std::to_string(clients);
    report_load(name, load, target);
    report(name + " against forced writes", "1/s", load.per_second, "fdatasync of 8 kB in this run", disk);
  }
}

void bench_reading(Business& business) {
  business.person("clio", "client", Json::object({{"client", Json::array({business.acme})}}));
  const std::string token = business.talon.sign_in("clio@talon.test");
  std::vector<std::unique_ptr<ApiClient>> callers;
  for (int i = 0; i < 4; ++i) callers.push_back(std::make_unique<ApiClient>(business.talon.port(), token));
  const Load list = run_load(4, 3000, [&](int client, int) {
    return callers[static_cast<std::size_t>(client)]
               ->get("/api/v1/invoices?limit=50&fields=number,state,issue_date,gross_total")
               .status == 200;
  });
  report_load("list of 50 invoices filtered by rule, 4 clients", list, 8000);
  const std::string question = R"([{"action":"view","type":"invoice"}])";
  const Load check = run_load(4, 2000, [&](int client, int) {
    return callers[static_cast<std::size_t>(client)]->call("POST", "/api/v1/access/check", question).status ==
           200;
  });
  report_load("POST /access/check, one question, 4 clients", check, 50000);
}

void bench_sync(Business& business) {
  constexpr int kRows = 50000;
  const std::string source = business.talon.directory().file("erp.db");
  const auto made = support::run_program(
      {"sqlite3", source,
       "create table c (id integer primary key, code text, name text); with recursive n(i) as (select 1 "
       "union all "
       "select i + 1 from n where i < 50000) insert into c select i, 'K' || i, 'Kunde ' || i from n"});
  if (!made || made->code != 0) return;
  business.talon.directory().write(
      "config/connectors/erp.yaml",
      "connector: erp\nconnection: {type: odbc, driver: sqlite, database: " + source + R"(}
streams:
  - name: customers
    source: {table: c, key: id}
    target: {type: party}
    map:
      external_system: {const: erp}
      external_id: id
      number: code
      name: {from: name, required: yes}
)");
  std::this_thread::sleep_for(std::chrono::seconds(1));  // the mapping is taken by itself
  const Json arguments = Json::object({{"connector", "erp"}, {"json", true}});
  for (const char* pass : {"first", "unchanged"}) {
    const auto start = Clock::now();
    const Answer run = business.admin->post("/api/v1/plugins/sync/commands/run", arguments);
    if (run.status != 200) std::fprintf(stderr, "sync: %s\n", run.text.c_str());
    report(std::string("ODBC pull into SQLite, ") + pass + " pass", "records/s",
           kRows * 1000.0 / ms_since(start), "target", pass[0] == 'f' ? 80000 : 200000);
  }
}

/// Turnover over 100,000 invoices, by the API and as plain SQL on the same file.
void bench_report(Business& business) {
  const std::string file = business.talon.data("talon.db");
  const auto made = support::run_program({"sqlite3", "-cmd", ".timeout 20000", file,
                                          "with recursive n(i) as (select 1 union all select i + 1 from n "
                                          "where i < 100000) insert into invoices (id, "
                                          "version, created_at, updated_at, kind, state, company, client, "
                                          "currency, issue_date, net_total, tax_total, "
                                          "gross_total) select 1000 + i, 1, 0, 0, 'invoice', 'issued', "
                                          "(select id from parties where number = 'OWN'), "
                                          "(select id from parties where is_client = 1 order by id limit 1 "
                                          "offset 0), 'EUR', 20260101 + 100 * "
                                          "(i % 9) + i % 28, 10000 + i, 2000, 12000 + i from n"});
  if (!made || made->code != 0) {
    std::fprintf(stderr, "report: %s\n", made ? made->errors.c_str() : made.error().message.c_str());
    return;
  }
  // The same figures, as somebody would write them by hand.
  const std::string plain_sql =
      "select company, branch, franchisee, client, currency, issue_date / 100 as month, sum(turnover), "
      "sum(case when kind = 'invoice' then net_total end), "
      "sum(case when kind = 'credit_note' then net_total end), count(*) from invoices "
      "where state = 'issued' group by company, branch, franchisee, client, currency, issue_date / 100 "
      "order by company, branch, franchisee, client, currency, month";
  const double plain_ms = best_of_three([&] {
    const auto rows = support::run_program({"sqlite3", "-cmd", ".timeout 20000", file, plain_sql});
    return rows && rows->code == 0;
  });
  const double ms = best_of_three([&] {
    const Answer answer = business.admin->get("/api/v1/turnovers?limit=500");
    if (answer.status != 200) std::fprintf(stderr, "turnover: %s\n", answer.text.c_str());
    return answer.status == 200;
  });
  report("turnover of 100,000 invoices", "ms", ms, "plain SQL in this run", plain_ms);
}

void bench_sqlite() {
  Business business;
  business.open();
  const double disk = forced_writes_per_second(business.talon.directory().path().string());
  report("fdatasync of 8 kB", "1/s", disk);
  business.talon.stop();
  const auto start = Clock::now();
  const auto started = business.talon.start();
  report("start to ready, all plugins", "ms", ms_since(start), "target", 300);
  if (!started) return;
  business.admin = std::make_unique<ApiClient>(business.talon.port(), business.talon.admin());
  report("memory after start", "MB", resident_mb(business.talon.pid()), "target", 60);
  if (is_wanted("issuing")) bench_issuing(business, "sqlite", disk);
  if (is_wanted("reading")) bench_reading(business);
  if (is_wanted("sync")) bench_sync(business);
  if (is_wanted("report")) bench_report(business);
  report("memory at the end", "MB", resident_mb(business.talon.pid()), "target", 60);
}

void bench_postgresql() {
  if (!is_wanted("issuing")) return;
  support::TalonOptions options;
  options.storage_url = support::PostgresServer::shared().new_database();
  Business business(std::move(options));
  business.open();
  bench_issuing(business, "postgresql", forced_writes_per_second(business.talon.directory().path().string()));
}

}  // namespace
}  // namespace talon::bench

/// @param arguments  the one part to run: issuing, reading, sync or report; none: all.
int main(int count, char** arguments) {
  if (count > 1) talon::bench::wanted_part = arguments[1];
  talon::bench::bench_sqlite();
  talon::bench::bench_postgresql();
  return 0;
}
