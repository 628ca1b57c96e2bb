/// Databases that the tests of the two back ends run their statements on.
#pragma once

#include "host/storage/database.hpp"
#include "tests/support/postgres_server.hpp"

#include <talon/expression/tree.hpp>

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <optional>
#include <string>
#include <vector>

namespace talon::gate::testing {

using storage::Dialect;
using storage::Sql;

/// A database that runs statements and gives the first column of each row: a number, a truth as 0 or 1, or
/// nothing.
using Answers = std::vector<std::optional<int64_t>>;
class Runner {
 public:
  virtual ~Runner() = default;
  virtual Dialect dialect() const = 0;
  virtual Answers run(const Sql& sql) = 0;
};

class SqliteRunner : public Runner {
 public:
  SqliteRunner() { EXPECT_EQ(sqlite3_open(":memory:", &handle_), SQLITE_OK); }
  ~SqliteRunner() override { sqlite3_close(handle_); }
  Dialect dialect() const override { return Dialect::Sqlite; }
  Answers run(const Sql& sql) override {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.text.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_) << "\n"
        << sql.text;
    EXPECT_EQ(sqlite3_bind_parameter_count(statement), static_cast<int>(sql.binds.size())) << sql.text;
    for (std::size_t i = 0; i < sql.binds.size(); ++i) bind(statement, static_cast<int>(i) + 1, sql.binds[i]);
    Answers answers;
    int step = sqlite3_step(statement);
    for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
      const bool is_null = sqlite3_column_type(statement, 0) == SQLITE_NULL;
      answers.push_back(is_null ? std::nullopt : std::optional(sqlite3_column_int64(statement, 0)));
    }
    EXPECT_EQ(step, SQLITE_DONE) << sqlite3_errmsg(handle_);
    sqlite3_finalize(statement);
    return answers;
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
  Answers run(const Sql& sql) override {
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
    Answers answers;
    for (int row = 0; row < PQntuples(result); ++row) {
      const std::string text = PQgetvalue(result, row, 0);
      const int64_t number = text == "t" ? 1 : text == "f" ? 0 : std::atoll(text.c_str());
      answers.push_back(PQgetisnull(result, row, 0) != 0 ? std::nullopt : std::optional(number));
    }
    PQclear(result);
    return answers;
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

}  // namespace talon::gate::testing
