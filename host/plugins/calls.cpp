/// Calls that the host's upper rooms make: commands, jobs, events, sign-in, documents.
#include "host/plugins/inside.hpp"
#include "host/plugins/shown_lines.hpp"

#include <talon/boundary.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::plugins {

namespace {

using boundary::StringWriter;
using boundary::text;

/// A `talon_writer` over a Sink; keeps why the sink took no more.
class SinkWriter : public talon_writer {
 public:
  explicit SinkWriter(const Plugins::Sink& sink)
      : talon_writer{sizeof(talon_writer), nullptr, &take}, sink_(sink) {
    self = this;
  }
  SinkWriter(const SinkWriter&) = delete;
  SinkWriter& operator=(const SinkWriter&) = delete;
  const Result<void>& outcome() const { return outcome_; }

 private:
  static talon_status take(void* self, const char* data, uint64_t size) {
    auto& writer = *static_cast<SinkWriter*>(self);
    return boundary::guarded(nullptr, [&]() -> Result<void> {
      if (writer.outcome_) writer.outcome_ = writer.sink_(std::string_view(data, size));
      return writer.outcome_;
    });
  }

  const Plugins::Sink& sink_;
  Result<void> outcome_;
};

}  // namespace

Result<CommandSpec> Plugins::Inside::command(std::string_view plugin, std::string_view command) {
  TALON_TRY(const Lease instance, lease(plugin, From::Made));
  const Spec& spec = instance->spec();
  for (const CommandSpec& known : spec.commands) {
    if (known.name == command) return known;
  }
  return not_found("the plugin " + spec.name + " has no command " + echoed(command));
}

Result<void> Plugins::Inside::run_command(const gate::Call* call, std::string_view plugin,
                                          std::string_view command, const Json& args, const Sink& out,
                                          From from) {
  TALON_TRY(const CommandSpec known, this->command(plugin, command));
  if (call == nullptr || !known.shows_records) return send_command(call, plugin, command, args, out, from);
  records::Records* records = services.records.load();
  if (records == nullptr) return unavailable("the host has not started yet");
  ShownLines lines(*records, *call, command, out);
  TALON_DO(send_command(
      call, plugin, command, args, [&](std::string_view piece) { return lines.take(piece); }, from));
  return lines.finish();
}

Result<void> Plugins::Inside::send_command(const gate::Call* call, std::string_view plugin,
                                           std::string_view command, const Json& args, const Sink& out,
                                           From from) {
  const std::string json = args.is_null() ? std::string("{}") : args.to_string();
  SinkWriter writer(out);
  const WorkingFor working(call);
  const Result<void> ran = this->call(
      plugin, TALON_COMMANDS_V1, Threads::Serial,
      [&](const void* table, void* self, const talon_writer* error) {
        const auto* commands = static_cast<const talon_commands_v1*>(table);
        return commands->run(self, HostTables::wrap(call), text(command), text(json), &writer, error);
      },
      from);
  if (!writer.outcome()) return writer.outcome();
  return ran;
}

Result<void> Plugins::run_command(const gate::Call* call, std::string_view plugin, std::string_view command,
                                  const Json& args, const Sink& out) {
  if (call != nullptr) {
    TALON_DO(may_run(*call, plugin, command));
    return inside_->run_command(call, plugin, command, args, out, Inside::From::Started);
  }
  TALON_TRY(const CommandSpec known, inside_->command(plugin, command));
  if (!known.is_offline) return failed_precondition(known.name + " needs a running server");
  return inside_->run_command(nullptr, plugin, command, args, out, Inside::From::Made);
}

Result<void> Plugins::may_run(const gate::Call& call, std::string_view plugin, std::string_view command) {
  TALON_TRY(const CommandSpec known, inside_->command(plugin, command));
  gate::Gate* gate = inside_->gate.load();
  if (gate == nullptr) return unavailable("the host has not started yet");
  const std::string right = known.right.empty() ? known.name : known.right;
  TALON_TRY(const auto decision, gate->decide(call.principal, right, plugin));
  if (decision->verdict() == gate::Decision::Verdict::Never)
    return denied("you may not " + right + " with " + std::string(plugin));
  return gate->require_proof(call.principal, right, plugin);
}

Result<void> Plugins::Inside::run_job(std::string_view plugin, std::string_view job) {
  return call(plugin, TALON_JOBS_V1, Threads::Serial,
              [&](const void* table, void* self, const talon_writer* error) {
                return static_cast<const talon_jobs_v1*>(table)->run(self, text(job), error);
              });
}

Result<void> Plugins::Inside::handle_event(std::string_view plugin, const Json& event) {
  const std::string json = event.to_string();
  return call(plugin, TALON_EVENTS_V1, Threads::Serial,
              [&](const void* table, void* self, const talon_writer* error) {
                return static_cast<const talon_events_v1*>(table)->handle(self, text(json), error);
              });
}

Result<void> Plugins::run_job(std::string_view plugin, std::string_view job) {
  return inside_->run_job(plugin, job);
}
Result<void> Plugins::handle_event(std::string_view plugin, const Json& event) {
  return inside_->handle_event(plugin, event);
}

Result<std::string> Plugins::Inside::login(std::string_view plugin, const Json& request) {
  const std::string json = request.to_string();
  StringWriter answer;
  TALON_DO(call(plugin, TALON_LOGIN_V1, Threads::Any,
                [&](const void* table, void* self, const talon_writer* error) {
                  return static_cast<const talon_login_v1*>(table)->verify(self, text(json), &answer, error);
                }));
  if (!answer.text.starts_with('{')) return std::move(answer.text);
  // Who vouches for somebody is what the host saw, whatever the plugin writes.
  TALON_TRY(Json claim, Json::parse(answer.text));
  return claim.set("plugin", plugin).to_string();
}

Result<std::string> Plugins::verify_login(const Json& credentials) {
  Error last{Code::Unauthenticated, "the sign-in failed"};
  bool knows_whom = false;
  for (const std::string& name : inside_->offering(TALON_LOGIN_V1)) {
    auto verified = inside_->login(name, credentials);
    if (verified) return verified;
    // A source that is down or slow must be told from a wrong password, unless another one says yes.
    if (verified.error().code != Code::Unauthenticated) last = verified.error();
    if (last.code != Code::Unauthenticated || verified.error().details.empty() || knows_whom) continue;
    // Among refusals the one that knows why, and best of whom, for the audit log.
    last = verified.error();
    const auto details = Json::parse(last.details);
    knows_whom = details && !(*details)["user"].string().empty();
  }
  return last;
}

Result<Json> Plugins::login(std::string_view plugin, const Json& step) {
  const std::vector<std::string> known = inside_->offering(TALON_LOGIN_V1);
  if (std::find(known.begin(), known.end(), plugin) == known.end())
    return not_found("there is no login plugin " + echoed(plugin));
  TALON_TRY(const std::string answer, inside_->login(plugin, step));
  return Json::parse(answer);
}

std::vector<std::string> Plugins::login_plugins() const { return inside_->offering(TALON_LOGIN_V1); }

std::vector<std::string> Plugins::document_owners() const { return inside_->offering(TALON_CHECKER_V1); }

Result<Mistakes> Plugins::check_documents(std::string_view plugin, const std::vector<Document>& documents,
                                          const model::Model& model) {
  const std::string json = write_documents(documents);
  const std::string types = model::write_model(model).to_string();
  StringWriter found;
  TALON_DO(inside_->call(
      plugin, TALON_CHECKER_V1, Threads::Serial,
      [&](const void* table, void* self, const talon_writer*) {
        return static_cast<const talon_checker_v1*>(table)->check(self, text(json), text(types), &found);
      },
      Inside::From::Made));
  return read_mistakes(found.text);
}

Result<std::string> Plugins::documents_in_force(std::string_view plugin) {
  StringWriter set;
  TALON_DO(inside_->call(plugin, TALON_CHECKER_V1, Threads::Any,
                         [&](const void* table, void* self, const talon_writer* error) -> talon_status {
                           const auto* checker = static_cast<const talon_checker_v1*>(table);
                           return TALON_HAS(checker, in_force) ? checker->in_force(self, &set, error)
                                                               : TALON_OK;
                         }));
  return set.text;
}

Result<Mistakes> Plugins::load_documents(std::string_view plugin, const std::string& documents,
                                         const model::Model& model, std::function<std::string()> again) {
  const std::lock_guard turn(inside_->life_cycle);  // a swap meanwhile would take over the old documents
  const std::string types = model::write_model(model).to_string();
  StringWriter found;
  TALON_DO(inside_->call(
      plugin, TALON_CHECKER_V1, Threads::Serial,
      [&](const void* table, void* self, const talon_writer*) {
        return static_cast<const talon_checker_v1*>(table)->load(self, text(documents), text(types), &found);
      },
      Inside::From::Made));
  TALON_TRY(Mistakes mistakes, read_mistakes(found.text));
  if (!mistakes.empty()) return mistakes;
  Spec spec;
  {
    const std::unique_lock lock(inside_->registry);
    Slot& slot = inside_->slots.find(plugin)->second;
    slot.documents = std::move(again);
    slot.model = types;
    spec = slot.spec;
  }
  inside_->tell_authorizer_changed(spec);
  return mistakes;
}

}  // namespace talon::plugins
