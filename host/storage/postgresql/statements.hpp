/// Which statements a connection has prepared, and with which types for their values.
#pragma once

#include "host/storage/database.hpp"

#include <libpq-fe.h>

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace talon::storage::postgresql {

/// A statement prepared under `name` for values of `types` (0: the server chose, from a null).
struct Prepared {
  std::string name;
  std::vector<Oid> types;
};

/// Statements by their text. One text has more than one form where a value was null at first (the server then
/// takes the column's type) or changes its kind. @threads one.
class Statements {
 public:
  struct Found {
    Prepared* prepared = nullptr;
    const std::string* text = nullptr;  ///< with $1…
    bool is_new = false;                ///< must be prepared on the server
  };
  /// Both pointers stay until `forget` or `clear`.
  Found find(const Sql& sql);
  /// Its preparation failed.
  void forget(const Prepared* prepared);
  void clear() { texts_.clear(); }
  std::size_t size() const { return texts_.size(); }

 private:
  struct Text {
    std::string numbered;
    std::deque<Prepared> forms;  // a deque: addresses stay
  };
  std::unordered_map<std::string, Text> texts_;
  uint64_t made_ = 0;
};

/// The values of one execution as libpq takes them, all in binary. It borrows from the Sql.
class Parameters {
 public:
  explicit Parameters(const Sql& sql);
  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<int64_t> integers_;  // in network order; reserved, so that addresses stay
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace talon::storage::postgresql
