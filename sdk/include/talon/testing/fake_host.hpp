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
#include <talon/testing/fake_clock.hpp>
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

  FakeHost();
  /// With a model, fields are checked against it and texts get their field's type.
  explicit FakeHost(model::Model model);
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // What a test sets up.
  FakeClock clock;
  Json settings = Json::object();
  std::map<std::string, std::string, std::less<>> secrets;
  Json principal = Json::object({{"kind", "user"}, {"user", "usr_0000000000001"}, {"roles", Json::array()}});

  /// Adds a record and ends the test process when a field is wrong. @return its id.
  int64_t add(std::string_view type, const ChangeSet::Fields& fields);
  /// Changes a record behind the plugin's back, as another user would: its version goes up.
  void change(std::string_view type, int64_t id, const ChangeSet::Fields& fields);
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
  /// The n-th call of talon.records/1 from now on (from 1) fails with `code`; 0: none.
  void fail_nth(int64_t n, Code code = Code::Unavailable) {
    fail_with_ = code;
    calls_ = 0;
    fail_at_ = n;
  }
  /// True when the call that `fail_nth` named has come.
  bool has_failed() const { return fail_at_ > 0 && calls_ >= fail_at_; }
  /// Just before the n-th call of talon.records/1 from now on, somebody else does this. @return by
  /// `has_come`, whether they did.
  void before_nth(int64_t n, std::function<void()> meanwhile) {
    calls_ = 0;
    meanwhile_at_ = n;
    meanwhile_ = std::move(meanwhile);
  }
  bool has_come() const { return meanwhile_at_ > 0 && calls_ >= meanwhile_at_; }

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
  Result<Json> apply_directly(const Json& changes);
  /// Stands for the call of a signed-in user.
  const talon_call* call() const { return reinterpret_cast<const talon_call*>(this); }

 private:
  static FakeHost& self_of(void* self) { return *static_cast<FakeHost*>(self); }
  static const void* table(void* self, talon_text id);
  static void write_log(void* self, uint32_t level, talon_text event, talon_text fields);
  static int64_t now(void* self) { return self_of(self).clock.now_us(); }
  static int64_t today(void* self) { return self_of(self).clock.today().packed(); }
  static talon_status write_settings(void* self, const talon_writer* out, const talon_writer* error);
  static talon_status write_secret(void* self, talon_text name, const talon_writer* out,
                                   const talon_writer* error);
  static talon_status write_model_json(void* self, const talon_writer* out);
  /// Counts a call of talon.records/1, for `fail_nth`.
  Result<void> count_call();
  Result<void> judge(std::string_view type, std::string_view action) const;
  static talon_status query(void* self, const talon_call*, talon_text query, const talon_rows* rows,
                            const talon_writer* error);
  static talon_status apply(void* self, const talon_call*, talon_text changes, const talon_writer* out,
                            const talon_writer* error);
  static talon_status apply_all(void* self, const talon_call*, talon_text changes, const talon_value* values,
                                uint64_t count, const talon_writer* out, const talon_writer* error);
  static talon_status act(void* self, const talon_call*, talon_text type, talon_text id, talon_text action,
                          talon_text input, const talon_writer* out, const talon_writer* error);
  static talon_status who(void* self, const talon_call* call, const talon_writer* out);
  static const void* other_table(void* self, talon_text plugin, talon_text id, void** instance);
  static talon_status command(void* self, const talon_call*, talon_text plugin, talon_text command,
                              talon_text args, const talon_writer* out, const talon_writer* error);

  talon_host host_{};
  talon_log_v1 log_{};
  talon_clock_v1 clock_{};
  talon_config_v1 config_{};
  talon_model_v1 model_{};
  talon_records_v1 table_{};
  talon_plugins_v1 plugins_{};

  std::recursive_mutex mutex_;  // for plugins with threads of their own, and what a test does meanwhile
  FakeRecords records_;
  std::vector<Json> events_;
  std::vector<LogLine> lines_;
  std::map<std::string, Act, std::less<>> acts_;
  std::map<std::string, Command, std::less<>> commands_;
  std::map<std::pair<std::string, std::string>, std::pair<const void*, void*>> tables_;
  std::set<std::string, std::less<>> denied_;
  int64_t calls_ = 0;
  int64_t fail_at_ = 0;
  Code fail_with_ = Code::Unavailable;
  int64_t meanwhile_at_ = 0;
  std::function<void()> meanwhile_;
};

}  // namespace talon::testing

#ifndef TALON_SDK_LIBRARY
#include <talon/testing/fake_host_bodies.hpp>
#endif
