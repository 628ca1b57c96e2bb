/// Both databases behind one fixture, so that one suite of tests holds for each.
#pragma once

#include "host/runtime/clock.hpp"
#include "host/storage/database.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace talon::storage {

inline int64_t machine_now_us() { return runtime::SystemClock().now_us(); }

struct SqliteKind {
  static constexpr Dialect kDialect = Dialect::Sqlite;
};
struct PostgresqlKind {
  static constexpr Dialect kDialect = Dialect::Postgresql;
};

/// An empty database of `Kind`, open.
template <typename Kind>
class EachDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    options.url = Kind::kDialect == Dialect::Sqlite ? "sqlite:" + folder.file("talon.db")
                                                    : support::PostgresServer::shared().new_database();
    reopen();
  }
  void reopen() {
    database.reset();
    auto opened = open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    database = *std::move(opened);
  }

  /// Runs one change in a transaction of its own.
  Result<void> change(const std::string& text, std::vector<Value> binds = {}) {
    return database->write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
      TALON_DO(transaction.run({text, binds}));
      return {};
    });
  }
  /// All rows of a query, as owned values.
  std::vector<std::vector<Value>> rows(const std::string& text, std::vector<Value> binds = {}) {
    std::vector<std::vector<Value>> all;
    const auto done = database->read([&](Reader& reader) {
      return reader.rows({text, binds}, [&](Row row) -> Result<void> {
        std::vector<Value>& values = all.emplace_back();
        for (const Cell& cell : row) values.emplace_back(cell);
        return {};
      });
    });
    EXPECT_TRUE(done) << done.error().message;
    return all;
  }
  int64_t number(const std::string& text, std::vector<Value> binds = {}) {
    const auto all = rows(text, std::move(binds));
    return all.empty() ? -1 : all[0][0].integer();
  }
  void make_items() {
    const auto made = change("create table items (id bigint primary key, name text, amount bigint)");
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(change("create unique index items_name_key on items (name)"));
  }

  support::TemporaryDirectory folder;
  Options options;
  std::unique_ptr<Database> database;
};

#define TALON_EACH_DATABASE(suite)                                                                       \
  using suite##Kinds = ::testing::Types<::talon::storage::SqliteKind, ::talon::storage::PostgresqlKind>; \
  TYPED_TEST_SUITE(suite, suite##Kinds)

}  // namespace talon::storage
