/// What the files of this room share: the compiled model, small look-ups, and the parts from below.
#pragma once

#include "host/records/read_entry.hpp"
#include "host/records/records.hpp"
#include "host/records/select_cache.hpp"
#include "host/runtime/ids.hpp"
#include "host/storage/condition_sql.hpp"

#include <talon/expression/evaluate.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

/// A record type made ready: its stored columns in the order in which this room always selects them.
struct TypeInfo {
  const model::RecordType* type = nullptr;
  const TypeInfo* parent = nullptr;                       ///< of a child type
  std::string list;                                       ///< of a child type: the parent's name for the list
  std::vector<const model::Field*> columns;               ///< stored ones: the host's, then the declared
  std::map<std::string, std::size_t, std::less<>> index;  ///< column name → place in `columns`
  expression::Program frozen;                             ///< over `frozen_slots`; only where `freezes`
  std::vector<std::string> frozen_slots;                  ///< column names
  bool freezes = false;

  std::string table;                                ///< quoted, for SQL
  std::string insert_sql;                           ///< of a whole row, in the order of `columns`
  std::string read_sql;                             ///< of the row with an id: "… as t where t.id = ?"
  std::vector<Value> initial;                       ///< of a new row; empty: not the same for each
  int column(std::string_view name) const;          ///< place, or −1
  std::string column_sql(std::size_t place) const;  ///< quoted
  std::string select_list(std::string_view alias) const;  ///< "t.id, t.version, …"
};

/// One immutable model with its compiled types; swapped whole (decisions 22).
struct Generation {
  std::shared_ptr<const model::Model> model;
  std::map<std::string, TypeInfo, std::less<>> types;
  std::map<std::string, const TypeInfo*, std::less<>> prefixes;  ///< of types with rows

  const TypeInfo* find(std::string_view type) const;
  static std::shared_ptr<const Generation> make(std::shared_ptr<const model::Model> model);
};

struct Records::Inside {
  explicit Inside(Parts given) : parts(std::move(given)), ids(parts.node) {}

  Parts parts;
  runtime::IdGenerator ids;

  std::shared_ptr<const Generation> generation() const;
  void set_generation(std::shared_ptr<const Generation> next);
  /// Field paths of `type` under `alias`, as the system reads them (links without anybody's view filter).
  storage::PathSql path_sql(const Generation& generation, const TypeInfo& type,
                            std::string_view alias) const {
    return storage::path_sql_of(*generation.model, *type.type, alias, parts.today(), dialect());
  }
  storage::Dialect dialect() const { return parts.database->dialect(); }
  int64_t new_id() { return ids.next(parts.now_us()); }

  /// The type, or NotFound as for an unknown route.
  static Result<const TypeInfo*> find_type(const Generation& generation, std::string_view type);
  /// Whether what this caller sees of the type goes into the read log.
  static bool keeps_read_log(const Call& call, const model::RecordType& type);
  /// Appends to the read log where the type keeps one. @errors Unavailable: it cannot be written (nothing is
  /// shown).
  Result<void> log_read(const Call& call, const model::RecordType& type, const ReadEntry& entry);

  SelectCache selects;

  /// Idempotency keys under way on this host: (principal, key).
  std::mutex keys_mutex;
  std::set<std::pair<std::string, std::string>> keys_under_way;

  /// Counts commits, for whoever waits for changes.
  std::mutex commit_mutex;
  std::condition_variable commit_done;
  uint64_t commits = 0;
  void note_commit();

 private:
  mutable std::mutex generation_mutex_;
  std::shared_ptr<const Generation> generation_;
};

/// What the caller may not see is NotFound with these very words, as is what is not there.
Error no_such_record(const model::RecordType& type);

}  // namespace talon::records
