/// A host for plugin tests: records in memory, a clock that the test moves, settings, secrets, the log,
/// faults.
///
///   FakeHost host;
///   const int64_t invoice = host.add("invoice", {{"state", "draft"}});
///   PluginUnderTest plugin(host);
///   EXPECT_TRUE(plugin.start());
///   const Result<Json> answer = plugin.action("invoice", invoice, "approve", Json::object());
///   EXPECT_EQ(host.value("invoice", invoice, "state"), Value("approved"));
///
/// Everything that the plugin gets goes through the C tables, as with the real host. It judges nobody's
/// rights, but for what a test denies.
#pragma once

#include <talon/plugin.hpp>
#include <talon/testing/fake_changes.hpp>
#include <talon/testing/fake_clock.hpp>
#include <talon/testing/fake_query.hpp>
#include <talon/testing/fake_records.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace talon::testing {

struct LogLine {
  uint32_t level = TALON_LOG_INFO;
  std::string event;
  Json fields;
};

class FakeHost {
 public:
  using Act = std::function<Result<Json>(std::string_view id, const Json& input)>;
  using Command = std::function<Result<std::string>(const Json& args)>;

  FakeHost() : records_(clock) {
    host_ = {sizeof(talon_host), this, &FakeHost::table};
    log_ = {sizeof(talon_log_v1), this, &FakeHost::write_log};
    clock_ = {sizeof(talon_clock_v1), this, &FakeHost::now, &FakeHost::today};
    config_ = {sizeof(talon_config_v1), this, &FakeHost::write_settings, &FakeHost::write_secret};
    model_ = {sizeof(talon_model_v1), this, &FakeHost::write_model_json};
    table_ = {sizeof(talon_records_v1), this,           &FakeHost::query,
              &FakeHost::apply,         &FakeHost::act, &FakeHost::who};
    plugins_ = {sizeof(talon_plugins_v1), this, &FakeHost::other_table, &FakeHost::command};
  }
  /// With a model, fields are checked against it and texts get their field's type.
  explicit FakeHost(model::Model model) : FakeHost() { records_.set_model(std::move(model)); }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // What a test sets up.
  FakeClock clock;
  Json settings = Json::object();
  std::map<std::string, std::string, std::less<>> secrets;
  Json principal = Json::object({{"kind", "user"}, {"user", "usr_0000000000001"}, {"roles", Json::array()}});

  /// Adds a record and ends the test process when a field is wrong. @return its id.
  int64_t add(std::string_view type, const ChangeSet::Fields& fields) {
    const std::lock_guard lock(mutex_);
    const Result<int64_t> id = records_.add(type, fields);
    if (!id) std::fprintf(stderr, "FakeHost::add: %s\n", id.error().message.c_str());
    TALON_CHECK(static_cast<bool>(id));
    return *id;
  }
  /// Changes a record behind the plugin's back, as another user would: its version goes up.
  void change(std::string_view type, int64_t id, const ChangeSet::Fields& fields) {
    ChangeSet changes;
    changes.change(type, id, records_.find(type, id)->version(), fields);
    const std::lock_guard lock(mutex_);
    TALON_CHECK(static_cast<bool>(FakeChanges(records_, events_).apply(changes.json())));
  }
  /// What records().act() and other plugins' actions answer. @param name  TYPE.ACTION.
  void on_act(std::string name, Act act) { acts_[std::move(name)] = std::move(act); }
  /// What another plugin's command answers. @param name  PLUGIN.COMMAND.
  void on_command(std::string name, Command command) { commands_[std::move(name)] = std::move(command); }
  /// A table of another plugin, as Host::table_of gives it. @param table, instance  outlive this.
  void on_table(std::string plugin, std::string id, const void* table, void* instance) {
    tables_[{std::move(plugin), std::move(id)}] = {table, instance};
  }
  /// Refuses a right from now on: "invoice.create"; "view" is what queries need.
  void deny(std::string right) { denied_.insert(std::move(right)); }
  /// The n-th call of talon.records/1 from now on (from 1) fails with Unavailable; 0: none.
  void fail_nth(int64_t n) {
    calls_ = 0;
    fail_at_ = n;
  }
  /// True when the call that `fail_nth` named has come.
  bool has_failed() const { return fail_at_ > 0 && calls_ >= fail_at_; }

  // What a test looks at.
  Value value(std::string_view type, int64_t id, std::string_view field) const {
    const FakeRecord* record = records_.find(type, id);
    return record == nullptr ? Value() : record->value(field);
  }
  std::string text(std::string_view type, int64_t id, std::string_view field) const {
    return std::string(value(type, id, field).text());
  }
  /// Ids in the order of creation.
  std::vector<int64_t> ids(std::string_view type) const {
    std::vector<int64_t> ids;
    for (const FakeRecord* record : records_.all(type)) ids.push_back(record->id());
    return ids;
  }
  /// The text form of an id: "inv_…".
  std::string id(std::string_view type, int64_t number) const {
    return id_text(records_.prefix(type), number);
  }
  const std::vector<Json>& events() const { return events_; }
  const std::vector<LogLine>& log() const { return lines_; }
  FakeRecords& store() { return records_; }
  const talon_host* raw() const { return &host_; }
  /// Records as the test itself: neither faults nor denials.
  Result<Json> apply_directly(const Json& changes) {
    const std::lock_guard lock(mutex_);
    return FakeChanges(records_, events_).apply(changes);
  }
  /// Stands for the call of a signed-in user.
  const talon_call* call() const { return reinterpret_cast<const talon_call*>(this); }

 private:
  static FakeHost& self_of(void* self) { return *static_cast<FakeHost*>(self); }

  static const void* table(void* self, talon_text id) {
    FakeHost& host = self_of(self);
    const std::map<std::string_view, const void*> tables = {
        {TALON_LOG_V1, &host.log_},     {TALON_CLOCK_V1, &host.clock_},   {TALON_CONFIG_V1, &host.config_},
        {TALON_MODEL_V1, &host.model_}, {TALON_RECORDS_V1, &host.table_}, {TALON_PLUGINS_V1, &host.plugins_}};
    const auto found = tables.find(boundary::view(id));
    return found == tables.end() ? nullptr : found->second;
  }

  static void write_log(void* self, uint32_t level, talon_text event, talon_text fields) {
    const Result<Json> json = Json::parse(boundary::view(fields));
    const std::lock_guard lock(self_of(self).mutex_);
    self_of(self).lines_.push_back({level, std::string(boundary::view(event)), json ? *json : Json()});
  }
  static int64_t now(void* self) { return self_of(self).clock.now_us(); }
  static int64_t today(void* self) { return self_of(self).clock.today().packed(); }

  static talon_status write_settings(void* self, const talon_writer* out, const talon_writer* error) {
    return boundary::guarded(error, [&] { return boundary::give(out, self_of(self).settings.to_string()); });
  }
  static talon_status write_secret(void* self, talon_text name, const talon_writer* out,
                                   const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      const auto found = self_of(self).secrets.find(boundary::view(name));
      if (found == self_of(self).secrets.end()) {
        return not_found("there is no secret \"" + std::string(boundary::view(name)) + "\"");
      }
      return boundary::give(out, found->second);
    });
  }
  static talon_status write_model_json(void* self, const talon_writer* out) {
    return boundary::guarded(nullptr, [&] {
      return boundary::give(out, model::write_model(self_of(self).records_.model()).to_string());
    });
  }

  /// Counts a call of talon.records/1, for `fail_nth`.
  Result<void> count_call() {
    if (++calls_ != fail_at_) return {};
    return unavailable("the test made this call fail");
  }
  Result<void> judge(std::string_view type, std::string_view action) const {
    const std::string right = std::string(type) + "." + std::string(action);
    if (denied_.count(right) == 0) return {};
    return denied("no rule allows " + right);
  }

  static talon_status query(void* self, const talon_call*, talon_text query, const talon_rows* rows,
                            const talon_writer* error) {
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

  static talon_status apply(void* self, const talon_call*, talon_text changes, const talon_writer* out,
                            const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      FakeHost& host = self_of(self);
      const std::lock_guard lock(host.mutex_);
      TALON_DO(host.count_call());
      TALON_TRY(const Json json, Json::parse(boundary::view(changes)));
      for (const Json& op : json["operations"].items()) {
        const std::string_view kind = op["op"].string();
        TALON_DO(host.judge(op["type"].string(), kind == "create" || kind == "delete" ? kind : "edit"));
      }
      TALON_TRY(const Json answer, FakeChanges(host.records_, host.events_).apply(json));
      return boundary::give(out, answer.to_string());
    });
  }

  static talon_status act(void* self, const talon_call*, talon_text type, talon_text id, talon_text action,
                          talon_text input, const talon_writer* out, const talon_writer* error) {
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

  static talon_status who(void* self, const talon_call* call, const talon_writer* out) {
    return boundary::guarded(nullptr, [&] {
      const Json plugin = Json::object({{"kind", "plugin"}, {"user", ""}, {"roles", Json::array()}});
      return boundary::give(out, (call == nullptr ? plugin : self_of(self).principal).to_string());
    });
  }

  static const void* other_table(void* self, talon_text plugin, talon_text id, void** instance) {
    const FakeHost& host = self_of(self);
    const auto found =
        host.tables_.find({std::string(boundary::view(plugin)), std::string(boundary::view(id))});
    if (found == host.tables_.end()) return nullptr;
    *instance = found->second.second;
    return found->second.first;
  }

  static talon_status command(void* self, const talon_call*, talon_text plugin, talon_text command,
                              talon_text args, const talon_writer* out, const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      const std::string name =
          std::string(boundary::view(plugin)) + "." + std::string(boundary::view(command));
      const auto found = self_of(self).commands_.find(name);
      if (found == self_of(self).commands_.end()) {
        return Error{Code::Unimplemented, "the test set no on_command(\"" + name + "\")"};
      }
      TALON_TRY(const Json json, Json::parse(boundary::view(args)));
      TALON_TRY(const std::string answer, found->second(json));
      return boundary::give(out, answer);
    });
  }

  talon_host host_{};
  talon_log_v1 log_{};
  talon_clock_v1 clock_{};
  talon_config_v1 config_{};
  talon_model_v1 model_{};
  talon_records_v1 table_{};
  talon_plugins_v1 plugins_{};

  std::mutex mutex_;  // for plugins with threads of their own
  FakeRecords records_;
  std::vector<Json> events_;
  std::vector<LogLine> lines_;
  std::map<std::string, Act, std::less<>> acts_;
  std::map<std::string, Command, std::less<>> commands_;
  std::map<std::pair<std::string, std::string>, std::pair<const void*, void*>> tables_;
  std::set<std::string, std::less<>> denied_;
  int64_t calls_ = 0;
  int64_t fail_at_ = 0;
};

}  // namespace talon::testing
