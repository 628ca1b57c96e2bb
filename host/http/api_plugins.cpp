/// Plugins: their state and commands, and the reports that one of them runs.
#include "host/http/api.hpp"
#include "host/http/exchange.hpp"
#include "host/http/spool.hpp"
#include "host/identity/store.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

namespace talon::http {

namespace {

constexpr std::string_view kReports = "reports";
constexpr std::string_view kPlugin =
    "host_plugin";  // the virtual type that rules about plugins name (identity.yaml)

Json health_json(const plugins::Health& health) {
  Json needs = Json::array();
  for (const std::string& name : health.requires_plugins) needs.push(name);
  Json offers = Json::array();
  for (const std::string& name : health.offers) offers.push(name);
  return Json::object({{"name", health.name},
                       {"version", health.version},
                       {"state", plugins::state_name(health.state)},
                       {"reason", health.reason},
                       {"mandatory", health.is_mandatory},
                       {"requires", std::move(needs)},
                       {"offers", std::move(offers)},
                       {"failures", health.failures},
                       {"in_flight", health.in_flight}});
}

/// As the audit log keeps it.
Json state_json(const plugins::Health& health) {
  return Json::object({{"version", health.version}, {"state", plugins::state_name(health.state)}});
}

}  // namespace

Result<void> Api::require(const Context& context, std::string_view type, std::string_view action) {
  const model::RecordType* found = context.model().find(type);
  if (found != nullptr && found->has_action(action)) {
    TALON_TRY(const auto decision, parts_.gate->decide(context.call.principal, action, type));
    if (decision->verdict() != gate::Decision::Verdict::Never) return {};
  }
  return denied("you may not " + std::string(action) + " here; it takes the right " + std::string(type) +
                "." + std::string(action));
}

Result<Response> Api::run_command(const Context& context, std::string_view plugin, std::string_view command,
                                  const Json& args, std::string content_type) const {
  // Kept before it is sent: a slow client holds no snapshot of the database, and an error is still an answer.
  auto spool = std::make_shared<Spool>();
  TALON_DO(parts_.plugins->run_command(&context.call, plugin, command, args,
                                       [&](std::string_view text) { return spool->add(text); }));
  Response response;
  response.header("Content-Type", std::move(content_type));
  if (spool->is_in_memory())
    response.body = spool->take();
  else
    response.pieces = [spool] { return spool->next(); };
  return response;
}

Result<Response> Api::reports(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  if (parts_.plugins == nullptr) return unavailable("no plugins are running");
  return run_command(context, kReports, "list", Json::object(), "application/json");
}

Result<std::string> Api::reading_language(const Context& context) const {
  if (!context.request.header("Accept-Language").empty()) return language_of(context.request);
  const gate::Principal& reader = context.call.principal;
  const int64_t user = reader.simulated_by != 0 ? reader.simulated_by : reader.user;
  TALON_TRY(const auto found,
            identity::find_one(*parts_.records, "user", {"language"}, "id is " + id_text("usr", user)));
  return std::string(found.empty() || found[0].is_null() ? "en" : found[0].text());
}

Result<Response> Api::report(Context& context) {
  if (parts_.plugins == nullptr) return unavailable("no plugins are running");
  Json parameters = Json::object();
  std::string format = "json";
  for (const auto& [name, value] : context.request.query) {
    if (name == "format")
      format = value;
    else if (parameters.find(name) != nullptr)
      return invalid("the parameter " + echoed(name) + " stands twice");
    else
      parameters.set(name, value);
  }
  if (format != "json" && format != "csv") return invalid("format is json or csv");
  context.call.channel = "report";
  const std::string& name = context.parameters[0];
  TALON_TRY(const std::string language, reading_language(context));
  const Json args = Json::object(
      {{"name", name}, {"params", std::move(parameters)}, {"format", format}, {"language", language}});
  TALON_TRY(Response response, run_command(context, kReports, "run", args,
                                           format == "csv" ? "text/csv; charset=utf-8" : "application/json"));
  if (format == "csv") {
    std::string plain;
    for (const char c : name)
      plain.push_back(c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-');
    response.header("Content-Disposition", "attachment; filename=\"" + plain + ".csv\"");
  }
  return response;
}

Result<Response> Api::list_plugins(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_DO(require(context, kPlugin, "list"));
  if (parts_.plugins == nullptr) return unavailable("no plugins are running");
  return json_response(200, Json::object({{"items", parts_.plugins->list()}}));
}

Result<Response> Api::plugin(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_DO(require(context, kPlugin, "list"));
  if (parts_.plugins == nullptr) return unavailable("no plugins are running");
  TALON_TRY(const plugins::Health health, parts_.plugins->find(context.parameters[0]));
  return json_response(200, health_json(health));
}

Result<Response> Api::control_plugin(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  const std::string& action = context.route->action;
  TALON_DO(require(context, kPlugin, action));
  if (parts_.plugins == nullptr) return unavailable("no plugins are running");
  const std::string& name = context.parameters[0];
  Result<void> outcome;
  const auto before = parts_.plugins->find(name);
  if (action == "start") outcome = parts_.plugins->start(name);
  if (action == "stop") outcome = parts_.plugins->stop(name);
  if (action == "restart") outcome = parts_.plugins->restart(name);
  const auto health = parts_.plugins->find(name);
  Json content = Json::object({{"plugin", name}, {"ok", static_cast<bool>(outcome)}});
  if (before) content.set("before", state_json(*before));
  if (health) content.set("after", state_json(*health));
  if (!outcome) content.set("why", outcome.error().message);
  TALON_DO(parts_.records->note(context.call, {.kind = "system",
                                               .type = std::string(kPlugin),
                                               .action = "plugin." + action,
                                               .content = std::move(content)}));
  if (!outcome) return std::move(outcome).error();
  if (!health) return health.error();
  return json_response(200, health_json(*health));
}

Result<Response> Api::command(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  if (parts_.plugins == nullptr) return unavailable("no plugins are running");
  TALON_TRY(const Json args, body_of(context.request));
  if (!args.is_object()) return invalid("a command's body is a JSON object");
  // A plugin reads with its own rights; what the caller points it at is the caller's to see. Whoever may not
  // run the command asks nothing by it.
  TALON_DO(parts_.plugins->may_run(context.call, context.parameters[0], context.parameters[1]));
  TALON_DO(parts_.records->judge_references(context.call, args));
  auto ran = run_command(context, context.parameters[0], context.parameters[1], args, "application/json");
  if (parts_.mailer != nullptr) parts_.mailer->wake();  // the command may have written a letter
  return ran;
}

Result<Response> Api::openapi(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  if (!parts_.openapi) return Error{Code::Unimplemented, "this server describes itself nowhere"};
  std::shared_ptr<const std::string> text;
  {
    const std::lock_guard lock(mutex_);
    if (!description_ || described_ != &context.model()) {
      description_ = std::make_shared<const std::string>(parts_.openapi(context.model()));
      described_ = &context.model();
    }
    text = description_;
  }
  Response response;
  response.header("Content-Type", "application/json").header("Cache-Control", "no-cache");
  response.body = *text;
  return response;
}

}  // namespace talon::http
