/// Triggers as each database writes them.
#pragma once

#include "host/storage/database.hpp"

#include <compare>
#include <set>
#include <string>
#include <vector>

namespace talon::storage {

/// What a trigger forbids on one table. Conditions are SQL on `old` and `new`; empty: not forbidden.
struct Guard {
  std::string table;
  std::string name;     ///< the triggers' names start with it
  std::string message;  ///< what the caller reads
  std::string on_update;
  std::string on_delete;
  std::string on_insert;
  std::string
      lock;  ///< PostgreSQL: a statement that locks what the conditions read, run first; may use `old`, `new`

  bool is_empty() const { return on_update.empty() && on_delete.empty() && on_insert.empty(); }
};

/// Statements that make the guard (in place of an older one of that name).
std::vector<std::string> make_guard(const Guard& guard, Dialect dialect);
std::vector<std::string> drop_guard(const Guard& guard, Dialect dialect);

/// A trigger as the database's own catalogue has it.
struct Trigger {
  std::string name;
  std::string text;  ///< SQLite: its statement; PostgreSQL: table, events, whether it is on, and its function
  auto operator<=>(const Trigger&) const = default;
};
/// What `make_guard` leaves in the catalogue.
std::vector<Trigger> triggers_of(const Guard& guard, Dialect dialect);
/// All triggers that the database holds.
Result<std::set<Trigger>> read_triggers(Reader& reader, Dialect dialect);

/// "old.a is distinct from new.a or …" over `columns`.
std::string any_differs(const std::vector<std::string>& columns, Dialect dialect);

/// Text with the values of `sql` in it, for DDL, which takes none.
std::string with_literals(const Sql& sql);

}  // namespace talon::storage
