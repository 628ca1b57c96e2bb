/// The OpenAPI document's paths: generic ones of each record type, actions, and the host's own.
#include "host/model/openapi.hpp"

#include "host/model/manifest.hpp"

#include <algorithm>
#include <initializer_list>

namespace talon::model {

namespace {

Json reference(std::string_view kind, std::string_view name) {
  return Json::object({{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}});
}

Json parameter(std::string_view name, std::string_view in, std::string_view words, Json schema) {
  Json out =
      Json::object({{"name", name}, {"in", in}, {"description", words}, {"schema", std::move(schema)}});
  if (in == "path") out.set("required", true);
  return out;
}

Json text_schema() { return Json::object({{"type", "string"}}); }

Json content(std::string_view type, Json schema) {
  return Json::object({{std::string(type), Json::object({{"schema", std::move(schema)}})}});
}

Json body(Json schema) {
  return Json::object({{"required", true}, {"content", content("application/json", std::move(schema))}});
}

Json answer(std::string_view words, Json schema) {
  return Json::object({{"description", words}, {"content", content("application/json", std::move(schema))}});
}

/// An operation with its good answer and the problems that it can meet.
Json operation(std::string_view id, std::string_view summary, std::string_view status, Json good,
               std::initializer_list<std::string_view> problems) {
  Json responses = Json::object({{std::string(status), std::move(good)}});
  for (const std::string_view problem : problems)
    responses.set(std::string(problem), reference("responses", "Problem"));
  return Json::object({{"operationId", id}, {"summary", summary}, {"responses", std::move(responses)}});
}

Json no_content(std::string_view words) { return Json::object({{"description", words}}); }

class Paths {
 public:
  explicit Paths(const Model& model) : model_(model) {}

  Json all() {
    for (const RecordType& type : model_.types) {
      if (type.kind == Kind::Stored || type.kind == Kind::View) add_type(type);
    }
    add_host();
    add_tokens_and_reports();
    add_plugin_control();
    return std::move(paths_);
  }

 private:
  bool has_base(const RecordType& type, std::string_view action) const {
    return std::find(type.base_actions.begin(), type.base_actions.end(), action) != type.base_actions.end();
  }

  void add_type(const RecordType& type) {
    tag_ = type.name;
    const std::string base = "/" + type.plural;
    Json list = Json::object(
        {{"items", Json::object({{"type", "array"}, {"items", reference("schemas", type.name)}})},
         {"next", Json::object({{"type", Json::array({"string", "null"})}})},
         {"total", Json::object({{"type", "integer"}})}});
    Json get =
        operation("list_" + type.plural, "The records that the caller may see, a page at a time", "200",
                  answer("A page.", Json::object({{"type", "object"}, {"properties", std::move(list)}})),
                  {"400", "401", "403"});
    Json parameters = Json::array();
    for (const char* name : {"Where", "Fields", "Order", "Limit", "Cursor", "Include"}) {
      parameters.push(reference("parameters", name));
    }
    get.set("parameters", std::move(parameters));
    add(base, "get", std::move(get));
    if (type.kind == Kind::View) return;
    if (has_base(type, "create")) {
      Json post = operation("create_" + type.name, "Creates a record", "201",
                            answer("The record; its ETag is its version.", reference("schemas", type.name)),
                            {"400", "401", "403", "409", "422"});
      post.set("requestBody", body(reference("schemas", type.name + "_create")));
      const char* key = type.needs_key ? "IdempotencyKeyRequired" : "IdempotencyKey";
      post.set("parameters", Json::array({reference("parameters", key)}));
      add(base, "post", std::move(post));
    }
    if (has_base(type, "create") || has_base(type, "edit")) {
      Json batch = operation("batch_" + type.plural, "Up to 1,000 changes, a result each", "200",
                             answer("One result for each item, in order.", Json::object({{"type", "array"}})),
                             {"400", "401", "403"});
      batch.set("requestBody", body(Json::object({{"type", "array"}, {"maxItems", 1000}})));
      add(base + "/batch", "post", std::move(batch));
    }
    add_record(type, base + "/{id}");
    if (type.find_field("external_system") != nullptr && type.find_field("external_id") != nullptr) {
      Json by_key =
          operation("get_" + type.name + "_by_external", "The record that another system knows by `key`",
                    "200", answer("The record.", reference("schemas", type.name)), {"401", "404"});
      by_key.set("parameters",
                 Json::array({parameter("source", "path", "The other system's name.", text_schema()),
                              parameter("key", "path", "Its key there.", text_schema())}));
      add(base + "/by-external/{source}/{key}", "get", std::move(by_key));
    }
    for (const Action& action : type.actions) {
      if (!is_right_alone(action)) add_action(type, action);
    }
  }

  void add_record(const RecordType& type, const std::string& path) {
    const auto with_id = [](Json made) {
      return made.set("parameters", Json::array({reference("parameters", "Id")}));
    };
    add(path, "get",
        with_id(operation("get_" + type.name, "One record", "200",
                          answer("The record; its ETag is its version.", reference("schemas", type.name)),
                          {"401", "404"})));
    add(path + "/history", "get",
        with_id(operation(
            "history_of_" + type.name, "Who changed what and when, as far as the caller may see it", "200",
            answer("{\"items\": the changes, the newest first}.", Json::object({{"type", "object"}})),
            {"401", "404"})));
    if (has_base(type, "edit") && !type.is_append_only) {
      Json patch = operation("change_" + type.name, "Changes the fields that are given", "200",
                             answer("The record after it.", reference("schemas", type.name)),
                             {"400", "401", "403", "404", "409", "412", "422", "428"});
      patch.set("requestBody", body(reference("schemas", type.name + "_change")));
      patch.set("parameters",
                Json::array({reference("parameters", "Id"), reference("parameters", "IfMatch")}));
      add(path, "patch", std::move(patch));
    }
    if (has_base(type, "delete") && !type.is_append_only) {
      Json remove = operation("delete_" + type.name, "Deletes the record", "204", no_content("It is gone."),
                              {"401", "403", "404", "409", "412", "428"});
      remove.set("parameters",
                 Json::array({reference("parameters", "Id"), reference("parameters", "IfMatch")}));
      add(path, "delete", std::move(remove));
    }
  }

  void add_action(const RecordType& type, const Action& action) {
    const auto label = action.label.find("en");
    Json post = operation(
        action.name + "_" + type.name, label != action.label.end() ? label->second : action.name, "200",
        answer("The record after it, or the action's own answer.", Json::object({{"type", "object"}})),
        {"400", "401", "403", "404", "409", "412", "422"});
    Json parameters = Json::array();
    if (!action.is_on_type)
      parameters.push(reference("parameters", "Id")).push(reference("parameters", "IfMatchOptional"));
    if (action.needs_key) parameters.push(reference("parameters", "IdempotencyKeyRequired"));
    if (!parameters.items().empty()) post.set("parameters", std::move(parameters));
    if (!action.input.empty()) {
      Json properties = Json::object();
      Json required = Json::array();
      for (const Field& field : action.input) {
        properties.set(field.name, field_schema(field));
        if (field.is_required && field.initial.empty()) required.push(field.name);
      }
      Json schema = Json::object(
          {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}});
      if (!required.items().empty()) schema.set("required", std::move(required));
      post.set("requestBody", body(std::move(schema)));
    }
    add("/" + type.plural + (action.is_on_type ? "/actions/" : "/{id}/") + action.name, "post",
        std::move(post));
  }

  void add_host() {
    const Json object = Json::object({{"type", "object"}});
    tag_ = "session";
    Json sign_in = operation("sign_in", "Signs in with e-mail and password", "201",
                             answer("The session.", object), {"400", "401", "429"});
    const Json credentials = Json::object({{"email", text_schema()},
                                           {"password", text_schema()},
                                           {"code", text_schema()},
                                           {"second_factor", text_schema()},
                                           {"cookie", Json::object({{"type", "boolean"}})}});
    sign_in.set("requestBody", body(Json::object({{"type", "object"},
                                                  {"properties", credentials},
                                                  {"required", Json::array({"email", "password"})}})));
    sign_in.set("security", Json::array());
    add("/session", "post", std::move(sign_in));
    add_sign_in_by_others();
    add("/session", "delete",
        operation("sign_out", "Ends the session", "204", no_content("It has ended."), {"401"}));
    add("/me", "get",
        operation("me", "The signed-in user, with roles", "200", answer("The user.", object), {"401"}));
    tag_ = "access";
    for (const auto& [name, words] : std::initializer_list<std::pair<const char*, const char*>>{
             {"check", "Up to 500 questions at once: may I do this?"},
             {"explain", "Why a user can or cannot do something: the rule, its file and line"},
             {"plan", "What a caller may see of a type, as a filter"}}) {
      Json post = operation("access_" + std::string(name), words, "200",
                            answer("The answer.", Json::object()), {"400", "401", "403"});
      post.set("requestBody", body(Json::object()));
      add("/access/" + std::string(name), "post", std::move(post));
    }
    tag_ = "changes";
    Json changes = operation("changes", "What changed since a token, in the order of commits", "200",
                             answer("With `reset`, read everything again.", object), {"400", "401"});
    const Json types = parameter("types", "query", "Record types, with commas.", text_schema());
    const Json limit = parameter("limit", "query", "1 to 1000.", Json::object({{"type", "integer"}}));
    changes.set("parameters",
                Json::array({parameter("after", "query", "The last `next`.", text_schema()), types, limit}));
    add("/changes", "get", std::move(changes));
    Json stream = operation("events", "Changes as they happen (server-sent events)", "200",
                            Json::object({{"description", "A stream."},
                                          {"content", content("text/event-stream", text_schema())}}),
                            {"400", "401"});
    const Json last = parameter("Last-Event-ID", "header", "Goes on after it.", text_schema());
    stream.set("parameters", Json::array({last, types}));
    add("/events", "get", std::move(stream));
    tag_ = "plugins";
    add("/plugins", "get",
        operation("plugins", "The plugins and how they are", "200",
                  answer("The plugins.", Json::object({{"type", "array"}})), {"401", "403"}));
    for (const Command& command : model_.commands) {
      const auto label = command.label.find("en");
      Json post =
          operation("command_" + command.plugin + "_" + command.name,
                    label != command.label.end() ? label->second : command.name, "200",
                    Json::object({{"description", "The command's output."}}), {"400", "401", "403", "404"});
      post.set("requestBody", body(object));
      add("/plugins/" + command.plugin + "/commands/" + command.name, "post", std::move(post));
    }
  }

  /// A browser is sent to a provider and comes back; nobody has signed in yet.
  void add_sign_in_by_others() {
    const Json object = Json::object({{"type", "object"}});
    const auto open = [&](const std::string& path, Json get) {
      add(path, "get", get.set("security", Json::array()));
    };
    open("/session/ways", operation("sign_in_ways", "The ways to sign in beside a password", "200",
                                    answer("The ways.", object), {"503"}));
    const Json plugin = parameter("plugin", "path", "The login plugin.", text_schema());
    Json with = operation("sign_in_with", "Sends the browser to a provider", "303", no_content("Go there."),
                          {"400", "404", "429", "503"});
    with.set("parameters",
             Json::array({plugin, parameter("to", "query", "A path of ours for the end.", text_schema()),
                          parameter("again", "query", "yes: show anew who you are.", text_schema())}));
    open("/session/with/{plugin}", std::move(with));
    Json back = operation("sign_in_return", "Where the provider sends the browser back to", "303",
                          no_content("Signed in."), {"400", "401", "404", "429", "503"});
    open("/session/with/{plugin}/return", back.set("parameters", Json::array({plugin})));
  }

  void add_tokens_and_reports() {
    const Json object = Json::object({{"type", "object"}});
    tag_ = "session";
    Json issue = operation("issue_token", "Issues an API token; its text is shown once", "201",
                           answer("The token.", object), {"400", "401", "403"});
    issue.set("requestBody", body(object));
    add("/me/tokens", "post", std::move(issue));
    Json revoke = operation("revoke_own_token", "Revokes a token of the caller's", "204",
                            no_content("It is revoked."), {"401", "404"});
    revoke.set("parameters", Json::array({reference("parameters", "Id")}));
    add("/me/tokens/{id}", "delete", std::move(revoke));
    Json rotate = operation("rotate_own_token", "A new token in place of one that holds for some hours more",
                            "201", answer("The new token.", object), {"400", "401", "403", "404", "409"});
    rotate.set("parameters", Json::array({reference("parameters", "Id")}));
    rotate.set("requestBody", body(object));
    add("/me/tokens/{id}/rotate", "post", std::move(rotate));
    const auto account = [&](const char* path, const char* name, const char* words, const char* status) {
      Json post =
          operation(name, words, status,
                    status == std::string_view("204") ? no_content("Done.") : answer("The answer.", object),
                    {"400", "401", "403", "409", "429"});
      post.set("requestBody", body(object));
      add(path, "post", std::move(post));
    };
    account("/session/new_password", "request_password", "Asks for a letter with a link to a new password",
            "202");
    account("/session/proof", "prove", "Shows the second factor, or the password, once more", "204");
    account("/me/second_factor", "begin_second_factor", "Begins to set a second factor up", "201");
    account("/me/second_factor/confirm", "confirm_second_factor", "Its first code; gives the recovery codes",
            "200");
    account("/me/second_factor/recovery_codes", "recovery_codes", "New recovery codes in place of the old",
            "200");
    tag_ = "reports";
    add("/reports", "get",
        operation("reports", "The reports that the caller may run", "200", answer("The reports.", object),
                  {"401", "403", "503"}));
    Json run = operation("run_report", "Runs a report; its parameters stand beside `format`", "200",
                         answer("Its rows, as JSON or CSV.", object), {"401", "403", "404", "422", "503"});
    run.set("parameters",
            Json::array({parameter("name", "path", "The report.", text_schema()),
                         parameter("format", "query", "json (without it) or csv.", text_schema())}));
    add("/reports/{name}", "get", std::move(run));
  }

  void add_plugin_control() {
    const Json object = Json::object({{"type", "object"}});
    tag_ = "plugins";
    const Json name = Json::array({parameter("name", "path", "The plugin.", text_schema())});
    Json one = operation("plugin", "One plugin and how it is", "200", answer("The plugin.", object),
                         {"401", "403", "404"});
    add("/plugins/{name}", "get", one.set("parameters", name));
    for (const char* verb : {"start", "stop", "restart"}) {
      Json post = operation(std::string(verb) + "_plugin", "To " + std::string(verb) + " a plugin", "200",
                            answer("The plugin after it.", object), {"401", "403", "404", "409"});
      add("/plugins/{name}/" + std::string(verb), "post", post.set("parameters", name));
    }
  }

  void add(const std::string& path, std::string method, Json made) {
    made.set("tags", Json::array({tag_}));
    Json item = paths_[path].is_object() ? paths_[path] : Json::object();
    item.set(std::move(method), std::move(made));
    paths_.set(path, std::move(item));
  }

  const Model& model_;
  Json paths_ = Json::object();
  std::string tag_;
};

Json parameters() {
  Json limit = Json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", 500}});
  const auto required = [](Json made) { return made.set("required", true); };
  const char* version = "The version that was read, as its ETag.";
  const char* key = "A text of the caller's; the same key gives the same answer, done once.";
  return Json::object({
      {"Id", parameter("id", "path", "The record's id.", text_schema())},
      {"Where",
       parameter("where", "query", "A condition: total > 100 EUR and state is issued", text_schema())},
      {"Fields", parameter("fields", "query", "Field paths, with commas; without it all.", text_schema())},
      {"Order", parameter("order", "query", "Field paths, with commas; - for descending.", text_schema())},
      {"Limit", parameter("limit", "query", "Records of a page.", std::move(limit))},
      {"Cursor", parameter("cursor", "query", "`next` of the page before.", text_schema())},
      {"Include", parameter("include", "query", "`total` counts all records.", text_schema())},
      {"IfMatch", required(parameter("If-Match", "header", version, text_schema()))},
      {"IfMatchOptional", parameter("If-Match", "header", version, text_schema())},
      {"IdempotencyKey", parameter("Idempotency-Key", "header", key, text_schema())},
      {"IdempotencyKeyRequired", required(parameter("Idempotency-Key", "header", key, text_schema()))},
  });
}

Json schemas(const Model& model) {
  Json out = Json::object();
  Json amount = Json::object({{"type", "string"}, {"pattern", "^-?[0-9]+(\\.[0-9]+)?$"}});
  Json currency = Json::object({{"type", "string"}, {"pattern", "^[A-Z]{3}$"}});
  out.set("Money", Json::object({{"type", "object"},
                                 {"properties", Json::object({{"amount", amount}, {"currency", currency}})},
                                 {"required", Json::array({"amount", "currency"})}}));
  Json error =
      Json::object({{"pointer", text_schema()}, {"code", text_schema()}, {"message", text_schema()}});
  Json errors =
      Json::object({{"type", "array"}, {"items", Json::object({{"type", "object"}, {"properties", error}})}});
  out.set("Problem",
          Json::object({{"type", "object"},
                        {"properties", Json::object({{"type", text_schema()},
                                                     {"title", text_schema()},
                                                     {"status", Json::object({{"type", "integer"}})},
                                                     {"detail", text_schema()},
                                                     {"code", text_schema()},
                                                     {"request_id", text_schema()},
                                                     {"retryable", Json::object({{"type", "boolean"}})},
                                                     {"errors", errors}})}}));
  for (const RecordType& type : model.types) {
    if (type.kind != Kind::Stored && type.kind != Kind::View) continue;
    out.set(type.name, type_schema(model, type, SchemaUse::Answer));
    if (type.kind == Kind::View) continue;
    out.set(type.name + "_create", type_schema(model, type, SchemaUse::Create));
    out.set(type.name + "_change", type_schema(model, type, SchemaUse::Change));
  }
  return out;
}

}  // namespace

Json openapi(const Model& model, std::string_view version) {
  Json problem =
      Json::object({{"description", "Why not (RFC 9457)."},
                    {"content", content("application/problem+json", reference("schemas", "Problem"))}});
  Json bearer = Json::object({{"type", "http"}, {"scheme", "bearer"}});
  return Json::object({
      {"openapi", "3.1.0"},
      {"info",
       Json::object({{"title", "Talon"},
                     {"version", version},
                     {"license", Json::object({{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}})}})},
      {"servers", Json::array({Json::object({{"url", "/api/v1"}})})},
      {"security", Json::array({Json::object({{"bearer", Json::array()}})})},
      {"paths", Paths(model).all()},
      {"components", Json::object({{"schemas", schemas(model)},
                                   {"parameters", parameters()},
                                   {"responses", Json::object({{"Problem", std::move(problem)}})},
                                   {"securitySchemes", Json::object({{"bearer", std::move(bearer)}})}})},
  });
}

}  // namespace talon::model
