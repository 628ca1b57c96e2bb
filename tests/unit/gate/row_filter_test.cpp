/// A decision's rows and field levels are the same in memory and as SQL.
#include "host/gate/row_filter.hpp"
#include "tests/unit/gate/random_records.hpp"
#include "tests/unit/gate/runners.hpp"

#include <talon/id.hpp>

#include <gtest/gtest.h>

namespace talon::gate::testing {
namespace {

constexpr int64_t kFilteredInvoices = 200;

/// Conditions as partners' files give them: False for every record but one partner's.
std::string partners_condition(RandomConditions& random) {
  const auto test = [&](const std::string& path) {
    const std::string id = id_text("pty", 1 + random.below(5));
    const std::string is =
        random.once_in(3) ? path + " in [" + id + ", " + id_text("pty", 9) + "]" : path + " is " + id;
    return random.once_in(5) ? is : "(" + path + " is not empty and " + is + ")";
  };
  std::string text = test("client");
  if (random.once_in(2)) text = "(" + text + " or " + test("client.partner") + ")";
  if (random.once_in(3)) text = "(number is not empty and number is a and " + text + ")";
  return random.once_in(3) ? text : text + " and " + random.condition(1);
}

/// A plan as the authorizer writes it: a few denies, allows and field rules, some of them for every record.
Json random_plan(RandomConditions& random) {
  const auto where = [&] { return random.once_in(4) ? std::string() : random.condition(2); };
  const auto rules = [&](int64_t count, bool may_be_always) {
    Json list{Json::Array{}};
    for (int64_t i = 0; i < count; ++i) {
      list.push(Json::object(
          {{"rule", "r"}, {"place", "p"}, {"where", may_be_always ? where() : random.condition(1)}}));
    }
    return list;
  };
  Json denies = rules(random.below(3), false);
  if (random.once_in(2)) {
    for (int64_t i = 6 + random.below(20); i > 0; --i) {
      denies.push(Json::object({{"rule", "p"}, {"place", "p"}, {"where", partners_condition(random)}}));
    }
  }
  Json fields{Json::Array{}};
  static const std::vector<std::string> kFields = {"number", "net", "lines", "lines.amount"};
  static const std::vector<std::string> kLevels = {"hidden", "masked", "read_only", "edit"};
  static const std::vector<std::string> kMasks = {"last 4", "last 2",     "initials",
                                                  "year",   "rounded 10", "rounded 1000"};
  for (int64_t i = random.below(7); i > 0; --i) {
    fields.push(Json::object({{"field", random.one_of(kFields)},
                              {"level", random.one_of(kLevels)},
                              {"where", where()},
                              {"as", random.one_of(kMasks)},
                              {"place", "p"}}));
  }
  return Json::object({{"deny", rules(random.below(3), false)},
                       {"allow", rules(random.below(4), true)},
                       {"fields", std::move(fields)}});
}

class RowFilter {
 public:
  RowFilter(Runner& runner, uint32_t seed)
      : runner_(runner), random_(seed), records_(random_, kFilteredInvoices) {
    for (const Sql& sql : records_.statements(runner.dialect())) runner_.run(sql);
  }

  void compare(int64_t plans) {
    for (int64_t i = 0; i < plans && !::testing::Test::HasFailure(); ++i) {
      const Json json = random_plan(random_);
      auto plan = read_plan(json, records_.model(), records_.invoice());
      ASSERT_TRUE(plan) << plan.error().message << json.to_string();
      compare_one(**Decision::compile(*plan, records_.model(), records_.invoice()), json.to_string());
    }
  }

  /// A set in which thousands of partners have rules of their own.
  void compare_thousands() {
    Json denies = Json::array();
    for (int64_t id = 1; id <= 4000; ++id) {
      denies.push(Json::object({{"rule", "p"},
                                {"place", "p"},
                                {"where", "client is not empty and client is " + id_text("pty", id) +
                                              " and net > " + std::to_string(id % 500) + " EUR"}}));
    }
    const Json allow = Json::object({{"rule", "r"}, {"place", "p"}, {"where", "number is not empty"}});
    const Json json = Json::object({{"deny", std::move(denies)}, {"allow", Json::array({allow})}});
    auto plan = read_plan(json, records_.model(), records_.invoice());
    ASSERT_TRUE(plan) << plan.error().message;
    compare_one(**Decision::compile(*plan, records_.model(), records_.invoice()), "4000 rules");
  }

 private:
  void compare_one(const Decision& decision, const std::string& plan) {
    Sql filter;
    write_row_filter(decision, paths(), kToday, runner_.dialect(), filter);
    const Answers allowed = ask({"select case when " + filter.text + " then 1 else 0 end", filter.binds});
    std::map<std::string, Answers> levels;
    for (const std::string field : {"number", "net", "lines", "lines.amount", "note"}) {
      Sql sql{"select ", {}};
      write_level(decision, field, paths(), kToday, runner_.dialect(), sql);
      levels[field] = ask(sql);
    }
    for (std::size_t row = 0; row < allowed.size(); ++row) {
      cells_.clear();
      for (const std::string& slot : decision.slots()) cells_.push_back(records_.column(slot)[row].cell());
      const bool allows = decision.allows_row(cells_, kToday);
      int rule = -1;
      ASSERT_EQ(decision.allows_row(cells_, kToday, &rule), allows) << plan;  // looked up, and one by one
      ASSERT_EQ(allows ? 1 : 0, allowed[row].value_or(-1)) << plan << "\n" << filter.text;
      if (decision.verdict() != Decision::Verdict::Conditional) {
        ASSERT_EQ(allows, decision.verdict() == Decision::Verdict::Always) << plan;
      }
      for (const auto& [field, answers] : levels) {
        const Mask* mask = nullptr;
        const Level level = decision.level(field, cells_, kToday, &mask);
        const FieldLevel told = decision.read_level(answers[row].value_or(0));
        ASSERT_EQ(level, told.level) << field << plan;
        ASSERT_EQ(mask == nullptr, told.mask == nullptr) << field << plan;
        if (mask != nullptr) {
          ASSERT_EQ(mask->kind, told.mask->kind) << field << plan;
          ASSERT_EQ(mask->count, told.mask->count) << field << plan;
        }
        ASSERT_LE(decision.static_level(field), level);
        if (!decision.is_level_conditional(field)) {
          ASSERT_EQ(decision.static_level(field), level) << field << plan;
        }
      }
    }
  }

  storage::PathSql paths() {
    return storage::path_sql_of(records_.model(), records_.invoice(), "t", kToday, runner_.dialect());
  }
  Answers ask(Sql sql) {
    sql.text += " from invoices as t order by id";
    Answers answers = runner_.run(sql);
    EXPECT_EQ(answers.size(), records_.invoices().size()) << sql.text;
    return answers;
  }

  Runner& runner_;
  RandomConditions random_;
  RandomRecords records_;
  std::vector<Cell> cells_;
};

TEST(RowFilter, SelectsInSqliteWhatTheDecisionAllowsAndTheSameLevels) {
  SqliteRunner runner;
  RowFilter(runner, 5).compare(400);
}

TEST(RowFilter, TakesThousandsOfRulesInOneStatement) {
  SqliteRunner sqlite;
  RowFilter(sqlite, 7).compare_thousands();
  PostgresRunner postgresql;
  RowFilter(postgresql, 8).compare_thousands();
}

TEST(RowFilter, SelectsInPostgresqlWhatTheDecisionAllowsAndTheSameLevels) {
  PostgresRunner runner;
  RowFilter(runner, 6).compare(40);
}

}  // namespace
}  // namespace talon::gate::testing
