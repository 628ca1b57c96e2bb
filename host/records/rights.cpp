/// What a change set may do.
#include "host/records/rights.hpp"

#include "host/gate/row_filter.hpp"
#include "host/storage/condition_sql.hpp"

namespace talon::records {

namespace {

using Kind = Operation::Kind;

/// Cells for the decision's slots out of the record's own row. @return false: a slot is a link or computed.
bool fill_slots(const gate::Decision& decision, const TypeInfo& type, const RowValues& row,
                std::vector<Cell>& cells) {
  for (const std::string& slot : decision.slots()) {
    const int column = type.column(slot);
    if (column < 0) return false;
    cells.push_back(row[static_cast<std::size_t>(column)].cell());
  }
  return true;
}

}  // namespace

Result<Rights> Rights::prepare(Records::Inside& inside, const Call& call, const Generation& generation,
                               const Operations& operations, Author author, const Acted* acted) {
  Rights rights;
  rights.author_ = author;
  rights.acted_ = acted;
  const auto need = [&](const TypeInfo& type, const char* action) -> Result<void> {
    auto& slot = rights.decisions_[{type.type->name, action}];
    if (slot) return {};
    TALON_TRY(slot, inside.parts.gate->decide(call.principal, action, type.type->name));
    return {};
  };
  // What a caller refers to, the caller must be able to see.
  const auto need_targets = [&](const TypeInfo& type, const std::vector<Setting>& set) -> Result<void> {
    for (const Setting& setting : set) {
      const TypeInfo* target = generation.find(type.columns[setting.column]->to);
      if (target != nullptr) TALON_DO(need(*target, "view"));
    }
    return {};
  };
  for (const Operation& operation : operations.list) {
    if (author == Author::Caller) {
      TALON_DO(need_targets(*operation.type, operation.set));
      for (const ChildRows& rows : operation.lists) {
        for (const ChildRow& row : rows.rows) TALON_DO(need_targets(*rows.type, row.set));
      }
    }
    if (rights.is_acted(operation)) continue;
    const bool creates = operation.kind == Kind::Create || operation.kind == Kind::Upsert;
    if (creates) TALON_DO(need(*operation.type, "create"));
    if (operation.kind == Kind::Delete) TALON_DO(need(*operation.type, "delete"));
    if (operation.kind == Kind::Change || operation.kind == Kind::Upsert || operation.kind == Kind::Next) {
      TALON_DO(need(*operation.type, "edit"));
    }
    TALON_DO(need(*operation.type, "view"));
  }
  return rights;
}

const gate::Decision& Rights::decision(const TypeInfo& type, std::string_view action) const {
  const auto found = decisions_.find({type.type->name, std::string(action)});
  TALON_CHECK(found != decisions_.end());
  return *found->second;
}

Result<bool> allows(const Records::Inside& inside, const Generation& generation,
                    const gate::Decision& decision, const TypeInfo& type, const RowValues& row,
                    storage::Reader& reader) {
  if (decision.verdict() == gate::Decision::Verdict::Always) return true;
  if (decision.verdict() == gate::Decision::Verdict::Never) return false;
  const int64_t today = inside.parts.today();
  std::vector<Cell> cells;
  if (fill_slots(decision, type, row, cells)) return decision.allows_row(cells, today);
  storage::Sql sql;
  sql.text = "select 1 from " + type.table + " as t where t.id = ? and ";
  sql.binds.push_back(row[0]);
  gate::write_row_filter(decision, inside.path_sql(generation, type, "t"), today, inside.dialect(), sql);
  bool is_allowed = false;
  TALON_DO(reader.rows(sql, [&](Row) -> Result<void> {
    is_allowed = true;
    return {};
  }));
  return is_allowed;
}

gate::Level level_on(const Records::Inside& inside, const gate::Decision& decision, const TypeInfo& type,
                     std::string_view field, const RowValues& row) {
  std::vector<Cell> cells;
  if (!decision.is_level_conditional(field) || !fill_slots(decision, type, row, cells)) {
    return decision.static_level(field);
  }
  return decision.level(field, cells, inside.parts.today());
}

}  // namespace talon::records
