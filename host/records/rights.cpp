/// What a change set may do.
#include "host/records/rights.hpp"

#include "host/storage/condition_sql.hpp"

#include <algorithm>

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
  if (call.principal.simulated_by != 0) return denied("who sees with another's eyes changes nothing");
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
    const bool creates =
        operation.kind == Kind::Create || operation.kind == Kind::CreateAll || operation.kind == Kind::Upsert;
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
  const int64_t id = row[0].integer();
  bool is_allowed = false;
  const gate::Decision* const one = &decision;
  TALON_DO(allows_each(inside, generation, {&one, 1}, type, {&id, 1}, reader,
                       [&](int64_t, const std::vector<bool>& allowed) { is_allowed = allowed.front(); }));
  return is_allowed;
}

namespace {

/// What some decisions read of a record: each path once, and where each decision's slots are among them.
class Columns {
 public:
  explicit Columns(std::span<const gate::Decision* const> decisions) {
    places_.reserve(decisions.size());
    for (const gate::Decision* decision : decisions) {
      std::vector<std::size_t>& places = places_.emplace_back();
      places.reserve(decision->slots().size());
      paths_.reserve(paths_.size() + decision->slots().size());
      for (const std::string& slot : decision->slots()) {
        const auto known = std::find(paths_.begin(), paths_.end(), slot);
        places.push_back(static_cast<std::size_t>(known - paths_.begin()));
        if (known == paths_.end()) paths_.push_back(slot);
      }
    }
  }
  const std::vector<std::string_view>& paths() const { return paths_; }
  /// The slots of a decision out of a row that begins with the id. Good until the next call.
  Row slots_of(std::size_t decision, Row row) {
    cells_.clear();
    for (const std::size_t place : places_[decision]) cells_.push_back(row[place + 1]);
    return cells_;
  }

 private:
  std::vector<std::string_view> paths_;  ///< the decisions'
  std::vector<std::vector<std::size_t>> places_;
  std::vector<Cell> cells_;
};

}  // namespace

Result<void> allows_each(const Records::Inside& inside, const Generation& generation,
                         std::span<const gate::Decision* const> decisions, const TypeInfo& type,
                         std::span<const int64_t> ids, storage::Reader& reader,
                         const std::function<void(int64_t, const std::vector<bool>&)>& take) {
  constexpr std::size_t kTextPerColumn = 32;
  constexpr std::string_view kMark = ", ?";
  const int64_t today = inside.parts.today();
  const storage::PathSql path_sql = inside.path_sql(generation, type, "t");
  Columns columns(decisions);
  storage::Sql sql{"select t.id", {}};
  sql.text.reserve((columns.paths().size() + 1) * kTextPerColumn + ids.size() * kMark.size());
  for (const std::string_view path : columns.paths()) {
    sql.text += ", ";
    path_sql(path, sql.text);
  }
  sql.text.append(" from ").append(type.table).append(" as t where t.id in (?");
  for (std::size_t i = 1; i < ids.size(); ++i) sql.text += kMark;
  sql.text += ")";
  sql.binds.assign(ids.begin(), ids.end());
  std::vector<bool> allowed(decisions.size());
  return reader.rows(sql, [&](Row row) -> Result<void> {
    for (std::size_t i = 0; i < decisions.size(); ++i)
      allowed[i] = decisions[i]->allows_row(columns.slots_of(i, row), today);
    take(row[0].integer(), allowed);
    return {};
  });
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
