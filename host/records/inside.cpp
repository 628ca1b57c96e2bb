/// The compiled model and the small look-ups of this room.
#include "host/records/inside.hpp"

#include "host/model/field_value.hpp"
#include "host/storage/names.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

namespace talon::records {

int TypeInfo::column(std::string_view name) const {
  const auto found = index.find(name);
  return found == index.end() ? -1 : static_cast<int>(found->second);
}

std::string TypeInfo::column_sql(std::size_t place) const { return storage::quoted(columns[place]->name); }

std::string TypeInfo::select_list(std::string_view alias) const {
  std::string list_text;
  for (const model::Field* field : columns) {
    if (!list_text.empty()) list_text += ", ";
    list_text.append(alias).append(".").append(storage::quoted(field->name));
  }
  return list_text;
}

namespace {

void add_columns(TypeInfo& info) {
  std::vector<std::string> names = {"id", "version", "created_at", "created_by", "updated_at", "updated_by"};
  if (info.type->kind == model::Kind::Child) names = {"id", info.type->parent, "position"};
  for (const std::string& name : names) {
    const model::Field* field = info.type->find_field(name);
    TALON_CHECK(field != nullptr);
    info.columns.push_back(field);
  }
  for (const model::Field& field : info.type->fields) {
    if (field.computed.empty()) info.columns.push_back(&field);
  }
  for (std::size_t i = 0; i < info.columns.size(); ++i) info.index[info.columns[i]->name] = i;
}

/// The statements and the initial row that every write of this type takes: made once a generation.
void prepare_writing(const model::Model& model, TypeInfo& info) {
  std::string names;
  std::string marks;
  bool has_initial = true;
  for (std::size_t i = 0; i < info.columns.size(); ++i) {
    names += (i > 0 ? ", " : "") + info.column_sql(i);
    marks += i > 0 ? ", ?" : "?";
    auto value = model::initial_value(model, *info.columns[i]);
    has_initial = has_initial && value;  // an amount's needs the record's currency
    info.initial.push_back(value ? *std::move(value) : Value());
  }
  if (!has_initial) info.initial.clear();
  info.insert_sql = "insert into " + info.table + " (" + names + ") values (" + marks + ")";
  info.read_sql = "select " + info.select_list("t") + " from " + info.table + " as t where t.id = ?";
}

void compile_freeze(const model::Model& model, TypeInfo& info) {
  if (info.type->frozen.when.empty()) return;
  auto condition = expression::parse(info.type->frozen.when);
  TALON_CHECK(static_cast<bool>(condition));  // the manifest reader has checked it
  expression::Scope scope;
  scope.model = &model;
  scope.type = info.type;
  scope.internal = model::Internal::Named;
  TALON_CHECK(expression::check(*condition, scope, info.type->name).empty());
  info.frozen = expression::Program::compile(*condition, info.frozen_slots);
  info.freezes = true;
}

}  // namespace

const TypeInfo* Generation::find(std::string_view type) const {
  const auto found = types.find(type);
  return found == types.end() ? nullptr : &found->second;
}

std::shared_ptr<const Generation> Generation::make(std::shared_ptr<const model::Model> model) {
  auto generation = std::make_shared<Generation>();
  generation->model = std::move(model);
  for (const model::RecordType& type : generation->model->types) {
    TypeInfo info;
    info.type = &type;
    info.table = storage::quoted(type.plural);
    if (type.kind == model::Kind::Stored || type.kind == model::Kind::Child) {
      add_columns(info);
      prepare_writing(*generation->model, info);
    }
    compile_freeze(*generation->model, info);
    generation->types.emplace(type.name, std::move(info));
  }
  for (auto& [name, info] : generation->types) {
    if (!info.columns.empty()) generation->prefixes.emplace(info.type->prefix, &info);
    if (info.type->kind != model::Kind::Child) continue;
    const auto parent = generation->types.find(info.type->parent);
    TALON_CHECK(parent != generation->types.end());
    info.parent = &parent->second;
    for (const model::ChildList& list : parent->second.type->lists) {
      if (list.type == name) info.list = list.name;
    }
  }
  return generation;
}

std::shared_ptr<const Generation> Records::Inside::generation() const {
  const std::lock_guard lock(generation_mutex_);
  return generation_;
}

void Records::Inside::set_generation(std::shared_ptr<const Generation> next) {
  const std::lock_guard lock(generation_mutex_);
  generation_ = std::move(next);
}

Result<const TypeInfo*> Records::Inside::find_type(const Generation& generation, std::string_view type) {
  const TypeInfo* info = generation.find(type);
  if (info == nullptr) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : generation.types) names.push_back(name);
    const std::string near = model::nearest(type, names);
    return not_found("there is no record type " + echoed(type) +
                     (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
  }
  return info;
}

bool Records::Inside::keeps_read_log(const Call& call, const model::RecordType& type) {
  if (type.read_log == model::ReadLog::Off || call.principal.kind == gate::Principal::Kind::System) {
    return false;
  }
  // The authorizer reads a person for every plan, and the login for every try: that is nobody's reading, and
  // planning must not wait for the log.
  return call.principal.kind != gate::Principal::Kind::Plugin || type.plugin != "host";
}

Result<void> Records::Inside::log_read(const Call& call, const model::RecordType& type,
                                       const ReadEntry& entry) {
  if (!keeps_read_log(call, type)) return {};
  if (parts.read_log == nullptr) {
    return unavailable("the read log is not available; " + type.plural + " cannot be shown without it");
  }
  std::string_view policy_set = entry.policy_set;
  std::shared_ptr<const gate::Decision> viewing;
  if (policy_set.empty()) {
    TALON_TRY(viewing, parts.gate->decide(call.principal, "view", type.name));
    policy_set = viewing->plan().policy_set;
  }
  std::string text;
  // One piece of memory for nearly all.
  text.reserve(entry.records.size() + entry.fields.size() + entry.where.size() + 500);
  text.append(R"({"at":)").append(std::to_string(parts.now_us()));
  const auto add = [&text](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text.push_back(',');
    write_json_member(text, name, value);
  };
  add("principal", call.principal.author());
  add("on_behalf_of", call.principal.author_for());
  add("channel", call.channel);
  add("address", call.address);
  add("request", call.request_id);
  add("type", type.name);
  add("action", entry.action);
  add("reason", call.reason);
  add("policy_set", policy_set);
  add("where", entry.where);
  add("asked_with", entry.asked_with);
  if (type.read_log == model::ReadLog::Durable) text += R"(,"durable":true)";
  text.append(R"(,"fields":)").append(entry.fields).push_back(',');
  write_json_member(text, "records", entry.records);
  text.push_back('}');
  return parts.read_log->read(text);
}

void Records::Inside::note_commit() {
  {
    const std::lock_guard lock(commit_mutex);
    ++commits;
  }
  commit_done.notify_all();
}

Error no_such_record(const model::RecordType& type) {
  return not_found("there is no such " + type.name + ", or it is not yours to see");
}

}  // namespace talon::records
