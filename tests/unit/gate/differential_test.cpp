/// Memory and SQL are one language: the same random conditions on the same random rows, three-valued, in
/// both.
#include "host/storage/condition_sql.hpp"
#include "tests/unit/gate/random_records.hpp"
#include "tests/unit/gate/runners.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace talon::gate::testing {
namespace {

using expression::Truth;

constexpr int64_t kInvoices = 500;

/// How many conditions to try; TALON_CONDITIONS multiplies it for long runs.
int64_t conditions(int64_t usual) {
  const char* times = std::getenv("TALON_CONDITIONS");
  return times == nullptr ? usual : usual * std::max(1, std::atoi(times));
}

Truth truth_of(const std::optional<int64_t>& answer) {
  return !answer ? Truth::Unknown : *answer != 0 ? Truth::True : Truth::False;
}

class Differential {
 public:
  Differential(Runner& runner, uint32_t seed) : runner_(runner), random_(seed), records_(random_, kInvoices) {
    for (const Sql& sql : records_.statements(runner.dialect())) runner_.run(sql);
  }

  /// @return decisions that were compared; differences fail the test with the condition that replays them.
  int64_t compare(int64_t count) {
    int64_t decisions = 0;
    for (int64_t i = 0; i < count && differences_ < 10; ++i) decisions += compare_one(random_.condition(3));
    EXPECT_EQ(differences_, 0);
    return decisions;
  }

  int64_t compare_one(const std::string& text) {
    auto parsed = expression::parse(text);
    EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
    if (!parsed) return 0;
    expression::Scope scope;
    scope.model = &records_.model();
    scope.type = &records_.invoice();
    const Mistakes mistakes = expression::check(*parsed, scope, "");
    EXPECT_TRUE(mistakes.empty()) << text << ": " << mistakes.front().message;
    const std::string printed = expression::print(*parsed);
    EXPECT_EQ(expression::print(*expression::parse(printed)), printed);

    Sql sql{"select ", {}};
    const auto paths =
        storage::path_sql_of(records_.model(), records_.invoice(), "t", kToday, runner_.dialect());
    storage::write_condition(*parsed, paths, kToday, runner_.dialect(), sql);
    sql.text += " from invoices as t order by id";
    const Answers by_sql = runner_.run(sql);
    std::vector<std::string> slots;
    const auto program = expression::Program::compile(*parsed, slots);
    EXPECT_EQ(by_sql.size(), records_.invoices().size()) << sql.text;
    for (std::size_t row = 0; row < by_sql.size(); ++row) {
      if (evaluate(program, slots, row) == truth_of(by_sql[row])) continue;
      ++differences_;
      ADD_FAILURE() << text << "\nrow " << row << " SQL " << by_sql[row].value_or(-1) << "\n" << sql.text;
      break;
    }
    return static_cast<int64_t>(by_sql.size());
  }

 private:
  Truth evaluate(const expression::Program& program, const std::vector<std::string>& slots, std::size_t row) {
    row_.clear();
    for (const std::string& slot : slots) row_.push_back(records_.column(slot)[row].cell());
    return program.evaluate(row_, kToday);
  }

  Runner& runner_;
  RandomConditions random_;
  RandomRecords records_;
  std::vector<Cell> row_;
  int64_t differences_ = 0;
};

TEST(Differential, SqliteDecidesAsMemoryDoes) {
  int64_t decisions = 0;
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    SqliteRunner runner;
    decisions += Differential(runner, seed).compare(conditions(500));
  }
  std::printf("compared %lld random decisions in memory and SQLite\n", static_cast<long long>(decisions));
  EXPECT_GE(decisions, 1000000);
}

TEST(Differential, PostgresqlDecidesAsMemoryDoes) {
  PostgresRunner runner;
  const int64_t decisions = Differential(runner, 99).compare(conditions(200));
  std::printf("compared %lld random decisions in memory and PostgreSQL\n", static_cast<long long>(decisions));
  EXPECT_GE(decisions, 100000);
}

}  // namespace
}  // namespace talon::gate::testing
