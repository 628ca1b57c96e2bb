/// The checks of a write: rights before and after, field levels, frozen records, references; and child lists.
#include "host/records/writer.hpp"

#include "host/records/denials.hpp"
#include "host/storage/names.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::records {

namespace {

using Kind = Operation::Kind;

/// The action may run in the record's state.
Result<void> check_state(const Acted& acted, const TypeInfo& type, const RowValues& row) {
  const model::Action* action = type.type->find_action(acted.action);
  const model::Field* state = type.type->state_field();
  if (action == nullptr || state == nullptr || action->from.empty()) return {};
  const std::string now(row[static_cast<std::size_t>(type.column(state->name))].text());
  if (std::find(action->from.begin(), action->from.end(), now) != action->from.end()) return {};
  std::string expected;
  for (const std::string& from : action->from) expected += (expected.empty() ? "" : " or ") + from;
  return Error{Code::FailedPrecondition,
               id_text(type.type->prefix, row[0].integer()) + " is " + now + "; " + acted.action + " needs " +
                   expected,
               Json::object({{"reason", "wrong_state"}, {"state", now}}).to_string()};
}

}  // namespace

Result<void> Writer::judge_before(const Operation& operation, std::string_view action, const RowValues& row) {
  const TypeInfo& type = *operation.type;
  const bool is_acted = rights_.is_acted(operation);
  const gate::Decision& decision = is_acted ? *rights_.acted()->decision : rights_.decision(type, action);
  TALON_TRY(const bool is_allowed, allows(inside_, generation_, decision, type, row, transaction_));
  // An action that the state rules out says so to whoever sees the record: a rule on the state would only say
  // no.
  if (is_allowed) return is_acted ? check_state(*rights_.acted(), type, row) : Result<void>();
  if (!is_acted) {
    TALON_TRY(const bool is_visible,
              allows(inside_, generation_, rights_.decision(type, "view"), type, row, transaction_));
    if (!is_visible) return no_such_record(*type.type);
  }
  return denied_on_record({action, *type.type, row[0].integer()});
}

Result<void> Writer::judge_fields(const Operation& operation, std::string_view action, const RowValues& row) {
  if (rights_.author() == Author::Code || rights_.is_acted(operation)) return {};
  const gate::Decision& decision = rights_.decision(*operation.type, action);
  Faults faults;
  std::string first;
  const auto refuse = [&](const std::string& pointer, const std::string& field) {
    if (first.empty()) first = field;
    faults.add(pointer, "not_editable", "you may not set \"" + field + "\"");
  };
  for (const Setting& setting : operation.set) {
    const std::string& field = operation.type->columns[setting.column]->name;
    if (level_on(inside_, decision, *operation.type, field, row) < gate::Level::Edit)
      refuse(setting.pointer, field);
  }
  for (const ChildRows& list : operation.lists) {
    for (const ChildRow& child : list.rows) {
      for (const Setting& setting : child.set) {
        const std::string field = list.type->list + "." + list.type->columns[setting.column]->name;
        if (level_on(inside_, decision, *operation.type, field, row) < gate::Level::Edit) {
          refuse(setting.pointer, field);
        }
      }
    }
  }
  if (faults.is_empty()) return {};
  const int64_t id = action == "create" ? 0 : row[0].integer();
  return denied_fields(faults, {action, *operation.type->type, id, first});
}

Result<void> Writer::check_append_only(const Operation& operation, const RowValues& before,
                                       const RowValues& after,
                                       const std::vector<std::size_t>& changed) const {
  const model::RecordType& type = *operation.type->type;
  if (!type.is_append_only) return {};
  const auto may_change = [&](std::size_t i) {
    return before[i].is_null() || (operation.type->columns[i]->is_personal && after[i].is_null());
  };
  const bool is_permitted = rights_.author() == Author::Code && operation.lists.empty() &&
                            std::all_of(changed.begin(), changed.end(), may_change);
  if (is_permitted) return {};
  return failed_precondition(type.name +
                             " is append-only: only an empty field may be filled in, and a personal one "
                             "emptied; write a new one");
}

Result<void> Writer::check_frozen(const Operation& operation, const RowValues& row) {
  const TypeInfo& type = *operation.type;
  if (!type.freezes) return {};
  std::vector<Cell> cells;
  for (const std::string& slot : type.frozen_slots) {
    const int column = type.column(slot);
    if (column < 0) return internal(type.type->name + ": `frozen.when` may name own fields only");
    cells.push_back(row[static_cast<std::size_t>(column)].cell());
  }
  if (type.frozen.evaluate(cells, inside_.parts.today()) == expression::Truth::False) return {};
  const std::vector<std::string>& except = type.type->frozen.except;
  const auto may_move = [&](const Setting& setting) {
    const std::string& name = type.columns[setting.column]->name;
    return std::find(except.begin(), except.end(), name) != except.end();
  };
  const bool is_movable = operation.kind != Kind::Delete && operation.lists.empty() &&
                          rights_.author() == Author::Code &&
                          std::all_of(operation.set.begin(), operation.set.end(), may_move);
  if (is_movable) return {};
  return Error{Code::FailedPrecondition,
               id_text(type.type->prefix, row[0].integer()) + " can no longer be changed (" +
                   type.type->frozen.when + "); correct it by a new document",
               Json::object({{"reason", "frozen"}}).to_string()};
}

Result<void> Writer::check_references(const TypeInfo& type, const RowValues& row,
                                      const std::vector<std::size_t>& columns) {
  for (const std::size_t i : columns) {
    const model::Field& field = *type.columns[i];
    if (field.type != model::FieldType::Ref || field.set_by == model::SetBy::Host || row[i].is_null())
      continue;
    const TypeInfo* target = generation_.find(field.to);
    if (target == nullptr || target->type->kind != model::Kind::Stored) {
      return internal(type.type->name + "." + field.name + " refers to " + field.to +
                      ", which has no records");
    }
    if (!known_references_.insert({field.to, row[i].integer()}).second) continue;
    const Error missing{Code::InvalidArgument,
                        "\"" + field.name + "\" names no " + field.to + " that you may see",
                        Json::array({Json::object({{"pointer", "/" + field.name},
                                                   {"code", "no_such_record"},
                                                   {"message", "no such " + field.to}})})
                            .to_string()};
    const auto referred = read_row(*target, row[i].integer(), Lock::None);
    if (!referred) return referred.error().code == Code::NotFound ? missing : referred.error();
    if (rights_.author() == Author::Code) continue;
    TALON_TRY(const bool is_visible, allows(inside_, generation_, rights_.decision(*target, "view"), *target,
                                            *referred, transaction_));
    if (!is_visible) return missing;
  }
  return {};
}

Result<void> Writer::judge_dropped(const Operation& operation, const ChildRows& list, const RowValues& stood,
                                   const std::map<int64_t, RowValues>& rows) const {
  if (rights_.author() == Author::Code || rights_.is_acted(operation)) return {};
  const TypeInfo& child = *list.type;
  const gate::Decision& decision = rights_.decision(*operation.type, "edit");
  std::vector<std::size_t> locked;
  for (std::size_t i = 3; i < child.columns.size(); ++i) {
    const std::string field = child.list + "." + child.columns[i]->name;
    if (level_on(inside_, decision, *operation.type, field, stood) < gate::Level::Edit) locked.push_back(i);
  }
  if (locked.empty()) return {};
  TALON_TRY(const RowValues fresh, initial_row(generation_, child));
  std::set<int64_t> sent;
  for (const ChildRow& row : list.rows) sent.insert(row.id);
  for (const auto& [id, row] : rows) {
    const bool holds = std::any_of(locked.begin(), locked.end(),
                                   [&, values = &row](std::size_t i) { return (*values)[i] != fresh[i]; });
    if (sent.count(id) > 0 || !holds) continue;
    Faults faults;
    faults.add("/" + child.list, "not_editable",
               "you may not take " + id_text(child.type->prefix, id) + " out of \"" + child.list +
                   "\": it holds a value that you may not set");
    // Which field that is, is not said: it may be hidden from the caller.
    return denied_fields(faults, {"edit", *operation.type->type, stood[0].integer()});
  }
  return {};
}

Result<void> Writer::write_lists(const Operation& operation, const RowValues& parent, const RowValues* stood,
                                 Json& before, Json& after) {
  const RowParent outer{operation.type, &parent};
  const std::string& parent_name = operation.type->type->name;
  for (const ChildRows& list : operation.lists) {
    const TypeInfo& child = *list.type;
    std::vector<std::size_t> declared;
    for (std::size_t i = 3; i < child.columns.size(); ++i) declared.push_back(i);
    std::map<int64_t, RowValues> kept;
    if (stood != nullptr) {
      Json rows = Json::array();
      TALON_DO(
          transaction_.rows({"select " + child.select_list("t") + " from " + child.table + " as t where t." +
                                 storage::quoted(parent_name) + " = ? order by t.position",
                             {parent[0]}},
                            [&](Row cells) -> Result<void> {
                              RowValues row;
                              for (const Cell& cell : cells) row.emplace_back(cell);
                              rows.push(shown_values(generation_, child, row, declared, &outer));
                              kept.emplace(cells[0].integer(), std::move(row));
                              return {};
                            }));
      TALON_DO(judge_dropped(operation, list, *stood, kept));
      before.set(child.list, std::move(rows));
      TALON_DO(transaction_.post(
          {"delete from " + child.table + " where " + storage::quoted(parent_name) + " = ?", {parent[0]}}));
    }
    Json rows = Json::array();
    for (std::size_t i = 0; i < list.rows.size(); ++i) {
      TALON_TRY(RowValues row, initial_row(generation_, child));
      if (const auto old = kept.find(list.rows[i].id); old != kept.end()) {
        row = old->second;  // fields that the caller did not send, or cannot see, stay
      } else if (list.rows[i].is_named) {
        return invalid("\"" + child.list + "\" has no row " + id_text(child.type->prefix, list.rows[i].id) +
                       "; leave the id out of a new row");
      }
      row[0] = list.rows[i].id;
      row[static_cast<std::size_t>(child.column(parent_name))] = parent[0];
      row[static_cast<std::size_t>(child.column("position"))] = static_cast<int64_t>(i) + 1;
      TALON_DO(apply_settings(generation_, child, list.rows[i].set, numbers_, &outer, row));
      TALON_DO(check_required(child, row));
      // What a kept row referred to before was judged then; the caller may not even see it.
      std::vector<std::size_t> given;
      for (const Setting& setting : list.rows[i].set) given.push_back(setting.column);
      TALON_DO(check_references(child, row, given));
      TALON_DO(insert(child, row));
      rows.push(shown_values(generation_, child, row, declared, &outer));
    }
    after.set(child.list, std::move(rows));
  }
  return {};
}

std::string Writer::policy_set(const Operation& operation, std::string_view action) const {
  if (rights_.is_acted(operation)) return rights_.acted()->decision->plan().policy_set;
  return rights_.decision(*operation.type, action).plan().policy_set;
}

Json Writer::journaled_values(const TypeInfo& type, const RowValues& row,
                              const std::vector<std::size_t>& columns) const {
  return type.type->is_journaled ? shown_values(generation_, type, row, columns, nullptr) : Json::object();
}

Result<void> Writer::journal(const Operation& operation, int64_t id, int64_t version, std::string_view action,
                             Json content) {
  const model::RecordType& type = *operation.type->type;
  versions_[{type.name, id}] = version;
  if (!type.is_journaled) return {};
  // The right that was lent for this very change; all that a manifest lends would drown it.
  if (call_.principal.is_elevated_for(type.name, action)) {
    content.set("elevated", Json::array({type.name + "." + std::string(action)}));
  }
  const Acted* acted = rights_.acted();
  AuditEntry entry;
  entry.kind = type.is_security ? "access" : "change";
  entry.type = type.name;
  entry.record = id;
  entry.action = acted != nullptr ? acted->type->type->name + "." + acted->action : std::string(action);
  entry.policy_set = policy_set(operation, action);
  entry.personal = set_apart(*generation_.model, type, content);
  entry.content = std::move(content);
  TALON_DO(journal_.audit(entry));
  const char* past = action == "create" ? ".created" : action == "delete" ? ".deleted" : ".changed";
  return journal_.event(type.name + past, type.name, id, version, "{}");
}

}  // namespace talon::records
