/// What the fake host does behind the C tables (fake_host.hpp, which includes it).
#pragma once

#include <talon/bodies.hpp>
#include <talon/testing/fake_changes.hpp>
#include <talon/testing/fake_host.hpp>
#include <talon/testing/fake_query.hpp>

#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace talon::testing {

TALON_INLINE FakeHost::FakeHost() : records_(clock) {
  host_ = {sizeof(talon_host), this, &FakeHost::table};
  log_ = {sizeof(talon_log_v1), this, &FakeHost::write_log};
  clock_ = {sizeof(talon_clock_v1), this, &FakeHost::now, &FakeHost::today};
  config_ = {sizeof(talon_config_v1), this, &FakeHost::write_settings, &FakeHost::write_secret};
  model_ = {sizeof(talon_model_v1), this, &FakeHost::write_model_json};
  table_ = {sizeof(talon_records_v1), this,           &FakeHost::query,    &FakeHost::apply,
            &FakeHost::act,           &FakeHost::who, &FakeHost::apply_all};
  plugins_ = {sizeof(talon_plugins_v1), this, &FakeHost::other_table, &FakeHost::command};
}

TALON_INLINE FakeHost::FakeHost(model::Model model) : FakeHost() { records_.set_model(std::move(model)); }

TALON_INLINE int64_t FakeHost::add(std::string_view type, const ChangeSet::Fields& fields) {
  const std::lock_guard lock(mutex_);
  const Result<int64_t> id = records_.add(type, fields);
  if (!id) std::fprintf(stderr, "FakeHost::add: %s\n", id.error().message.c_str());
  TALON_CHECK(static_cast<bool>(id));
  return *id;
}

TALON_INLINE void FakeHost::change(std::string_view type, int64_t id, const ChangeSet::Fields& fields) {
  ChangeSet changes;
  changes.change(type, id, records_.find(type, id)->version(), fields);
  const std::lock_guard lock(mutex_);
  TALON_CHECK(static_cast<bool>(FakeChanges(records_, events_).apply(changes.json())));
}

TALON_INLINE Result<Json> FakeHost::apply_directly(const Json& changes) {
  const std::lock_guard lock(mutex_);
  return FakeChanges(records_, events_).apply(changes);
}

TALON_INLINE const void* FakeHost::table(void* self, talon_text id) {
  FakeHost& host = self_of(self);
  const std::map<std::string_view, const void*> tables = {
      {TALON_LOG_V1, &host.log_},     {TALON_CLOCK_V1, &host.clock_},   {TALON_CONFIG_V1, &host.config_},
      {TALON_MODEL_V1, &host.model_}, {TALON_RECORDS_V1, &host.table_}, {TALON_PLUGINS_V1, &host.plugins_}};
  const auto found = tables.find(boundary::view(id));
  return found == tables.end() ? nullptr : found->second;
}

TALON_INLINE void FakeHost::write_log(void* self, uint32_t level, talon_text event, talon_text fields) {
  const Result<Json> json = Json::parse(boundary::view(fields));
  const std::lock_guard lock(self_of(self).mutex_);
  self_of(self).lines_.push_back({level, std::string(boundary::view(event)), json ? *json : Json()});
}

TALON_INLINE talon_status FakeHost::write_settings(void* self, const talon_writer* out,
                                                   const talon_writer* error) {
  return boundary::guarded(error, [&] { return boundary::give(out, self_of(self).settings.to_string()); });
}

TALON_INLINE talon_status FakeHost::write_secret(void* self, talon_text name, const talon_writer* out,
                                                 const talon_writer* error) {
  return boundary::guarded(error, [&]() -> Result<void> {
    const auto found = self_of(self).secrets.find(boundary::view(name));
    if (found == self_of(self).secrets.end()) {
      return not_found("there is no secret \"" + std::string(boundary::view(name)) + "\"");
    }
    return boundary::give(out, found->second);
  });
}

TALON_INLINE talon_status FakeHost::write_model_json(void* self, const talon_writer* out) {
  return boundary::guarded(nullptr, [&] {
    return boundary::give(out, model::write_model(self_of(self).records_.model()).to_string());
  });
}

TALON_INLINE Result<void> FakeHost::count_call() {
  ++calls_;
  if (calls_ == meanwhile_at_) meanwhile_();
  if (calls_ != fail_at_) return {};
  return Error{fail_with_, "the test made this call fail", {}};
}

TALON_INLINE Result<void> FakeHost::judge(std::string_view type, std::string_view action) const {
  const std::string right = std::string(type) + "." + std::string(action);
  if (denied_.count(right) == 0) return {};
  return denied("no rule allows " + right);
}

TALON_INLINE talon_status FakeHost::query(void* self, const talon_call*, talon_text query,
                                          const talon_rows* rows, const talon_writer* error) {
  return boundary::guarded(error, [&]() -> Result<void> {
    FakeHost& host = self_of(self);
    FakeQuery::Rows found;
    {
      const std::lock_guard lock(host.mutex_);
      TALON_DO(host.count_call());
      TALON_TRY(const Json json, Json::parse(boundary::view(query)));
      TALON_DO(host.judge(json["type"].string(), "view"));
      TALON_TRY(found, FakeQuery(host.records_).run(json));
    }
    for (const std::vector<Value>& row : found) {
      std::vector<Cell> cells;
      for (const Value& value : row) cells.push_back(value.cell());
      const talon_status status = rows->row(rows->self, cells.data(), static_cast<uint32_t>(cells.size()));
      if (status != TALON_OK) return boundary::read_error(status, "");
    }
    return {};
  });
}

TALON_INLINE talon_status FakeHost::apply(void* self, const talon_call* call, talon_text changes,
                                          const talon_writer* out, const talon_writer* error) {
  return apply_all(self, call, changes, nullptr, 0, out, error);
}

TALON_INLINE talon_status FakeHost::apply_all(void* self, const talon_call*, talon_text changes,
                                              const talon_value* values, uint64_t count,
                                              const talon_writer* out, const talon_writer* error) {
  return boundary::guarded(error, [&]() -> Result<void> {
    FakeHost& host = self_of(self);
    const std::lock_guard lock(host.mutex_);
    TALON_DO(host.count_call());
    if (values == nullptr && count > 0) return invalid("apply_all: values without an address");
    TALON_TRY(const Json json, Json::parse(boundary::view(changes)));
    for (const Json& op : json["operations"].items()) {
      const std::string_view kind = op["op"].string();
      const bool creates = kind == "create" || kind == "create_all";
      TALON_DO(host.judge(op["type"].string(), creates ? "create" : kind == "delete" ? kind : "edit"));
    }
    TALON_TRY(
        const Json answer,
        FakeChanges(host.records_, host.events_).apply(json, Row(static_cast<const Cell*>(values), count)));
    return boundary::give(out, answer.to_string());
  });
}

TALON_INLINE talon_status FakeHost::act(void* self, const talon_call*, talon_text type, talon_text id,
                                        talon_text action, talon_text input, const talon_writer* out,
                                        const talon_writer* error) {
  return boundary::guarded(error, [&]() -> Result<void> {
    FakeHost& host = self_of(self);
    TALON_DO(host.count_call());
    TALON_DO(host.judge(boundary::view(type), boundary::view(action)));
    const std::string name = std::string(boundary::view(type)) + "." + std::string(boundary::view(action));
    const auto found = host.acts_.find(name);
    if (found == host.acts_.end())
      return Error{Code::Unimplemented, "the test set no on_act(\"" + name + "\")"};
    TALON_TRY(const Json json, Json::parse(boundary::view(input)));
    TALON_TRY(const Json answer, found->second(boundary::view(id), json));
    return boundary::give(out, answer.to_string());
  });
}

TALON_INLINE talon_status FakeHost::who(void* self, const talon_call* call, const talon_writer* out) {
  return boundary::guarded(nullptr, [&] {
    const Json plugin = Json::object({{"kind", "plugin"}, {"user", ""}, {"roles", Json::array()}});
    return boundary::give(out, (call == nullptr ? plugin : self_of(self).principal).to_string());
  });
}

TALON_INLINE const void* FakeHost::other_table(void* self, talon_text plugin, talon_text id,
                                               void** instance) {
  const FakeHost& host = self_of(self);
  const auto found =
      host.tables_.find({std::string(boundary::view(plugin)), std::string(boundary::view(id))});
  if (found == host.tables_.end()) return nullptr;
  *instance = found->second.second;
  return found->second.first;
}

TALON_INLINE talon_status FakeHost::command(void* self, const talon_call*, talon_text plugin,
                                            talon_text command, talon_text args, const talon_writer* out,
                                            const talon_writer* error) {
  return boundary::guarded(error, [&]() -> Result<void> {
    const std::string name = std::string(boundary::view(plugin)) + "." + std::string(boundary::view(command));
    const auto found = self_of(self).commands_.find(name);
    if (found == self_of(self).commands_.end()) {
      return Error{Code::Unimplemented, "the test set no on_command(\"" + name + "\")"};
    }
    TALON_TRY(const Json json, Json::parse(boundary::view(args)));
    TALON_TRY(const std::string answer, found->second(json));
    return boundary::give(out, answer);
  });
}

}  // namespace talon::testing
