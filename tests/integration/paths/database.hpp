/// The test's own connection to an installation's SQLite file, past the door and its rights.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

struct sqlite3;

namespace talon::paths {

/// Text of each cell; empty for NULL.
using Texts = std::vector<std::string>;

/// While it is open the triggers that freeze records are away: the test changes what nobody may change.
/// @threads one; no daemon runs on the file meanwhile.
class Database {
 public:
  explicit Database(const std::string& file);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql, const Texts& binds = {});
  void each(const std::string& sql, const std::function<void(const Texts&)>& row, const Texts& binds = {});
  std::vector<int64_t> ids(const std::string& sql, const Texts& binds = {});

 private:
  sqlite3* handle_ = nullptr;
  Texts triggers_;
};

}  // namespace talon::paths
