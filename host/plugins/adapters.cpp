/// talon.authorizer/1, talon.actions/1 and talon.audit/1 behind the interfaces of the gate and of records.
#include "host/plugins/adapters.hpp"

#include "host/runtime/log.hpp"

#include <talon/boundary.hpp>

namespace talon::plugins {

namespace {

using boundary::StringWriter;
using boundary::text;

class PluginAuthorizer : public gate::Authorizer {
 public:
  explicit PluginAuthorizer(Plugins::Inside& inside) : inside_(inside) {}

  Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) override {
    const std::string who = principal.to_string();
    return ask([&](const talon_authorizer_v1& table, void* self, const talon_writer* out,
                   const talon_writer* error) {
      return table.plan(self, text(who), text(action), text(type), out, error);
    });
  }

  Result<std::string> explain(std::string_view question) override {
    return ask([&](const talon_authorizer_v1& table, void* self, const talon_writer* out,
                   const talon_writer* error) { return table.explain(self, text(question), out, error); });
  }

 private:
  template <typename Ask>
  Result<std::string> ask(const Ask& question) {
    StringWriter out;
    TALON_DO(inside_.call_first(TALON_AUTHORIZER_V1, "nothing is allowed",
                                [&](const void* table, void* self, const talon_writer* error) {
                                  return question(*static_cast<const talon_authorizer_v1*>(table), self, &out,
                                                  error);
                                }));
    return std::move(out.text);
  }

  Plugins::Inside& inside_;  // outlives this
};

class PluginActions : public records::ActionRunner {
 public:
  explicit PluginActions(Plugins::Inside& inside) : inside_(inside) {}

  Result<std::string> run(const gate::Call& call, const model::RecordType& type, std::string_view id,
                          std::string_view action, const Json& input) override {
    const std::string json = input.is_null() ? std::string("{}") : input.to_string();
    StringWriter out;
    const WorkingFor working(&call);
    TALON_DO(inside_.call(type.plugin, TALON_ACTIONS_V1, Threads::Serial,
                          [&](const void* table, void* self, const talon_writer* error) {
                            const auto* actions = static_cast<const talon_actions_v1*>(table);
                            return actions->run(self, HostTables::wrap(&call), text(type.name), text(id),
                                                text(action), text(json), &out, error);
                          }));
    return std::move(out.text);
  }

  Result<void> check(const gate::Call& call, const model::RecordType& type, std::string_view id,
                     const Json& body) override {
    for (const auto& [plugin, command] : inside_.checking(type.name)) {
      const Json args = Json::object({{"type", type.name}, {"id", id}, {"body", body}});
      TALON_DO(inside_.run_command(
          &call, plugin, command, args, [](std::string_view) { return Result<void>(); },
          Plugins::Inside::From::Started));
    }
    return {};
  }

 private:
  Plugins::Inside& inside_;  // outlives this
};

class PluginReadLog : public records::ReadLog {
 public:
  explicit PluginReadLog(Plugins::Inside& inside) : inside_(inside) {}

  Result<void> read(std::string_view entry) override {
    const Result<void> written =
        inside_.call_first(TALON_AUDIT_V1, "what must be logged when it is read cannot be read",
                           [&](const void* table, void* self, const talon_writer* error) {
                             return static_cast<const talon_audit_v1*>(table)->read(self, text(entry), error);
                           });
    // Each read comes by here: nothing is written that is there already.
    if (inside_.is_read_log_failing == static_cast<bool>(written)) inside_.is_read_log_failing = !written;
    if (written) return {};
    // Whoever asks is not told where on this machine.
    runtime::log().error("read_log.failed", {{"reason", written.error().message}});
    return unavailable(
        "the read log cannot be written, so nothing that it must hold is shown; the server's log says why");
  }

 private:
  Plugins::Inside& inside_;  // outlives this
};

class PluginJobs : public jobs::JobRunner {
 public:
  explicit PluginJobs(Plugins::Inside& inside) : inside_(inside) {}
  Result<void> run(std::string_view plugin, std::string_view job) override {
    return inside_.run_job(plugin, job);
  }

 private:
  Plugins::Inside& inside_;  // outlives this
};

class PluginEvents : public jobs::EventHandler {
 public:
  explicit PluginEvents(Plugins::Inside& inside) : inside_(inside) {}
  Result<void> handle(std::string_view plugin, const Json& event) override {
    return inside_.handle_event(plugin, event);
  }

 private:
  Plugins::Inside& inside_;  // outlives this
};

}  // namespace

void make_adapters(Plugins::Inside& inside) {
  inside.authorizer = std::make_shared<PluginAuthorizer>(inside);
  inside.action_runner = std::make_unique<PluginActions>(inside);
  inside.read_log = std::make_unique<PluginReadLog>(inside);
  inside.job_runner = std::make_unique<PluginJobs>(inside);
  inside.event_handler = std::make_unique<PluginEvents>(inside);
}

std::shared_ptr<gate::Authorizer> Plugins::authorizer() { return inside_->authorizer; }
records::ActionRunner& Plugins::action_runner() { return *inside_->action_runner; }
records::ReadLog& Plugins::read_log() { return *inside_->read_log; }

Result<void> Plugins::read_log_works() {
  if (!inside_->is_read_log_failing) return {};
  // On the disk, and not in a cache alone; the log says for how long it could not be written.
  const Json entry = Json::object({{"at", inside_->parts.clock->now_us()},
                                   {"principal", "system"},
                                   {"channel", "host"},
                                   {"type", "audit_entry"},
                                   {"action", "read_log_resumed"},
                                   {"durable", true},
                                   {"fields", Json::array()},
                                   {"records", ""}});
  return inside_->read_log->read(entry.to_string());
}
jobs::JobRunner& Plugins::job_runner() { return *inside_->job_runner; }
jobs::EventHandler& Plugins::event_handler() { return *inside_->event_handler; }

}  // namespace talon::plugins
