/// How records are asked for.
#include "tests/integration/paths/askers.hpp"

#include <algorithm>

namespace talon::paths {

namespace {

using http::Operation;
using http::Route;
using model::FieldType;

std::string query(const std::string& base, const std::string& name, std::string_view value) {
  return base + "?" + name + "=" + support::percent_encoded(value);
}

std::string base_of(const model::RecordType& type) { return "/api/v1/" + type.plural; }

std::vector<const model::Field*> fields_of(const model::RecordType& type) {
  std::vector<const model::Field*> fields;
  for (const model::Field& field : model::host_fields_of(type)) fields.push_back(&field);
  for (const model::Field& field : type.fields) fields.push_back(&field);
  return fields;
}

}  // namespace

Askers::Askers(const Town& town) : town_(town) {
  add_reading();
  add_writing();
  add_account();
  add_access();
  add_plugins();
}

const Asker* Askers::find(const Route& route) const {
  const auto found = table_.find(route.operation);
  return found == table_.end() ? nullptr : &found->second;
}

Asks Askers::besides() {
  Asks asks;
  for (const char* path : {"/", "/livez", "/readyz", "/openapi.json", "/metrics", "/nothing/here",
                           "/assets/app.js", "/api/v1/nothing", "/api/v2/invoices", "/..%2ftalon.db"})
    asks.push_back({"GET", path});
  asks.push_back({"PUT", "/api/v1/invoices"});
  return asks;
}

Asks Askers::list_about(const model::RecordType& type, Objects& objects) const {
  const std::string base = base_of(type);
  Asks asks;
  for (const model::Field* field : fields_of(type)) {
    const bool is_id = field->name == "id";
    if (field->type == FieldType::Ref) {
      const std::string where = field->name + " is " + objects.id(is_id ? type.name : field->to);
      asks.push_back({"GET", query(base, "where", where) + "&include=total"});
    } else if (takes_marker(type, *field)) {
      const std::string text = objects.text(type.name, field->name);
      asks.push_back({"GET", query(base, "where", field->name + " is \"" + text + "\"") + "&include=total"});
    }
  }
  return asks;
}

Asks Askers::list_whole(const model::RecordType& type) const {
  const std::string base = base_of(type);
  Asks asks = {{"GET", base},
               {"GET", base + "?include=total"},
               {"GET", base + "?limit=1"},
               {"GET", base + "?group=&aggregates=count"}};
  const auto sweep = [&](const std::string& path, const model::Field& field) {
    asks.push_back({"GET", query(base, "fields", path)});
    asks.push_back({"GET", query(base, "order", path) + "&include=total"});
    asks.push_back({"GET", query(base, "group", path) + "&aggregates=count&include=total"});
    asks.push_back({"GET", query(base, "where", path + " is not empty") + "&include=total"});
    const bool is_number = field.type == FieldType::Integer || field.type == FieldType::Decimal;
    if (field.type == FieldType::Money)
      asks.push_back({"GET", base + "?group=" + field.currency + "&aggregates=sum%20" + path});
    else
      asks.push_back({"GET", query(base, "aggregates", (is_number ? "sum " : "max ") + path)});
  };
  for (const model::Field* field : fields_of(type)) {
    sweep(field->name, *field);
    const model::RecordType* target = field->type == FieldType::Ref ? town_.model().find(field->to) : nullptr;
    if (target == nullptr || field->name == "id" || field->set_by == model::SetBy::Host) continue;
    for (const model::Field& linked : target->fields) {
      const std::string path = field->name + "." + linked.name;
      asks.push_back({"GET", query(base, "where", path + " is not empty") + "&include=total&fields=" + path});
    }
  }
  return asks;
}

void Askers::add_reading() {
  const auto type_of = [this](const Route& route) -> const model::RecordType& {
    return *town_.model().find(route.type);
  };
  table_[Operation::List] = {
      [this, type_of](const Route& route, Objects& objects) { return list_about(type_of(route), objects); },
      [this, type_of](const Route& route) { return list_whole(type_of(route)); }};
  table_[Operation::Get] = {[type_of](const Route& route, Objects& objects) {
    const model::RecordType& type = type_of(route);
    const std::string path = base_of(type) + "/" + objects.id(type.name);
    Asks asks = {{"GET", path},
                 {"HEAD", path},
                 {"GET", path, "", "If-None-Match: \"v1\"\r\n"},
                 {"GET", path + "?fields=id"},
                 {"GET", path + "?fields=no_such_field"},
                 {"PUT", path}};
    for (const model::Field& field : type.fields) {
      asks.push_back({"GET", path + "?fields=" + field.name});
      if (field.type == FieldType::Ref) asks.push_back({"GET", path + "?fields=" + field.name + ".name"});
    }
    return asks;
  }};
  table_[Operation::History] = {[type_of](const Route& route, Objects& objects) {
    const std::string path = base_of(type_of(route)) + "/" + objects.id(route.type) + "/history";
    return Asks{{"GET", path}, {"GET", path + "?limit=1"}};
  }};
  table_[Operation::ByExternal] = {[type_of](const Route& route, Objects& objects) {
    const std::string source = objects.text(route.type, "external_system");
    const std::string key = objects.text(route.type, "external_id");
    const std::string base = base_of(type_of(route)) + "/by-external/";
    return Asks{{"GET", base + source + "/" + key}, {"GET", base + source + "/" + key + "?fields=id"}};
  }};
  table_[Operation::Changes] = {{}, [this](const Route&) {
                                  Asks asks = {{"GET", "/api/v1/changes"},
                                               {"GET", "/api/v1/changes?limit=1"},
                                               {"GET", "/api/v1/changes?after=v1.forged"},
                                               {"GET", "/api/v1/changes?types=no_such_type"}};
                                  for (const model::RecordType& type : town_.model().types)
                                    asks.push_back({"GET", "/api/v1/changes?types=" + type.name});
                                  return asks;
                                }};
  table_[Operation::Events] = {{}, {}, "feeds_test.cpp listens to streams while the other side works"};
}

Json Askers::body_of(const model::RecordType& type, Objects& objects) const {
  Json body = Json::object();
  for (const model::Field& field : type.fields) {
    if (field.set_by != model::SetBy::Caller || field.is_internal || field.type == FieldType::State) continue;
    if (field.type == FieldType::Ref)
      body.set(field.name, objects.id(field.to));
    else if (takes_marker(type, field))
      body.set(field.name, objects.text(type.name, field.name));
    else if (field.is_required && field.type == FieldType::Date)
      body.set(field.name, "2026-11-02");
    else if (field.is_required && field.type == FieldType::Money)
      body.set(field.name, Json::object({{"amount", "1.00"}, {"currency", "EUR"}}));
    else if (field.is_required && field.type == FieldType::Choice)
      body.set(field.name, field.choices.front());
    else if (field.is_required)
      body.set(field.name, field.type == FieldType::Integer ? Json(1) : Json("1"));
  }
  return body;
}

void Askers::add_writing() {
  const auto type_of = [this](const Route& route) -> const model::RecordType& {
    return *town_.model().find(route.type);
  };
  const std::string key = "Idempotency-Key: asked\r\n";
  const std::string first = "If-Match: \"v1\"\r\n";
  const std::string stale = "If-Match: \"v999999\"\r\n";
  table_[Operation::Create] = {[this, type_of, key](const Route& route, Objects& objects) {
    const model::RecordType& type = type_of(route);
    Asks asks = {{"POST", base_of(type), body_of(type, objects).to_string(), key, true}};
    // One at a time: the first refusal must not stand before the others.
    for (const model::Field& field : type.fields) {
      if (field.type != FieldType::Ref || field.set_by != model::SetBy::Caller) continue;
      const Json body = Json::object({{field.name, objects.id(field.to)}});
      asks.push_back({"POST", base_of(type), body.to_string(), key, true});
    }
    return asks;
  }};
  table_[Operation::Change] = {[this, type_of, first, stale](const Route& route, Objects& objects) {
    const model::RecordType& type = type_of(route);
    const std::string path = base_of(type) + "/" + objects.id(type.name);
    Asks asks = {{"PATCH", path, R"({"no_such_field":1})", first},
                 {"PATCH", path, "[]", first},
                 {"PATCH", path, "{}"}};
    const Json body = body_of(type, objects);
    for (const auto& [name, value] : body.members()) {
      const std::string one = Json::object({{name, value}}).to_string();
      asks.push_back({"PATCH", path, one, first, true});
      asks.push_back({"PATCH", path, one, stale});
    }
    for (const model::ChildList& list : type.lists) {
      const Json row = Json::object({{"id", objects.id(list.type)}});
      asks.push_back(
          {"PATCH", path, Json::object({{list.name, Json::array({row})}}).to_string(), first, true});
    }
    return asks;
  }};
  table_[Operation::Delete] = {[type_of, first, stale](const Route& route, Objects& objects) {
    const std::string path = base_of(type_of(route)) + "/" + objects.id(route.type);
    return Asks{{"DELETE", path, "", first, true}, {"DELETE", path, "", stale}, {"DELETE", path}};
  }};
  table_[Operation::Act] = {[this, type_of, key, first, stale](const Route& route, Objects& objects) {
    const model::RecordType& type = type_of(route);
    const std::string path = base_of(type) + "/" + objects.id(type.name) + "/" + route.action;
    const std::string input = input_of(type, *type.find_action(route.action), objects).to_string();
    return Asks{{"POST", path, input, key, true},
                {"POST", path, input, key + first, true},
                {"POST", path, input, key + stale},
                {"POST", path, R"({"no_such_input":1})", key}};
  }};
  table_[Operation::ActOnType] = {[this, type_of, key](const Route& route, Objects& objects) {
    const model::RecordType& type = type_of(route);
    const std::string input = input_of(type, *type.find_action(route.action), objects).to_string();
    return Asks{{"POST", base_of(type) + "/actions/" + route.action, input, key, true}};
  }};
  table_[Operation::Batch] = {[this, type_of, key](const Route& route, Objects& objects) {
    const model::RecordType& type = type_of(route);
    const std::string id = objects.id(type.name);
    Json items = Json::array({Json::object({{"op", "create"}, {"body", body_of(type, objects)}})});
    for (const char* op : {"change", "delete", "act"}) {
      Json item = Json::object({{"op", op}, {"id", id}, {"version", 1}});
      if (op == std::string_view("act"))
        item.set("action", type.actions.empty() ? "none" : type.actions[0].name);
      items.push(item.set("body", Json::object()));
    }
    return Asks{{"POST", base_of(type) + "/batch", items.to_string(), key, true}};
  }};
}

}  // namespace talon::paths
