/// Field paths of a caller's query as SQL, each with the rights of the type that it leads into (decisions
/// 12).
#pragma once

#include "host/records/inside.hpp"
#include "host/storage/condition_sql.hpp"

#include <map>
#include <string>
#include <string_view>

namespace talon::records {

/// A field path resolved for one caller.
struct PathField {
  const model::Field* field = nullptr;
  const TypeInfo* owner = nullptr;          ///< the type that declares `field`
  std::string sql;                          ///< without binds
  gate::Level level = gate::Level::Hidden;  ///< the least that any record could have
  const gate::Mask* mask = nullptr;         ///< of level Masked
  bool is_conditional = false;              ///< own fields only: the level depends on the record
};

/// Resolves paths from one type. A link goes through the linked type's own view filter: a linked record that
/// the caller may not see reads as empty.
class Links {
 public:
  /// @param alias  of the type's table in the statement.
  Links(Records::Inside& inside, const Call& call, const Generation& generation, const TypeInfo& type,
        std::string alias, std::shared_ptr<const gate::Decision> decision);

  /// @return InvalidArgument: no such field, or hidden from the caller (the same words).
  Result<PathField> resolve(std::string_view path);
  /// "with v_parties as (…), …" for the conditional types that `resolve` went through; empty if there are
  /// none. Appends text and binds to `sql`; comes first in the statement.
  void write_with(storage::Sql& sql, int64_t today) const;
  /// The decisions on the linked types that `resolve` went through.
  const auto& decisions() const { return linked_; }

 private:
  Result<std::string> visible_table(const TypeInfo& type);

  Records::Inside& inside_;
  const Call& call_;
  const Generation& generation_;
  const TypeInfo& type_;
  std::string alias_;
  std::shared_ptr<const gate::Decision> decision_;
  std::map<std::string, std::shared_ptr<const gate::Decision>, std::less<>> linked_;  ///< by type
};

}  // namespace talon::records
