/// Field paths of a caller's query as SQL.
#include "host/records/links.hpp"

#include "host/gate/row_filter.hpp"
#include "host/storage/names.hpp"

#include <talon/text.hpp>

namespace talon::records {

namespace {

Error no_such_field(const TypeInfo& type, std::string_view path) {
  return invalid(type.type->name + " has no field " + echoed(path) + " that you may see");
}

/// The key by which field rules name a field: a child's is "lines.cost".
std::string rule_name(const TypeInfo& type, std::string_view field) {
  return type.parent == nullptr ? std::string(field) : type.list + "." + std::string(field);
}

}  // namespace

Links::Links(Records::Inside& inside, const Call& call, const Generation& generation, const TypeInfo& type,
             std::string alias, std::shared_ptr<const gate::Decision> decision)
    : inside_(inside),
      call_(call),
      generation_(generation),
      type_(type),
      alias_(std::move(alias)),
      decision_(std::move(decision)) {}

Result<std::string> Links::visible_table(const TypeInfo& type) {
  auto known = linked_.find(type.type->name);
  if (known == linked_.end()) {
    const std::string& judged = type.parent != nullptr ? type.parent->type->name : type.type->name;
    TALON_TRY(auto decision, inside_.parts.gate->decide(call_.principal, "view", judged));
    known = linked_.emplace(type.type->name, std::move(decision)).first;
  }
  if (known->second->verdict() == gate::Decision::Verdict::Conditional) return "v_" + type.type->plural;
  return type.table;
}

Result<PathField> Links::resolve(std::string_view path) {
  const TypeInfo* type = &type_;
  const gate::Decision* decision = decision_.get();
  // A view whose rule says `drill down: no` is left by none of its keys.
  const bool may_leave = type_.type->kind != model::Kind::View || decision->plan().may_drill_down;
  if (!may_leave && path.find('.') != std::string_view::npos) return no_such_field(type_, path);
  std::string open;
  std::string alias = alias_;
  std::string_view rest = path;
  int hops = 0;
  for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    const std::string name(rest.substr(0, dot));
    const model::Field* link = type->type->find_field(name);
    if (link == nullptr || link->type != model::FieldType::Ref || ++hops > 3 ||
        decision->static_level(rule_name(*type, name)) < gate::Level::ReadOnly) {
      return no_such_field(type_, path);
    }
    const TypeInfo* next = generation_.find(link->to);
    if (next == nullptr || next->type->kind != model::Kind::Stored) return no_such_field(type_, path);
    TALON_TRY(const std::string table, visible_table(*next));
    decision = linked_[next->type->name].get();
    if (decision->verdict() == gate::Decision::Verdict::Never) return no_such_field(type_, path);
    const std::string inner = "l" + std::to_string(hops);
    // Outermost select last: the deepest link is the one that is selected from.
    open = "(select " + inner + ".@ from " + table + " as " + inner + " where " + inner + ".id = " +
           (open.empty() ? alias + "." + storage::quoted(name)
                         : open.replace(open.find('@'), 1, storage::quoted(name))) +
           ")";
    type = next;
    alias = inner;
    rest.remove_prefix(dot + 1);
  }
  const model::Field* field = type->type->find_field(rest);
  // Internal fields (password hashes) leave by no API; a plugin with the right to the type reads them, and
  // the host, which finds sessions by the hash of their token.
  if (field == nullptr || (field->is_internal && !call_.principal.is_inside()))
    return no_such_field(type_, path);
  PathField result;
  result.field = field;
  result.owner = type;
  const std::string rule = rule_name(*type, rest);
  const gate::FieldLevel level = decision->static_rule(rule);
  result.level = level.level;
  result.is_conditional = hops == 0 && decision->is_level_conditional(rule);
  result.mask = level.mask;
  if (result.level == gate::Level::Hidden && !result.is_conditional) return no_such_field(type_, path);
  const std::string own = storage::path_text(inside_.path_sql(generation_, *type, alias), rest);
  if (hops == 0) {
    result.sql = own;
  } else {
    const std::string marker = alias + ".@";
    result.sql = open.replace(open.find(marker), marker.size(), own);
  }
  return result;
}

void Links::write_with(storage::Sql& sql, int64_t today) const {
  bool is_first = true;
  for (const auto& [name, decision] : linked_) {
    if (decision->verdict() != gate::Decision::Verdict::Conditional) continue;
    const TypeInfo& type = *generation_.find(name);
    sql.text += is_first ? "with " : ", ";
    is_first = false;
    sql.text += "v_" + type.type->plural + " as (select * from " + type.table + " as t where ";
    gate::write_row_filter(*decision, inside_.path_sql(generation_, type, "t"), today, inside_.dialect(),
                           sql);
    sql.text += ")";
  }
  if (!is_first) sql.text += " ";
}

}  // namespace talon::records
