/// Finds the ids in a caller's input and asks once a type which of them the caller sees.
#include "host/records/references.hpp"

#include "host/gate/row_filter.hpp"
#include "host/storage/names.hpp"

#include <talon/id.hpp>
#include <talon/pointer.hpp>

#include <algorithm>
#include <span>

namespace talon::records {

namespace {

/// Ids in one statement.
constexpr std::size_t kIdsMax = 500;

struct Named {
  int64_t id = 0;
  std::string pointer;
  std::string field;  ///< the nearest name above it
};

class References {
 public:
  explicit References(const Generation& generation) : generation_(generation) {}

  /// A declared reference; what is no id of the type was refused before.
  void add(const model::Field& field, const Json& value) {
    const TypeInfo* target = generation_.find(field.to);
    if (target == nullptr || target->columns.empty()) return;
    const auto id = parse_id(value.string(), target->type->prefix);
    if (id) named_[target].push_back({*id, "/" + field.name, field.name});
  }

  void walk(const Json& value, const std::string& pointer, const std::string& field) {
    if (value.is_string()) add_text(value.string(), pointer, field);
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      walk(value.items()[i], pointer + "/" + std::to_string(i), field);
    }
    for (const auto& [name, member] : value.members()) walk(member, pointer_below(pointer, name), name);
  }

  const std::map<const TypeInfo*, std::vector<Named>>& named() const { return named_; }

 private:
  void add_text(std::string_view text, const std::string& pointer, const std::string& field) {
    const auto id = parse_id(text);
    if (!id) return;
    const auto type = generation_.prefixes.find(text.substr(0, text.rfind('_')));
    if (type != generation_.prefixes.end()) named_[type->second].push_back({*id, pointer, field});
  }

  const Generation& generation_;
  std::map<const TypeInfo*, std::vector<Named>> named_;
};

using Decisions = std::map<const TypeInfo*, std::shared_ptr<const gate::Decision>>;

/// The ids from `from` to `to` that the caller sees; a child row is seen with its parent.
Result<void> read_visible(Records::Inside& inside, const Generation& generation, storage::Reader& reader,
                          const gate::Decision& decision, const TypeInfo& type, std::span<const int64_t> ids,
                          std::vector<int64_t>& visible) {
  storage::Sql sql{"select t.id from " + type.table + " as t where t.id in (", {}};
  for (const int64_t id : ids) {
    sql.text += sql.binds.empty() ? "?" : ", ?";
    sql.binds.emplace_back(id);
  }
  sql.text += ") and ";
  const TypeInfo& judged = type.parent != nullptr ? *type.parent : type;
  const std::string alias = type.parent != nullptr ? "p" : "t";
  if (type.parent != nullptr) {
    sql.text += "exists (select 1 from " + judged.table + " as p where p.id = t." +
                storage::quoted(judged.type->name) + " and ";
  }
  gate::write_row_filter(decision, inside.path_sql(generation, judged, alias), inside.parts.today(),
                         inside.dialect(), sql);
  if (type.parent != nullptr) sql.text += ")";
  return reader.rows(sql, [&](Row row) -> Result<void> {
    visible.push_back(row[0].integer());
    return {};
  });
}

Result<void> judge(Records::Inside& inside, const Call& call, const Generation& generation,
                   const References& references) {
  if (references.named().empty()) return {};
  // Before the snapshot is opened: the authorizer is a plugin.
  Decisions decisions;
  for (const auto& [type, named] : references.named()) {
    TALON_TRY(decisions[type], inside.parts.gate->decide(call.principal, "view", type->type->name));
  }
  std::map<const TypeInfo*, std::vector<int64_t>> visible;
  TALON_DO(inside.parts.database->read([&](storage::Reader& reader) -> Result<void> {
    visible.clear();
    for (const auto& [type, named] : references.named()) {
      std::vector<int64_t>& seen = visible[type];
      if (decisions[type]->verdict() == gate::Decision::Verdict::Never) continue;
      std::vector<int64_t> ids;
      for (const Named& one : named) ids.push_back(one.id);
      std::sort(ids.begin(), ids.end());
      ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
      for (std::size_t at = 0; at < ids.size(); at += kIdsMax) {
        const std::span part(ids.data() + at, std::min(kIdsMax, ids.size() - at));
        TALON_DO(read_visible(inside, generation, reader, *decisions[type], *type, part, seen));
      }
      std::sort(seen.begin(), seen.end());
    }
    return {};
  }));
  Json errors = Json::array();
  std::string first;
  for (const auto& [type, named] : references.named()) {
    for (const Named& one : named) {
      if (std::binary_search(visible[type].begin(), visible[type].end(), one.id)) continue;
      if (first.empty()) first = "\"" + one.field + "\" names no " + type->type->name + " that you may see";
      errors.push(Json::object({{"pointer", one.pointer},
                                {"code", "no_such_record"},
                                {"message", "no such " + type->type->name}}));
    }
  }
  if (errors.items().empty()) return {};
  return Error{Code::InvalidArgument, first, errors.to_string()};
}

}  // namespace

Result<void> judge_references(Records::Inside& inside, const Call& call, const Generation& generation,
                              const std::vector<model::Field>& declared, const Json& input) {
  References references(generation);
  for (const model::Field& field : declared) {
    const Json& value = input[field.name];
    if (field.type == model::FieldType::Ref) references.add(field, value);
    if (field.type == model::FieldType::Json) references.walk(value, "/" + field.name, field.name);
  }
  return judge(inside, call, generation, references);
}

Result<void> Records::judge_references(const Call& call, const Json& input) {
  const auto generation = inside_->generation();
  References references(*generation);
  references.walk(input, "", "");
  return judge(*inside_, call, *generation, references);
}

}  // namespace talon::records
