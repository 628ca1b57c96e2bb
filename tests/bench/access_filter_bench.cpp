/// What a rule costs in a list of a million: the statement that it becomes beside one written by hand.
#include "host/storage/sqlite/connection.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/sql.hpp"
#include "tests/support/business.hpp"

#include <talon/id.hpp>

namespace talon::bench {
namespace {

using support::Answer;
using support::ApiClient;
using support::Business;

/// Rows that a rule lets a client see among `count`, by the API and by a WHERE that somebody would write by
/// hand for it, on the same file.
void bench_filter(int64_t count) {
  Business business;
  business.open();
  business.person("clio", "client", Json::object({{"client", Json::array({business.acme})}}));
  const int64_t acme = *parse_id(business.acme, "pty");
  sql(business,
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < " + std::to_string(count) +
          ") insert into "
          "invoices "
          "(id, version, created_at, updated_at, kind, state, company, client, currency, issue_date, "
          "net_total, "
          "tax_total, gross_total) select 1000 + i, 1, 0, 0, 'invoice', case i % 3 when 0 then 'draft' else "
          "'issued' "
          "end, " +
          std::to_string(*parse_id(business.company, "pty")) + ", case i % 4 when 0 then " +
          std::to_string(acme) + " else " + std::to_string(*parse_id(business.bolt, "pty")) +
          " end, 'EUR', 20260101 + i % 28, 10000 + i, 2000, 12000 + i from n; analyze");
  // Amounts are added up, so that no index alone answers.
  const std::string where =
      " from invoices where client = " + std::to_string(acme) + " and state = 'issued' group by currency";
  const std::string by_hand = "select currency, count(*), sum(gross_total)" + where;
  // With the record that a group is, which the read log names and nobody by hand would ask for.
  const std::string logged =
      "select currency, count(*), sum(gross_total), case when count(*) = 1 then id end" + where;
  const std::string path =
      "/api/v1/invoices?group=currency&aggregates=count," + support::percent_encoded("sum gross_total");
  std::vector<double> ours;
  std::vector<double> plain;
  // Of neighbours: the machine's own speed changes from second to second.
  std::vector<double> ratios;
  std::vector<double> logged_ratios;
  // Where a process lies in memory makes one start quicker than the next.
  constexpr int kStarts = 5;
  constexpr int kRounds = 20;
  for (int start = 0; start < kStarts; ++start) {
    // A connection reads the table's figures when it opens: both sides plan by the same.
    business.talon.stop();
    if (const auto started = business.talon.start(); !started) {
      std::fprintf(stderr, "%s\n", started.error().message.c_str());
      return;
    }
    ApiClient clio(business.talon.port(), business.talon.sign_in("clio@talon.test"));
    // With the settings of the host's readers.
    const auto connection =
        storage::sqlite::Connection::open(business.talon.data("talon.db"), storage::sqlite::Access::Read);
    if (!connection) {
      std::fprintf(stderr, "%s\n", connection.error().message.c_str());
      return;
    }
    const Answer answer = clio.get(path);
    if (start == 0)
      std::fprintf(stderr, "filter: by hand %s; by the rule %s\n", sql(business, by_hand).c_str(),
                   answer.text.c_str());
    const auto time_of = [&](const std::string& statement) {
      const auto begun = Clock::now();
      if (const auto run = (*connection)->run({statement, {}}, nullptr); !run)
        std::fprintf(stderr, "%s\n", run.error().message.c_str());
      return ms_since(begun);
    };
    const auto time_of_ours = [&] {
      const auto begun = Clock::now();
      clio.get(path);
      ours.push_back(ms_since(begun));
      return ours.back();
    };
    // By hand each comes after ours: in a process that has just done the same it would be quicker.
    for (int round = 0; round < kRounds; ++round) {
      double own = time_of_ours();
      plain.push_back(time_of(by_hand));
      ratios.push_back(own / plain.back());
      own = time_of_ours();
      logged_ratios.push_back(own / time_of(logged));
    }
  }
  const std::string name = std::to_string(count / 6) + " of " + std::to_string(count) + " invoices by a rule";
  report(name, "ms", percentile(ours, 50));
  report(name + ", the WHERE by hand", "ms", percentile(plain, 50));
  report(name + ", by that", "x", percentile(ratios, 50), "target", 1.05);
  report(name + ", by a WHERE by hand that also tells the log which record a group is", "x",
         percentile(logged_ratios, 50), "target", 1.05);
}

}  // namespace
}  // namespace talon::bench

/// @param arguments  how many invoices; none: a million.
int main(int count, char** arguments) {
  talon::bench::bench_filter(count > 1 ? std::max(std::atoll(arguments[1]), 100LL) : 1'000'000);
  return 0;
}
