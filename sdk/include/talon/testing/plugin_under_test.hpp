/// Runs a plugin against a FakeHost through its C descriptor, as the host does.
#pragma once

#include <talon/abi/plugin_tables.h>
#include <talon/document.hpp>
#include <talon/testing/fake_host.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The plugin whose sources the test binary holds (tests/plugins/NAME gets plugins/NAME).
extern "C" const talon_plugin talon_plugin_v1;

namespace talon::testing {

class PluginUnderTest {
 public:
  /// Makes the instance; `created` tells whether that went well.
  explicit PluginUnderTest(FakeHost& host, const talon_plugin& descriptor = talon_plugin_v1)
      : host_(host), descriptor_(descriptor) {
    boundary::StringWriter error;
    created_ = boundary::outcome(descriptor_.create(host_.raw(), &self_, &error), error);
  }
  ~PluginUnderTest() {
    if (!created_) return;
    stop();
    descriptor_.destroy(self_);
  }
  PluginUnderTest(const PluginUnderTest&) = delete;
  PluginUnderTest& operator=(const PluginUnderTest&) = delete;

  const Result<void>& created() const { return created_; }
  Result<void> start() {
    TALON_DO(Result<void>(created_));
    boundary::StringWriter error;
    TALON_DO(boundary::outcome(descriptor_.start(self_, &error), error));
    is_started_ = true;
    return {};
  }
  void stop() {
    if (is_started_) descriptor_.stop(self_);
    is_started_ = false;
  }

  /// A table of the plugin, or null. Its functions take `self()`.
  template <typename Table>
  const Table* table(std::string_view id) const {
    return static_cast<const Table*>(descriptor_.table(self_, boundary::text(id)));
  }
  void* self() const { return self_; }

  /// Runs an action and applies its change set in memory. @param id  0: an action on the type.
  /// @return the change set's answer. Aborted when a version was stale (the real host would run it again).
  Result<Json> action(std::string_view type, int64_t id, std::string_view action,
                      const Json& input = Json::object()) {
    TALON_TRY(const Json changes, changes_of(type, id, action, input));
    return host_.apply_directly(changes);
  }

  /// Runs an action. @return its change set, not applied.
  Result<Json> changes_of(std::string_view type, int64_t id, std::string_view action,
                          const Json& input = Json::object()) {
    const auto* actions = table<talon_actions_v1>(TALON_ACTIONS_V1);
    if (actions == nullptr) return Error{Code::Unimplemented, "the plugin offers no actions"};
    const std::string record = id == 0 ? std::string() : host_.id(type, id);
    const std::string json = input.to_string();
    boundary::StringWriter out;
    boundary::StringWriter error;
    const talon_status status =
        actions->run(self_, host_.call(), boundary::text(type), boundary::text(record),
                     boundary::text(action), boundary::text(json), &out, &error);
    TALON_DO(boundary::outcome(status, error));
    return Json::parse(out.text);
  }

  /// @param is_offline  runs it as the command line does without a server.
  Result<std::string> command(std::string_view name, const Json& args = Json::object(),
                              bool is_offline = false) {
    const auto* commands = table<talon_commands_v1>(TALON_COMMANDS_V1);
    if (commands == nullptr) return Error{Code::Unimplemented, "the plugin offers no commands"};
    const std::string json = args.to_string();
    boundary::StringWriter out;
    boundary::StringWriter error;
    const talon_status status = commands->run(self_, is_offline ? nullptr : host_.call(),
                                              boundary::text(name), boundary::text(json), &out, &error);
    TALON_DO(boundary::outcome(status, error));
    return std::move(out.text);
  }

  Result<void> job(std::string_view name) {
    const auto* jobs = table<talon_jobs_v1>(TALON_JOBS_V1);
    if (jobs == nullptr) return Error{Code::Unimplemented, "the plugin offers no jobs"};
    boundary::StringWriter error;
    return boundary::outcome(jobs->run(self_, boundary::text(name), &error), error);
  }

  /// @param event  {"id","event","type","record","version","at","data"}.
  Result<void> handle(const Json& event) {
    const auto* events = table<talon_events_v1>(TALON_EVENTS_V1);
    if (events == nullptr) return Error{Code::Unimplemented, "the plugin handles no events"};
    const std::string json = event.to_string();
    boundary::StringWriter error;
    return boundary::outcome(events->handle(self_, boundary::text(json), &error), error);
  }

  Result<Mistakes> check(const std::vector<Document>& documents, const model::Model& model) {
    return judge(documents, model, false);
  }
  Result<Mistakes> load(const std::vector<Document>& documents, const model::Model& model) {
    return judge(documents, model, true);
  }
  Result<std::string> documents_in_force() {
    const auto* checker = table<talon_checker_v1>(TALON_CHECKER_V1);
    if (checker == nullptr) return Error{Code::Unimplemented, "the plugin owns no documents"};
    boundary::StringWriter set;
    boundary::StringWriter error;
    TALON_DO(boundary::outcome(checker->in_force(self_, &set, &error), error));
    return set.text;
  }

 private:
  Result<Mistakes> judge(const std::vector<Document>& documents, const model::Model& model, bool is_load) {
    const auto* checker = table<talon_checker_v1>(TALON_CHECKER_V1);
    if (checker == nullptr) return Error{Code::Unimplemented, "the plugin owns no documents"};
    const std::string json = write_documents(documents);
    const std::string types = model::write_model(model).to_string();
    boundary::StringWriter out;
    const auto run = is_load ? checker->load : checker->check;
    const talon_status status = run(self_, boundary::text(json), boundary::text(types), &out);
    if (status != TALON_OK) return boundary::read_error(status, out.text);
    return read_mistakes(out.text);
  }

  FakeHost& host_;
  const talon_plugin& descriptor_;
  void* self_ = nullptr;
  Result<void> created_;
  bool is_started_ = false;
};

}  // namespace talon::testing
