/// What a decision costs in process: warm, cold, a page of them, and as SQL (policy.md, figures to reach).
#include "host/gate/row_filter.hpp"
#include "tests/bench/report.hpp"
#include "tests/unit/expression/example_model.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace talon::gate {
namespace {

constexpr int64_t kToday = 20261121;
constexpr int kRows = 50;
constexpr const char* kActions[] = {"view", "edit", "delete", "export", "approve"};

/// An accountant's residual: a four-eyes deny, a partner's deny on large amounts, and three allows within 40
/// partners.
/// @param partner_rules  denies of partners' files beside it, of another partner each.
std::string plan_text(int64_t partner_rules = 0) {
  std::string partners;
  for (int64_t id = 1; id <= 40; ++id) partners += (id > 1 ? ", " : "") + id_text("pty", id * 1000);
  const auto rule = [](const std::string& where) {
    return Json::object({{"rule", "r"}, {"place", "rules/invoice.yaml:1"}, {"where", where}});
  };
  Json plan = Json::object({{"policy_set", "bench"}, {"valid_until", 0}});
  Json denies = Json::array({rule("created_by is " + id_text("usr", 7)), rule("net > 50000 EUR")});
  for (int64_t id = 1; id <= partner_rules; ++id) {
    denies.push(
        rule("partner is not empty and partner is " + id_text("pty", 1000000 + id) + " and net > 5000 EUR"));
  }
  plan.set("deny", std::move(denies));
  plan.set("allow", Json::array({rule("partner in [" + partners + "] and state in [draft, approved]"),
                                 rule("partner in [" + partners + "] and net <= 10000 EUR"),
                                 rule("client.access is on and state is issued")}));
  return plan.to_string();
}

class FixedAuthorizer : public Authorizer {
 public:
  Result<std::string> plan(const Json&, std::string_view, std::string_view) override { return plan_text(); }
  Result<std::string> explain(std::string_view) override { return std::string(); }
};

/// Rows as a page of a list has them: one cell per slot.
std::vector<std::vector<Cell>> page_of(const Decision& decision) {
  std::vector<std::vector<Cell>> page;
  static const std::vector<std::string> kStates = {"draft", "approved", "issued"};
  for (int64_t i = 0; i < kRows; ++i) {
    std::vector<Cell> row;
    for (const std::string& slot : decision.slots()) {
      if (slot == "state")
        row.emplace_back(std::string_view(kStates[static_cast<std::size_t>(i % 3)]));
      else if (slot == "currency")
        row.emplace_back(std::string_view("EUR"));
      else if (slot == "partner")
        row.emplace_back((i + 1) * 1000);
      else
        row.emplace_back(int64_t{i * 100 + 1});
    }
    page.push_back(std::move(row));
  }
  return page;
}

class Bench {
 public:
  Bench() {
    ann_.kind = Principal::Kind::User;
    ann_.user = 7;
    gate_.set_authorizer(std::make_shared<FixedAuthorizer>());
    decision_ = *gate_.decide(ann_, "view", "invoice");
    page_ = page_of(*decision_);
  }

  void run() {
    warm();
    many_rules();
    cold();
    page();
    as_sql();
    std::fprintf(stderr, "allowed %lld times\n", static_cast<long long>(allowed_));
  }

 private:
  void judge(const Decision& decision, int row) {
    allowed_ += decision.allows_row(page_[static_cast<std::size_t>(row)], kToday) ? 1 : 0;
  }

  void warm() {
    const auto row = bench::time_ns(20000, kRows, [&](int call) { judge(*decision_, call); });
    bench::report("access.decision.warm.p50", "ns", bench::percentile(row, 50), "target p50", 40);
    const auto whole = bench::time_ns(
        20000, kRows, [&](int call) { judge(**gate_.decide(ann_, kActions[call % 5], "invoice"), call); });
    bench::report("access.decide_and_judge.warm.p50", "ns", bench::percentile(whole, 50));
  }

  void many_rules() {
    auto plan = read_plan(*Json::parse(plan_text(10000)), *model_, *model_->find("invoice"));
    const auto decision = *Decision::compile(*std::move(plan), *model_, *model_->find("invoice"));
    const auto samples = bench::time_ns(20000, kRows, [&](int call) { judge(*decision, call); });
    bench::report("access.decision.10000_rules.warm.p50", "ns", bench::percentile(samples, 50), "target p50",
                  40);
  }

  /// Decisions that nobody asked for in a while: thousands of people's, each judged once in a random order,
  /// after so much else went through the caches that none is in them. The clock's own cost is taken off.
  /// One read of each, measured the same way, is what the machine asks for.
  void cold() {
    constexpr int kPeople = 5000;
    std::vector<std::shared_ptr<const Decision>> people;
    for (int64_t user = 1; user <= kPeople; ++user) {
      Principal person = ann_;
      person.user = user;
      people.push_back(*gate_.decide(person, "view", "invoice"));
    }
    std::shuffle(people.begin(), people.end(), std::mt19937(1));
    const auto each = [&](const std::string& name, std::string_view limit_name, double limit, auto&& use) {
      flush_caches();
      const double clock = bench::percentile(bench::time_ns(10000, 1, [](int) {}), 50);
      std::vector<double> samples;
      for (int i = 0; i < kPeople; ++i) {
        const Decision& decision = *people[static_cast<std::size_t>(i)];
        const double one = bench::time_ns(1, 1, [&](int) { use(decision, i % kRows); }).front();
        samples.push_back(one > clock ? one - clock : 0);
      }
      bench::report(name + ".p50", "ns", bench::percentile(samples, 50));
      bench::report(name + ".p99", "ns", bench::percentile(samples, 99), limit_name, limit);
    };
    each("access.decision.cold", "target p99", 500,
         [&](const Decision& decision, int row) { judge(decision, row); });
    each("access.one_read.cold", "", 0, [&](const Decision& decision, int) {
      allowed_ += decision.verdict() == Decision::Verdict::Always ? 1 : 0;
    });
  }

  /// Writes more than any cache holds.
  void flush_caches() {
    constexpr std::size_t kBytes = 128U << 20U;
    std::vector<char> much(kBytes);
    for (std::size_t i = 0; i < kBytes; i += 64) much[i] = static_cast<char>(i);
    allowed_ += much[kBytes / 2];
  }

  void page() {
    const auto samples = bench::time_ns(2000, 1, [&](int) {
      for (const char* action : kActions) {
        const auto decision = *gate_.decide(ann_, action, "invoice");
        for (int row = 0; row < kRows; ++row) judge(*decision, row);
      }
    });
    bench::report("access.page_50x5.p50", "us", bench::percentile(samples, 50) / 1000, "target", 10);
  }

  void as_sql() {
    const model::RecordType& invoice = *model_->find("invoice");
    const auto samples = bench::time_ns(2000, 20, [&](int) {
      storage::Sql sql;
      const auto paths = storage::path_sql_of(*model_, invoice, "t", kToday, storage::Dialect::Postgresql);
      write_row_filter(*decision_, paths, kToday, storage::Dialect::Postgresql, sql);
      allowed_ += static_cast<int64_t>(sql.binds.size());
    });
    bench::report("access.plan_to_sql.p50", "us", bench::percentile(samples, 50) / 1000, "target", 2);
  }

  std::shared_ptr<const model::Model> model_ =
      std::make_shared<const model::Model>(expression::testing::example_model());
  Gate gate_{model_, [] { return int64_t{0}; }};
  Principal ann_;
  std::shared_ptr<const Decision> decision_;
  std::vector<std::vector<Cell>> page_;
  int64_t allowed_ = 0;
};

}  // namespace
}  // namespace talon::gate

int main() {
  talon::gate::Bench().run();
  return EXIT_SUCCESS;
}
