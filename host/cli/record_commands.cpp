/// `talon record`: records of any type over the generic routes.
#include "host/cli/checks.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/values.hpp"

#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>

namespace talon::cli {

namespace {

struct RecordArguments {
  std::string type;
  std::string id;
  std::string action;
  std::string where;
  std::string fields;
  std::string order;
  std::string cursor;
  std::string file;
  std::string if_match;
  std::string key;
  int limit = 50;
  bool wants_total = false;
  std::vector<std::string> assignments;
};

/// What the server offers, asked once a command.
struct Api {
  Client client;
  Json openapi;
  std::string route;  ///< "/invoices"
};

/// @param id  of the record that is asked for; empty: none.
Result<Api> open(Session& session, const std::string& type, const std::string& id = {}) {
  TALON_TRY(Client client, session.connect());
  TALON_TRY(const Answer answer, client.send({.path = "/openapi.json"}));
  TALON_TRY(Json openapi, Json::parse(answer.body));
  TALON_TRY(std::string route, find_route(openapi, type));
  if (!id.empty())
    session.asked = type + " \"" + id + "\" (a record is named by its id, which talon record list shows)";
  return Api{std::move(client), std::move(openapi), std::move(route)};
}

/// A key of this run, so that a repeated request of the network's does nothing twice.
std::string fresh_key() {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::random_device random;
  std::string key = "cli-";
  for (int i = 0; i < 32; ++i) key.push_back(kDigits[random() % 16]);
  return key;
}

Result<Json> read_body(const RecordArguments& args, const Json& schema) {
  if (args.file.empty()) return body_of(schema, args.assignments);
  std::stringstream text;
  if (args.file == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream file(args.file);
    if (!file) return not_found("there is no file " + args.file);
    text << file.rdbuf();
  }
  TALON_TRY(Json body, Json::parse(text.str()));
  if (!body.is_object()) return invalid(args.file + " holds no JSON object");
  TALON_TRY(const Json more, body_of(schema, args.assignments));
  for (const auto& [name, value] : more.members()) body.set(name, value);
  return body;
}

const Json& schema_of(const Api& api, const std::string& path, std::string_view method) {
  const Json& body =
      api.openapi["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"];
  return resolved(api.openapi, body);
}

Result<Json> list(Session& session, const RecordArguments& args) {
  TALON_TRY(Api api, open(session, args.type));
  Request request{.path = api.route, .query = {{"limit", std::to_string(args.limit)}}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) request.query.emplace_back(name, value);
  };
  add("where", args.where);
  add("fields", args.fields);
  add("order", args.order);
  add("cursor", args.cursor);
  if (args.wants_total) add("include", "total");
  TALON_TRY(const Answer answer, api.client.send(request));
  return Json::parse(answer.body);
}

Result<Json> get(Session& session, const RecordArguments& args, const std::string& below) {
  TALON_TRY(Api api, open(session, args.type, args.id));
  TALON_TRY(const Answer answer,
            api.client.send({.path = api.route + "/" + percent_encoded(args.id) + below}));
  return Json::parse(answer.body);
}

Result<Json> create(Session& session, const RecordArguments& args) {
  TALON_TRY(Api api, open(session, args.type));
  TALON_TRY(Json body, read_body(args, schema_of(api, api.route, "post")));
  TALON_TRY(const Answer answer,
            api.client.send({.method = "POST",
                             .path = api.route,
                             .headers = {{"Idempotency-Key", args.key.empty() ? fresh_key() : args.key}},
                             .body = std::move(body)}));
  return Json::parse(answer.body);
}

/// The version to change: --if-match, or the one that is there now.
Result<std::string> version_of(Api& api, const RecordArguments& args) {
  if (!args.if_match.empty()) {
    return args.if_match.front() == '"' ? args.if_match : "\"" + args.if_match + "\"";
  }
  TALON_TRY(const Answer answer, api.client.send({.path = api.route + "/" + percent_encoded(args.id)}));
  return answer.etag;
}

Result<Json> change(Session& session, const RecordArguments& args, bool is_removal) {
  TALON_TRY(Api api, open(session, args.type, args.id));
  TALON_TRY(const std::string version, version_of(api, args));
  Request request{.method = is_removal ? "DELETE" : "PATCH",
                  .path = api.route + "/" + percent_encoded(args.id),
                  .headers = {{"If-Match", version}}};
  if (!is_removal) {
    TALON_TRY(request.body, read_body(args, schema_of(api, api.route + "/{id}", "patch")));
  }
  TALON_TRY(const Answer answer, api.client.send(request));
  if (answer.body.empty()) return Json();
  return Json::parse(answer.body);
}

Result<Json> act(Session& session, const RecordArguments& args) {
  const bool is_on_type = args.action.empty();  // `do TYPE ACTION`: the one word is the action
  TALON_TRY(Api api, open(session, args.type, is_on_type ? std::string() : args.id));
  const std::string& action = is_on_type ? args.id : args.action;
  const std::string below = api.route + (is_on_type ? "/actions/" : "/{id}/");
  const std::string known = below + action;
  TALON_DO(find_action(api.openapi, args.type, below, action));
  const std::string path =
      is_on_type ? known : api.route + "/" + percent_encoded(args.id) + "/" + percent_encoded(action);
  TALON_TRY(Json body, read_body(args, schema_of(api, known, "post")));
  Request request{.method = "POST",
                  .path = path,
                  .headers = {{"Idempotency-Key", args.key.empty() ? fresh_key() : args.key}},
                  .body = std::move(body)};
  if (!args.if_match.empty()) {
    TALON_TRY(const std::string version, version_of(api, args));
    request.headers.emplace_back("If-Match", version);
  }
  TALON_TRY(const Answer answer, api.client.send(request));
  if (answer.body.empty()) return Json();
  return Json::parse(answer.body);
}

}  // namespace

void add_record_commands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("record", "Records of any type");
  group->require_subcommand(1);
  group->fallthrough();
  const auto args = std::make_shared<RecordArguments>();
  using Run = std::function<Result<Json>()>;
  const auto add = [&](const char* name, const char* words, Run run) {
    CLI::App* command = group->add_subcommand(name, words);
    command->add_option("type", args->type, "A record type or its plural")->required();
    command->callback([&session, run = std::move(run)] {
      session.action = [&session, run] {
        const auto answer = run();
        return answer ? session.show(*answer) : session.fail(answer.error());
      };
    });
    return command;
  };
  const auto add_id = [&](CLI::App* command) {
    command->add_option("id", args->id, "The record's id")->required();
  };
  const auto add_body = [&](CLI::App* command) {
    command->add_option("--set", args->assignments, "FIELD=VALUE; money as \"12.30 EUR\"; empty clears");
    command->add_option("--file", args->file, "A JSON object, or - for standard input");
    command->add_option("--key", args->key, "Idempotency key; else a fresh one");
  };
  const auto add_version = [&](CLI::App* command) {
    command->add_option("--if-match", args->if_match, "The version that was read");
  };
  CLI::App* lists =
      add("list", "The records that you may see", [&session, args] { return list(session, *args); });
  lists->add_option("--where", args->where, "A condition: gross_total > 100 EUR and state is issued");
  lists->add_option("--fields", args->fields,
                    "Field paths, with commas: number,client.name; else all that you may see");
  lists->add_option("--order", args->order, "Field paths, with commas; - for descending");
  lists->add_option("--limit", args->limit, "Records of a page")->check(CLI::Range(1, 500));
  lists->add_option("--cursor", args->cursor, "The next page");
  lists->add_flag("--total", args->wants_total, "Counts them all");
  add_id(add("get", "One record", [&session, args] { return get(session, *args, ""); }));
  add_id(add("history", "Who changed what and when",
             [&session, args] { return get(session, *args, "/history"); }));
  add_body(add("create", "Creates a record", [&session, args] { return create(session, *args); }));
  CLI::App* update =
      add("update", "Changes fields", [&session, args] { return change(session, *args, false); });
  add_id(update);
  add_body(update);
  add_version(update);
  CLI::App* removal =
      add("delete", "Deletes a record", [&session, args] { return change(session, *args, true); });
  add_id(removal);
  add_version(removal);
  CLI::App* action = add("do", "Runs an action: do TYPE ID ACTION, or do TYPE ACTION for one on the type",
                         [&session, args] { return act(session, *args); });
  action->add_option("id", args->id, "The record's id, or the action")->required();
  action->add_option("action", args->action, "The action");
  add_body(action);
  add_version(action);
}

}  // namespace talon::cli
