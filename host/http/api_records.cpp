/// One record: read, create, change, delete, act, and where it stood.
#include "host/http/api.hpp"
#include "host/http/exchange.hpp"
#include "host/http/problem.hpp"
#include "host/runtime/log.hpp"

#include <talon/expression/parse.hpp>
#include <talon/id.hpp>
#include <talon/model_lookup.hpp>
#include <talon/text.hpp>

namespace talon::http {

namespace {

constexpr std::size_t kBatchMost = 1000;

Error missing_version() {
  return {Code::FailedPrecondition, "send If-Match with the record's ETag as you read it, as in \"v3\""};
}

Error missing_key(std::string_view action) {
  return {Code::InvalidArgument,
          std::string(action) +
              " needs the header Idempotency-Key: a text of your own that is new for each "
              "intent and the same for each repeat"};
}

/// @param status  of a first answer; a replay gives the same.
Response written_response(int status, const Context& context, const records::Written& written) {
  Response response = json_response(status, written.record);
  if (written.version > 0) response.header("ETag", etag_of(written.version));
  if (written.is_replay) response.header("Idempotent-Replayed", "true");
  const Json& id = written.record["id"];
  if (status == 201 && id.is_string()) {
    response.header("Location", "/api/v1/" + context.type->plural + "/" + std::string(id.string()));
  }
  return response;
}

Response record_response(const Request& request, const Json& record) {
  const std::string etag = etag_of(record["version"].integer());
  if (request.header("If-None-Match") == etag) {
    Response same;
    same.status = 304;
    return same.header("ETag", etag);
  }
  return json_response(200, record).header("ETag", etag);
}

/// The record types whose changes are asked for. Of a misspelt one, or one that never changes by itself, the
/// feed would be silent for ever, and its token would pass by what was meant.
Result<std::vector<std::string>> feed_types(const Context& context) {
  std::vector<std::string> types = list_parameter(context.request, "types");
  for (const std::string& name : types) {
    const model::RecordType* type = context.model().find(name);
    if (type != nullptr && type->kind == model::Kind::Stored) continue;
    if (type != nullptr && type->kind == model::Kind::Child)
      return invalid(name + " has no changes of its own: ask for those of " + type->parent);
    if (type != nullptr)
      return invalid(name + " keeps no records, so that no change is told of: read it again");
    const model::RecordType* meant = context.model().find_plural(name);
    if (meant != nullptr && meant->kind == model::Kind::Stored)
      return invalid("types takes " + meant->name + ", not " + name);
    return invalid("there is no record type " + echoed(name) + "." +
                   model::suggestion(name, model::stored_types(context.model())));
  }
  return types;
}

}  // namespace

Result<Response> Api::get(Context& context) {
  TALON_DO(only_parameters(context.request, {"fields"}));
  TALON_TRY(const Json record, parts_.records->get(context.call, context.type->name, context.parameters[0],
                                                   list_parameter(context.request, "fields")));
  return record_response(context.request, record);
}

Result<Response> Api::create(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  if (context.type->needs_key && context.call.idempotency_key.empty()) return missing_key("create");
  TALON_TRY(const Json body, body_of(context.request));
  TALON_TRY(const records::Written written, parts_.records->create(context.call, context.type->name, body));
  return written_response(201, context, written);
}

Result<Response> Api::change(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const int64_t version, version_in(context.request));
  if (version < 0) return problem(428, missing_version(), context.request.id);
  TALON_TRY(const Json body, body_of(context.request));
  TALON_TRY(const records::Written written,
            parts_.records->change(context.call, context.type->name, context.parameters[0], version, body));
  return written_response(200, context, written);
}

Result<Response> Api::remove(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const int64_t version, version_in(context.request));
  if (version < 0) return problem(428, missing_version(), context.request.id);
  TALON_DO(parts_.records->remove(context.call, context.type->name, context.parameters[0], version));
  Response response;
  response.status = 204;
  return response;
}

Result<Response> Api::act(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  const model::Action* action = context.type->find_action(context.route->action);
  TALON_CHECK(action != nullptr);
  if (action->needs_key && context.call.idempotency_key.empty()) return missing_key(action->name);
  TALON_TRY(const int64_t version, version_in(context.request));
  TALON_TRY(const Json input, body_of(context.request));
  const std::string id = action->is_on_type ? std::string() : context.parameters[0];
  TALON_TRY(const records::Written written,
            parts_.records->act(context.call, context.type->name, id, action->name, version, input));
  follow_action(*context.type, action->name);
  return written_response(200, context, written);
}

void Api::follow_action(const model::RecordType& type, std::string_view action) {
  // Who is signed out is out on the next request.
  if (type.plugin == "host") parts_.sessions->invalidate();
  if (parts_.mailer != nullptr && action == "send_link") parts_.mailer->wake();
  if (parts_.removal == nullptr || type.name != "user" || action != "remove") return;
  // The person is out in any case; what is left is taken away by the next housekeeping.
  if (const auto finished = parts_.removal->finish(); !finished)
    runtime::log().warn("removal.unfinished", {{"reason", finished.error().message}});
}

Json Api::batch_item(Context& context, const Json& item, std::size_t index) {
  gate::Call call = context.call;
  if (!call.idempotency_key.empty()) call.idempotency_key += "/" + std::to_string(index);
  const std::string& type = context.type->name;
  const std::string_view op = item["op"].string();
  const std::string_view id = item["id"].string();
  const int64_t version = item["version"].integer(-1);
  const auto run = [&]() -> Result<records::Written> {
    if (op == "create") {
      if (context.type->needs_key && call.idempotency_key.empty()) return missing_key("create");
      return parts_.records->create(call, type, item["body"]);
    }
    if (op == "change") {
      if (version < 1) return missing_version();
      return parts_.records->change(call, type, id, version, item["body"]);
    }
    if (op == "delete") {
      if (version < 1) return missing_version();
      TALON_DO(parts_.records->remove(call, type, id, version));
      return records::Written{};
    }
    if (op != "act") return invalid("\"op\" is create, change, delete or act");
    const model::Action* action = context.type->find_action(item["action"].string());
    if (action == nullptr) return not_found("there is no such action");
    if (action->needs_key && call.idempotency_key.empty()) return missing_key(action->name);
    auto acted = parts_.records->act(call, type, id, action->name, version, item["input"]);
    if (acted) follow_action(*context.type, action->name);
    return acted;
  };
  const auto written = run();
  if (!written) {
    const Response refusal = problem(written.error(), context.request.id);
    const auto body = Json::parse(refusal.body);
    return Json::object({{"status", refusal.status}, {"problem", body ? *body : Json()}});
  }
  const int status = op == "create" ? 201 : op == "delete" ? 204 : 200;
  Json result = Json::object({{"status", status}});
  if (op != "delete") result.set("record", written->record).set("etag", etag_of(written->version));
  if (written->is_replay) result.set("replayed", true);
  return result;
}

Result<Response> Api::batch(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const Json body, body_of(context.request));
  const Json& items = body.is_array() ? body : body["items"];
  if (!items.is_array() || items.items().empty() || items.items().size() > kBatchMost) {
    return invalid(
        "the body is a list (or {\"items\": […]}) of 1 to 1000 of {\"op\", \"id\", \"version\", \"body\"…}");
  }
  Json results = Json::array();
  for (std::size_t i = 0; i < items.items().size(); ++i)
    results.push(batch_item(context, items.items()[i], i));
  return json_response(
      200, body.is_array() ? std::move(results) : Json::object({{"results", std::move(results)}}));
}

Result<Response> Api::history(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const Json entries,
            parts_.records->history(context.call, context.type->name, context.parameters[0]));
  return json_response(200, entries.is_array() ? Json::object({{"items", entries}}) : entries);
}

Result<Response> Api::by_external(Context& context) {
  TALON_DO(only_parameters(context.request, {"fields"}));
  const auto equals = [](std::string_view field, std::string_view text) {
    expression::Expression comparison;
    comparison.kind = expression::Expression::Kind::Compare;
    comparison.path = field;
    comparison.operand.kind = expression::Operand::Kind::Literal;
    comparison.operand.text = text;
    return comparison;
  };
  expression::Expression both;
  both.kind = expression::Expression::Kind::All;
  both.children = {equals("external_system", context.parameters[0]),
                   equals("external_id", context.parameters[1])};
  records::QueryRequest query;
  query.type = context.type->name;
  query.fields = {"id"};
  query.where = expression::print(both);
  query.limit = 1;
  int64_t found = 0;
  records::QuerySink sink;
  sink.columns = [](const std::vector<records::Column>&) -> Result<void> { return {}; };
  sink.row = [&](Row row) -> Result<void> {
    found = row[0].integer();
    return {};
  };
  TALON_DO(parts_.records->query(context.call, query, sink));
  if (found == 0) return not_found("no such record");
  TALON_TRY(const Json record,
            parts_.records->get(context.call, context.type->name, id_text(context.type->prefix, found),
                                list_parameter(context.request, "fields")));
  return record_response(context.request, record);
}

Result<Response> Api::changes(Context& context) {
  TALON_DO(only_parameters(context.request, {"after", "types", "limit"}));
  TALON_TRY(const std::vector<std::string> types, feed_types(context));
  TALON_TRY(const int64_t limit, number_parameter(context.request, "limit", 1, 1000, 500));
  const std::string* after = context.request.parameter("after");
  const std::string_view place = after == nullptr ? std::string_view() : std::string_view(*after);
  TALON_TRY(const Json page, parts_.records->changes(context.call, place, types, limit));
  return json_response(200, page);
}

Result<Response> Api::events(Context& context) {
  TALON_DO(only_parameters(context.request, {"types"}));
  TALON_DO(hub_.has_room(context.call.principal));
  EventHub::Listener listener;
  listener.call = context.call;
  listener.call.channel = "event";
  listener.session_token = context.token;
  TALON_TRY(listener.types, feed_types(context));
  listener.epoch = parts_.sessions->epoch();
  listener.feed_token = context.request.header("Last-Event-ID");
  bool is_reset = false;
  if (!listener.feed_token.empty()) {
    // A place that this principal's feed does not know: from here on, and the client reads everything again.
    const auto known = parts_.records->changes(listener.call, listener.feed_token, listener.types, 1);
    is_reset = !known || (*known)["reset"].boolean();
    if (is_reset) listener.feed_token.clear();
  }
  if (listener.feed_token.empty()) {
    TALON_TRY(const Json now, parts_.records->changes(listener.call, {}, listener.types, 1));
    listener.feed_token = now["next"].string();
  }
  Response response;
  response.header("Content-Type", "text/event-stream").header("X-Accel-Buffering", "no");
  response.push = [this, listener = std::move(listener),
                   is_reset](std::shared_ptr<PushStream> stream) mutable {
    std::string hello = "retry: 2000\n";
    if (is_reset)
      hello += "event: reset\nid: " + listener.feed_token + "\ndata: {}\n";
    else
      hello += "event: ready\nid: " + listener.feed_token + "\ndata: {}\n";
    stream->send(hello + "\n");
    listener.stream = std::move(stream);
    hub_.add(std::move(listener));
  };
  return response;
}

}  // namespace talon::http
