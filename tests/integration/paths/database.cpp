/// The test's own connection to an installation's SQLite file.
#include "tests/integration/paths/database.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace talon::paths {

Database::Database(const std::string& file) {
  EXPECT_EQ(sqlite3_open(file.c_str(), &handle_), SQLITE_OK) << file;
  std::vector<std::string> names;
  each("select name, sql from sqlite_master where type = 'trigger'", [&](const Texts& row) {
    names.push_back(row[0]);
    triggers_.push_back(row[1]);
  });
  for (const std::string& name : names) run("drop trigger \"" + name + "\"");
  run("pragma foreign_keys = off");
  run("begin");
}

Database::~Database() {
  run("commit");
  for (const std::string& trigger : triggers_) run(trigger);
  sqlite3_close(handle_);
}

void Database::run(const std::string& sql, const Texts& binds) {
  each(
      sql, [](const Texts&) {}, binds);
}

void Database::each(const std::string& sql, const std::function<void(const Texts&)>& row,
                    const Texts& binds) {
  sqlite3_stmt* statement = nullptr;
  const int prepared = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
  ASSERT_EQ(prepared, SQLITE_OK) << sql << ": " << sqlite3_errmsg(handle_);
  for (std::size_t i = 0; i < binds.size(); ++i) {
    sqlite3_bind_text(statement, static_cast<int>(i) + 1, binds[i].c_str(), -1, SQLITE_TRANSIENT);
  }
  int step = sqlite3_step(statement);
  for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
    Texts cells;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = sqlite3_column_text(statement, i);
      cells.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
    }
    row(cells);
  }
  EXPECT_EQ(step, SQLITE_DONE) << sql << ": " << sqlite3_errmsg(handle_);
  sqlite3_finalize(statement);
}

std::vector<int64_t> Database::ids(const std::string& sql, const Texts& binds) {
  std::vector<int64_t> found;
  each(
      sql, [&](const Texts& row) { found.push_back(std::stoll(row[0])); }, binds);
  return found;
}

}  // namespace talon::paths
