/// Memory and SQL are one language: the same random conditions on the same random rows, three-valued, in
/// both.
#include "host/storage/condition_sql.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/unit/gate/random_records.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <cstdlib>
#include <memory>

namespace talon::gate::testing {
namespace {

using expression::Truth;
using storage::Dialect;
using storage::Sql;

constexpr int64_t kInvoices = 500;

/// How many conditions to try; TALON_CONDITIONS multiplies it for long runs.
int64_t conditions(int64_t usual) {
  const char* times = std::getenv("TALON_CONDITIONS");
  return times == nullptr ? usual : usual * std::max(1, std::atoi(times));
}

Truth truth_of(bool is_null, bool is_true) {
  return is_null ? Truth::Unknown : is_true ? Truth::True : Truth::False;
}

/// A database that runs statements and gives the truth of the single column of each row.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual Dialect dialect() const = 0;
  virtual std::vector<Truth> run(const Sql& sql) = 0;
};

class SqliteRunner : public Runner {
 public:
  SqliteRunner() { EXPECT_EQ(sqlite3_open(":memory:", &handle_), SQLITE_OK); }
  ~SqliteRunner() override { sqlite3_close(handle_); }
  Dialect dialect() const override { return Dialect::Sqlite; }
  std::vector<Truth> run(const Sql& sql) override {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.text.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_) << "\n"
        << sql.text;
    EXPECT_EQ(sqlite3_bind_parameter_count(statement), static_cast<int>(sql.binds.size())) << sql.text;
    for (std::size_t i = 0; i < sql.binds.size(); ++i) bind(statement, static_cast<int>(i) + 1, sql.binds[i]);
    std::vector<Truth> truths;
    int step = sqlite3_step(statement);
    for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
      const bool is_null = sqlite3_column_type(statement, 0) == SQLITE_NULL;
      truths.push_back(truth_of(is_null, sqlite3_column_int(statement, 0) != 0));
    }
    EXPECT_EQ(step, SQLITE_DONE) << sqlite3_errmsg(handle_);
    sqlite3_finalize(statement);
    return truths;
  }

 private:
  static void bind(sqlite3_stmt* statement, int index, const Value& value) {
    const auto size = static_cast<int>(value.text().size());
    if (value.is_integer()) sqlite3_bind_int64(statement, index, value.integer());
    if (value.is_text()) sqlite3_bind_text(statement, index, value.text().data(), size, SQLITE_TRANSIENT);
    if (value.is_bytes()) sqlite3_bind_blob(statement, index, value.text().data(), size, SQLITE_TRANSIENT);
  }
  sqlite3* handle_ = nullptr;
};

class PostgresRunner : public Runner {
 public:
  PostgresRunner() : handle_(PQconnectdb(support::PostgresServer::shared().new_database().c_str())) {
    EXPECT_EQ(PQstatus(handle_), CONNECTION_OK) << PQerrorMessage(handle_);
  }
  ~PostgresRunner() override { PQfinish(handle_); }
  Dialect dialect() const override { return Dialect::Postgresql; }
  std::vector<Truth> run(const Sql& sql) override {
    constexpr Oid kBytea = 17;
    constexpr Oid kInt8 = 20;
    constexpr Oid kText = 25;
    std::vector<Oid> types;
    std::vector<std::string> texts;
    std::vector<const char*> values;
    for (const Value& bind : sql.binds) {
      types.push_back(bind.is_integer() ? kInt8 : bind.is_bytes() ? kBytea : bind.is_text() ? kText : 0);
      texts.push_back(bind.is_integer() ? std::to_string(bind.integer()) : std::string(bind.text()));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      values.push_back(sql.binds[i].is_null() ? nullptr : texts[i].c_str());
    }
    PGresult* result = PQexecParams(handle_, numbered(sql.text).c_str(), static_cast<int>(values.size()),
                                    types.data(), values.data(), nullptr, nullptr, 0);
    const ExecStatusType status = PQresultStatus(result);
    EXPECT_TRUE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        << PQerrorMessage(handle_) << sql.text;
    std::vector<Truth> truths;
    for (int row = 0; row < PQntuples(result); ++row) {
      truths.push_back(truth_of(PQgetisnull(result, row, 0) != 0, PQgetvalue(result, row, 0)[0] == 't'));
    }
    PQclear(result);
    return truths;
  }

 private:
  static std::string numbered(const std::string& text) {
    std::string out;
    int count = 0;
    for (const char c : text) {
      if (c == '?')
        out += "$" + std::to_string(++count);
      else
        out += c;
    }
    return out;
  }
  PGconn* handle_;
};

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
    const std::vector<Truth> by_sql = runner_.run(sql);
    std::vector<std::string> slots;
    const auto program = expression::Program::compile(*parsed, slots);
    EXPECT_EQ(by_sql.size(), records_.invoices().size()) << sql.text;
    for (std::size_t row = 0; row < by_sql.size(); ++row) {
      if (evaluate(program, slots, row) == by_sql[row]) continue;
      ++differences_;
      ADD_FAILURE() << text << "\nrow " << row << " SQL " << static_cast<int>(by_sql[row]) << "\n"
                    << sql.text;
      break;
    }
    return static_cast<int64_t>(by_sql.size());
  }

 private:
  Truth evaluate(const expression::Program& program, const std::vector<std::string>& slots, std::size_t row) {
    row_.clear();
    for (const std::string& slot : slots) {
      std::vector<Value>& column = columns_[slot];
      if (column.empty()) {
        for (const auto& record : records_.invoices()) {
          column.push_back(records_.value(records_.invoice(), record, slot));
        }
      }
      row_.push_back(column[row].cell());
    }
    return program.evaluate(row_, kToday);
  }

  Runner& runner_;
  RandomConditions random_;
  RandomRecords records_;
  std::map<std::string, std::vector<Value>> columns_;  // values by slot, worked out once
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
