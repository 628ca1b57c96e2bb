/// Reads change sets and API bodies into typed operations.
#include "host/records/operation.hpp"

#include "host/model/field_value.hpp"
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

class BodyReader {
 public:
  BodyReader(Records::Inside& inside, const Generation& generation, Author author,
             const std::map<std::string, int64_t, std::less<>>& names)
      : inside_(inside), generation_(generation), author_(author), names_(names) {}

  void read(const TypeInfo& type, const Json& fields, const std::string& pointer, std::vector<Setting>& set) {
    set.reserve(fields.members().size());
    for (const auto& [name, json] : fields.members()) {
      if (type.type->kind == model::Kind::Child && name == "id") continue;
      const std::string at = pointer_below(pointer, name);
      const int column = type.column(name);
      if (column < 0) {
        faults_.add(at, "unknown_field",
                    type.type->name + " has no field " + echoed(name) + suggestion(type, name));
        continue;
      }
      const model::Field& field = *type.columns[static_cast<std::size_t>(column)];
      if (field.set_by == model::SetBy::Host ||
          (author_ == Author::Caller && (field.set_by == model::SetBy::Action || field.is_internal ||
                                         field.type == model::FieldType::State))) {
        faults_.add(at, "not_settable", echoed(name) + " cannot be set here; it is set by an action");
        continue;
      }
      Setting setting;
      setting.column = static_cast<std::size_t>(column);
      setting.pointer = at;
      if (!read_value(field, json, setting)) continue;
      // People are one by their address, however it is written: in policies, at sign-in and as a key.
      if (type.type->name == "user" && name == "email" && setting.value.is_text())
        setting.value = Value(lower_case(setting.value.text()));
      set.push_back(std::move(setting));
    }
  }

  void read_lists(const Json& lists, const std::string& pointer, Operation& operation) {
    for (const auto& [name, rows] : lists.members()) {
      const TypeInfo* child = nullptr;
      for (const model::ChildList& list : operation.type->type->lists) {
        if (list.name == name) child = generation_.find(list.type);
      }
      const std::string at = pointer_below(pointer, name);
      if (child == nullptr || !rows.is_array()) {
        faults_.add(at, "unknown_list",
                    operation.type->type->name + " has no list " + echoed(name) + " of rows");
        continue;
      }
      ChildRows& out = operation.lists.emplace_back();
      out.type = child;
      for (std::size_t i = 0; i < rows.items().size(); ++i) {
        const Json& row = rows.items()[i];
        const std::string row_at = at + "/" + std::to_string(i);
        if (!row.is_object()) {
          faults_.add(row_at, "not_an_object", "a row is an object of fields");
          continue;
        }
        ChildRow& child_row = out.rows.emplace_back();
        if (const Json* id = row.find("id")) child_row.id = read_id(*id, child->type->prefix);
        child_row.is_named = child_row.id != 0;
        read(*child, row, row_at, child_row.set);
      }
    }
  }

  /// An id as text, as "@as" of an earlier create, or raw; 0 when it is none of these.
  int64_t read_id(const Json& json, std::string_view prefix) const {
    if (json.is_number()) return author_ == Author::Code ? json.integer() : 0;
    const std::string_view text = json.string();
    if (!text.empty() && text[0] == '@') {
      const auto found = names_.find(text.substr(1));
      return found == names_.end() ? 0 : found->second;
    }
    const auto id = parse_id(text, prefix);
    return id ? *id : 0;
  }

  Result<void> finish() const { return faults_.outcome(); }

 private:
  static std::string suggestion(const TypeInfo& type, const std::string& name) {
    std::vector<std::string> names;
    for (const model::Field* field : type.columns) names.push_back(field->name);
    for (const model::ChildList& list : type.type->lists) names.push_back(list.name);
    const std::string near = model::nearest(name, names);
    return near.empty() ? std::string() : ". Did you mean \"" + near + "\"?";
  }

  bool read_value(const model::Field& field, const Json& json, Setting& setting) {
    if (author_ == Author::Code && json.is_object()) {
      if (const Json* text = json.find("$text")) {
        setting.kind = Setting::Kind::Text;
        setting.text = text->string();
        return true;
      }
      if (const Json* digest = json.find("$sha256")) {
        setting.kind = Setting::Kind::Digest;
        setting.text = digest->string();
        return true;
      }
    }
    if (field.type == model::FieldType::Ref && json.is_string() && json.string().starts_with("@")) {
      const int64_t id = read_id(json, {});
      if (id == 0)
        faults_.add(setting.pointer, "unknown_name",
                    "no earlier operation is called " + std::string(json.string()));
      setting.value = id;
      return id != 0;
    }
    if (field.type == model::FieldType::Money && !json.is_null() && !json.is_number()) {
      setting.kind = Setting::Kind::Amount;
      setting.json = json;
      return true;
    }
    model::ReadOptions options;
    options.allow_raw = author_ == Author::Code;
    auto value = model::read_field(*generation_.model, field, json, options);
    if (!value) {
      faults_.add_value(setting.pointer, "invalid_value", value.error().message);
      return false;
    }
    setting.value = *std::move(value);
    return true;
  }

  Records::Inside& inside_;
  const Generation& generation_;
  Author author_;
  const std::map<std::string, int64_t, std::less<>>& names_;
  Faults faults_;
};

void give_child_ids(Records::Inside& inside, Operation& operation) {
  for (ChildRows& list : operation.lists) {
    for (ChildRow& row : list.rows) {
      if (row.id == 0) row.id = inside.new_id();
    }
  }
}

Result<Operation::Kind> kind_of(std::string_view op) {
  using Kind = Operation::Kind;
  static const std::map<std::string_view, Kind> kKinds = {{"create", Kind::Create}, {"change", Kind::Change},
                                                          {"upsert", Kind::Upsert}, {"delete", Kind::Delete},
                                                          {"next", Kind::Next},     {"guard", Kind::Guard}};
  const auto found = kKinds.find(op);
  if (found == kKinds.end()) return invalid("change set: unknown op " + echoed(op));
  return found->second;
}

Result<void> read_where(const Generation& generation, const Json& json, Operation& operation) {
  TALON_TRY(operation.where, expression::parse(json["where"].string()));
  expression::Scope scope;
  scope.model = generation.model.get();
  scope.type = operation.type->type;
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
  if (operation.kind != Kind::Create && operation.kind != Kind::Upsert) {
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
                                   const Json& changeset, Author author) {
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
    give_child_ids(inside, operation);
  }
  TALON_DO(reader.finish());
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
