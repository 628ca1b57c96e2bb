/// Reads change sets and API bodies into typed operations.
#include "host/records/operation.hpp"

#include "host/records/body_reader.hpp"
#include "host/records/changeset_form.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>
#include <talon/faults.hpp>
#include <talon/id.hpp>
#include <talon/pointer.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::records {

namespace {

void give_child_ids(Records::Inside& inside, Operation& operation) {
  for (ChildRows& list : operation.lists) {
    for (ChildRow& row : list.rows) {
      if (row.id == 0) row.id = inside.new_id();
    }
  }
}

Result<Operation::Kind> kind_of(std::string_view op) {
  using Kind = Operation::Kind;
  static const std::map<std::string_view, Kind> kKinds = {
      {"create", Kind::Create}, {"create_all", Kind::CreateAll}, {"change", Kind::Change},
      {"upsert", Kind::Upsert}, {"delete", Kind::Delete},        {"next", Kind::Next},
      {"guard", Kind::Guard}};
  const auto found = kKinds.find(op);
  if (found == kKinds.end()) return invalid("change set: unknown op " + echoed(op));
  return found->second;
}

Result<void> read_where(const Generation& generation, const Json& json, Operation& operation) {
  TALON_TRY(operation.where, expression::parse(json["where"].string()));
  expression::Scope scope;
  scope.model = generation.model.get();
  scope.type = operation.type->type;
  scope.internal = model::Internal::Named;  // code's, as no caller's body has conditions
  const Mistakes mistakes = expression::check(operation.where, scope, "change set");
  if (!mistakes.empty()) return invalid(mistakes.front().to_string());
  return {};
}

/// What an operation needs beside its fields: id, key, counter, condition.
Result<void> read_target(const Generation& generation, const Json& json, const BodyReader& reader,
                         Operation& operation) {
  using Kind = Operation::Kind;
  const std::string& type = operation.type->type->name;
  if (const Json* version = json.find("version")) operation.version = version->integer(-1);
  const bool is_new = operation.kind == Kind::Create || operation.kind == Kind::CreateAll;
  if (!is_new && operation.kind != Kind::Upsert) {
    operation.id = reader.read_id(json["id"], operation.type->type->prefix);
    if (operation.id == 0) return invalid("change set: " + type + " has no usable \"id\"");
  }
  for (const Json& name : json["key"].items()) {
    const int column = operation.type->column(name.string());
    if (column < 0) return invalid("change set: " + type + " has no key field " + echoed(name.string()));
    operation.key.push_back(static_cast<std::size_t>(column));
  }
  if (operation.kind == Kind::Upsert && operation.key.empty())
    return invalid("change set: upsert needs a \"key\"");
  if (operation.kind == Kind::Next) {
    const int column = operation.type->column(json["field"].string());
    if (column < 0)
      return invalid("change set: " + type + " has no counter \"" + std::string(json["field"].string()) +
                     "\"");
    operation.counter = static_cast<std::size_t>(column);
    operation.as = json["as"].string();
  }
  if (operation.kind == Kind::Next || operation.kind == Kind::Guard)
    return read_where(generation, json, operation);
  return {};
}

/// "@as" texts become ids.
Json resolve_names(const Json& json, const Generation& generation, const Operations& operations) {
  if (json.is_string() && json.string().starts_with("@")) {
    const auto found = operations.names.find(json.string().substr(1));
    if (found == operations.names.end()) return json;
    for (const Operation& operation : operations.list) {
      if (operation.id == found->second) return id_text(operation.type->type->prefix, operation.id);
    }
  }
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json.items()) list.push(resolve_names(item, generation, operations));
    return list;
  }
  if (json.is_object()) {
    Json object = Json::object();
    for (const auto& [key, value] : json.members())
      object.set(key, resolve_names(value, generation, operations));
    return object;
  }
  return json;
}

Result<void> read_events(const Generation& generation, const Json& changeset, const BodyReader& reader,
                         Operations& operations) {
  for (const Json& json : changeset["events"].items()) {
    EventRow event;
    event.event = json["event"].string();
    TALON_TRY(event.type, Records::Inside::find_type(generation, json["type"].string()));
    // Whoever hears of it is whoever may see the record.
    if (event.type->type->kind != model::Kind::Stored)
      return invalid("change set: the event " + event.event + " is about " + event.type->type->name +
                     ", which has no records of its own; name the type of a record");
    event.record = reader.read_id(json["record"], event.type->type->prefix);
    event.data = resolve_names(json["data"], generation, operations);
    operations.events.push_back(std::move(event));
  }
  return {};
}

}  // namespace

bool Operation::is_deferred() const {
  const auto deferred = [](const Setting& setting) {
    return setting.kind == Setting::Kind::Text || setting.kind == Setting::Kind::Digest;
  };
  return std::any_of(set.begin(), set.end(), deferred);
}

Result<Operations> read_operations(Records::Inside& inside, const Generation& generation,
                                   const Json& changeset, Author author, Row values) {
  TALON_DO(check_form(changeset));
  Operations operations;
  for (const Json& json : changeset["operations"].items()) {
    Operation& operation = operations.list.emplace_back();
    TALON_TRY(operation.kind, kind_of(json["op"].string()));
    TALON_TRY(operation.type, Records::Inside::find_type(generation, json["type"].string()));
    if (operation.type->type->kind != model::Kind::Stored) {
      return invalid("change set: " + operation.type->type->name + " cannot be written by itself");
    }
    if (operation.kind == Operation::Kind::Create || operation.kind == Operation::Kind::Upsert) {
      operation.id = inside.new_id();
      operation.as = json["as"].string();
      if (!operation.as.empty()) operations.names[operation.as] = operation.id;
    }
  }
  BodyReader reader(inside, generation, author, operations.names);
  for (std::size_t i = 0; i < operations.list.size(); ++i) {
    const Json& json = changeset["operations"].items()[i];
    Operation& operation = operations.list[i];
    const std::string at = "/operations/" + std::to_string(i);
    TALON_DO(read_target(generation, json, reader, operation));
    reader.read(*operation.type, json["set"], at + "/set", operation.set);
    reader.read_lists(json["lists"], at + "/lists", operation);
    if (operation.kind == Operation::Kind::CreateAll) reader.read_records(json, at, operation, values);
    give_child_ids(inside, operation);
  }
  TALON_DO(reader.finish());
  if (!values.empty()) return invalid("change set: there are values beside it that no create_all takes");
  TALON_DO(read_events(generation, changeset, reader, operations));
  operations.answer = resolve_names(changeset["answer"], generation, operations);
  return operations;
}

Result<void> read_body(Records::Inside& inside, const Generation& generation, const Json& body, Author author,
                       Operation& operation) {
  if (!body.is_object()) return invalid("the body is a JSON object of fields");
  Json fields = Json::object();
  Json lists = Json::object();
  for (const auto& [name, value] : body.members()) {
    const auto& known = operation.type->type->lists;
    const bool is_list =
        std::any_of(known.begin(), known.end(), [&](const auto& list) { return list.name == name; });
    (is_list ? lists : fields).set(name, value);
  }
  const std::map<std::string, int64_t, std::less<>> no_names;
  BodyReader reader(inside, generation, author, no_names);
  reader.read(*operation.type, fields, "", operation.set);
  reader.read_lists(lists, "", operation);
  give_child_ids(inside, operation);
  return reader.finish();
}

}  // namespace talon::records
