/// The model as JSON and back (talon/model.hpp); docs/manifest.md, "The model as JSON", has the form.
#pragma once

#include <talon/bodies.hpp>
#include <talon/model.hpp>

#include <array>

namespace talon::model {

namespace detail {

inline constexpr std::array<std::string_view, 12> kFieldTypes = {"text",  "integer",   "decimal", "money",
                                                                 "date",  "timestamp", "boolean", "choice",
                                                                 "state", "ref",       "file",    "json"};
inline constexpr std::array<std::string_view, 3> kSetBy = {"caller", "action", "host"};
inline constexpr std::array<std::string_view, 2> kFormats = {"any", "email"};
inline constexpr std::array<std::string_view, 2> kRun = {"declared", "code"};
inline constexpr std::array<std::string_view, 7> kFunctions = {"key",   "month", "year", "sum",
                                                               "count", "min",   "max"};
inline constexpr std::array<std::string_view, 4> kKinds = {"stored", "child", "view", "virtual"};
inline constexpr std::array<std::string_view, 3> kReadLogs = {"off", "on", "durable"};

/// Writes members, leaving out what is empty, zero or false: the form stays short, and reading fills the
/// default in.
class Members {
 public:
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) json_.set(std::string(name), value);
  }
  void flag(std::string_view name, bool value) {
    if (value) json_.set(std::string(name), true);
  }
  void number(std::string_view name, int64_t value) {
    if (value != 0) json_.set(std::string(name), value);
  }
  void number(std::string_view name, const std::optional<int64_t>& value) {
    if (value) json_.set(std::string(name), *value);
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty()) json_.set(std::string(name), list(values));
  }
  void label(const Label& label) {
    if (label.empty()) return;
    Json texts = Json::object();
    for (const auto& [language, words] : label) texts.set(language, words);
    json_.set("label", std::move(texts));
  }
  template <std::size_t N, typename Enum>
  void word(std::string_view name, const std::array<std::string_view, N>& words, Enum value) {
    if (value != Enum{}) json_.set(std::string(name), words[static_cast<std::size_t>(value)]);
  }
  /// An array with an object for each of `values`, made by `write`.
  template <typename T, typename Write>
  void array(std::string_view name, const std::vector<T>& values, Write write) {
    if (values.empty()) return;
    Json items = Json::array();
    for (const T& value : values) items.push(write(value));
    json_.set(std::string(name), std::move(items));
  }
  void json(std::string_view name, Json value) { json_.set(std::string(name), std::move(value)); }
  Json take() { return std::move(json_); }

  static Json list(const std::vector<std::string>& values) {
    Json items = Json::array();
    for (const std::string& value : values) items.push(value);
    return items;
  }

 private:
  Json json_ = Json::object();
};

TALON_INLINE Json write_field(const Field& field) {
  Members out;
  out.text("name", field.name);
  out.json("type", kFieldTypes[static_cast<std::size_t>(field.type)]);
  out.label(field.label);
  out.flag("required", field.is_required);
  out.flag("internal", field.is_internal);
  out.flag("personal", field.is_personal);
  out.word("by", kSetBy, field.set_by);
  out.number("scale", field.scale);
  out.number("min", field.min);
  out.number("max", field.max);
  out.texts("choices", field.choices);
  out.text("initial", field.initial);
  out.text("to", field.to);
  out.text("currency", field.currency);
  out.text("computed", field.computed);
  out.texts("groups", field.groups);
  out.text("term", field.term);
  out.word("format", kFormats, field.format);
  out.flag("one_line", field.is_one_line);
  return out.take();
}

TALON_INLINE Json write_action(const Action& action) {
  Members out;
  out.text("name", action.name);
  out.label(action.label);
  out.texts("from", action.from);
  out.text("to", action.to);
  out.word("run", kRun, action.run);
  out.flag("on_type", action.is_on_type);
  out.flag("key", action.needs_key);
  out.array("input", action.input, write_field);
  out.texts("elevates", action.elevates);
  return out.take();
}

TALON_INLINE Json write_column(const ViewColumn& column) {
  Members out;
  out.text("name", column.name);
  out.word("function", kFunctions, column.function);
  out.text("path", column.path);
  out.text("where", column.where);
  return out.take();
}

TALON_INLINE Json write_type(const RecordType& type) {
  Members out;
  out.text("name", type.name);
  out.text("plural", type.plural);
  out.text("prefix", type.prefix);
  out.text("plugin", type.plugin);
  out.label(type.label);
  out.word("kind", kKinds, type.kind);
  out.array("fields", type.fields, write_field);
  out.array("lists", type.lists, [](const ChildList& list) {
    return Json::object({{"name", list.name}, {"type", list.type}});
  });
  out.text("parent", type.parent);
  out.array("unique", type.unique, Members::list);
  out.array("indexes", type.indexes, Members::list);
  out.array("actions", type.actions, write_action);
  if (!type.frozen.when.empty()) {
    out.json("frozen",
             Json::object({{"when", type.frozen.when}, {"except", Members::list(type.frozen.except)}}));
  }
  out.texts("partner", type.partner_paths);
  out.word("read_log", kReadLogs, type.read_log);
  out.flag("append_only", type.is_append_only);
  out.flag("key", type.needs_key);
  out.flag("unjournaled", !type.is_journaled);
  out.flag("security", type.is_security);
  if (type.kind == Kind::View) {
    Members view;
    view.text("from", type.view.type);
    view.text("where", type.view.where);
    view.array("columns", type.view.columns, write_column);
    out.json("view", view.take());
  }
  out.texts("base", type.base_actions);
  return out.take();
}

/// The index of a word, 0 where the member is missing. @return InvalidArgument: another word.
template <typename Enum, std::size_t N>
Result<void> read_word(const Json& json, std::string_view name, const std::array<std::string_view, N>& words,
                       Enum& out) {
  const Json& member = json[name];
  if (member.is_null()) return {};
  for (std::size_t i = 0; i < N; ++i) {
    if (member.string() == words[i]) {
      out = static_cast<Enum>(i);
      return {};
    }
  }
  return invalid("model JSON: \"" + std::string(member.string()) + "\" is no " + std::string(name));
}

TALON_INLINE void read_label(const Json& json, Label& label) {
  for (const auto& [language, words] : json["label"].members()) label[language] = words.string();
}

TALON_INLINE std::vector<std::string> read_texts(const Json& json) {
  std::vector<std::string> texts;
  for (const Json& item : json.items()) texts.emplace_back(item.string());
  return texts;
}

TALON_INLINE Result<Field> read_field(const Json& json) {
  Field field;
  field.name = json["name"].string();
  if (field.name.empty()) return invalid("model JSON: a field has no name");
  TALON_DO(read_word(json, "type", kFieldTypes, field.type));
  read_label(json, field.label);
  field.is_required = json["required"].boolean();
  field.is_internal = json["internal"].boolean();
  field.is_personal = json["personal"].boolean();
  TALON_DO(read_word(json, "by", kSetBy, field.set_by));
  field.scale = static_cast<int>(json["scale"].integer());
  if (json["min"].is_number()) field.min = json["min"].integer();
  if (json["max"].is_number()) field.max = json["max"].integer();
  field.choices = read_texts(json["choices"]);
  field.initial = json["initial"].string();
  field.to = json["to"].string();
  field.currency = json["currency"].string();
  field.computed = json["computed"].string();
  field.groups = read_texts(json["groups"]);
  field.term = json["term"].string();
  TALON_DO(read_word(json, "format", kFormats, field.format));
  field.is_one_line = json["one_line"].boolean();
  return field;
}

TALON_INLINE Result<void> read_fields(const Json& json, std::vector<Field>& fields) {
  for (const Json& item : json.items()) {
    TALON_TRY(Field field, read_field(item));
    fields.push_back(std::move(field));
  }
  return {};
}

TALON_INLINE Result<Action> read_action(const Json& json) {
  Action action;
  action.name = json["name"].string();
  read_label(json, action.label);
  action.from = read_texts(json["from"]);
  action.to = json["to"].string();
  TALON_DO(read_word(json, "run", kRun, action.run));
  action.is_on_type = json["on_type"].boolean();
  action.needs_key = json["key"].boolean();
  TALON_DO(read_fields(json["input"], action.input));
  action.elevates = read_texts(json["elevates"]);
  return action;
}

TALON_INLINE Result<RecordType> read_type(const Json& json) {
  RecordType type;
  type.name = json["name"].string();
  if (type.name.empty()) return invalid("model JSON: a type has no name");
  type.plural = json["plural"].string();
  type.prefix = json["prefix"].string();
  type.plugin = json["plugin"].string();
  read_label(json, type.label);
  TALON_DO(read_word(json, "kind", kKinds, type.kind));
  TALON_DO(read_fields(json["fields"], type.fields));
  for (const Json& list : json["lists"].items()) {
    type.lists.push_back({std::string(list["name"].string()), std::string(list["type"].string())});
  }
  type.parent = json["parent"].string();
  for (const Json& key : json["unique"].items()) type.unique.push_back(read_texts(key));
  for (const Json& key : json["indexes"].items()) type.indexes.push_back(read_texts(key));
  for (const Json& item : json["actions"].items()) {
    TALON_TRY(Action action, read_action(item));
    type.actions.push_back(std::move(action));
  }
  type.frozen = {std::string(json["frozen"]["when"].string()), read_texts(json["frozen"]["except"])};
  type.partner_paths = read_texts(json["partner"]);
  TALON_DO(read_word(json, "read_log", kReadLogs, type.read_log));
  type.is_append_only = json["append_only"].boolean();
  type.needs_key = json["key"].boolean();
  type.is_journaled = !json["unjournaled"].boolean();
  type.is_security = json["security"].boolean();
  type.view.type = json["view"]["from"].string();
  type.view.where = json["view"]["where"].string();
  for (const Json& item : json["view"]["columns"].items()) {
    ViewColumn column;
    column.name = item["name"].string();
    TALON_DO(read_word(item, "function", kFunctions, column.function));
    column.path = item["path"].string();
    column.where = item["where"].string();
    type.view.columns.push_back(std::move(column));
  }
  type.base_actions = read_texts(json["base"]);
  return type;
}

}  // namespace detail

TALON_INLINE Json write_model(const Model& model) {
  detail::Members out;
  out.array("types", model.types, detail::write_type);
  out.array("commands", model.commands, [](const Command& command) {
    detail::Members member;
    member.text("plugin", command.plugin);
    member.text("name", command.name);
    member.label(command.label);
    member.text("right", command.right);
    member.flag("offline", command.is_offline);
    if (command.shows_records) member.text("shows", "records");
    return member.take();
  });
  out.array("jobs", model.jobs, [](const Job& job) {
    Json member = Json::object({{"plugin", job.plugin}, {"name", job.name}, {"every_ms", job.every_ms}});
    if (job.is_on_each_host) member.set("each_host", true);
    if (job.is_when_idle) member.set("idle", true);
    return member;
  });
  Json subscriptions = Json::object();
  for (const auto& [event, plugins] : model.subscriptions)
    subscriptions.set(event, detail::Members::list(plugins));
  if (!model.subscriptions.empty()) out.json("subscriptions", std::move(subscriptions));
  return out.take();
}

TALON_INLINE Result<Model> read_model(const Json& json) {
  if (!json.is_object()) return invalid("model JSON is an object");
  Model model;
  for (const Json& item : json["types"].items()) {
    TALON_TRY(RecordType type, detail::read_type(item));
    model.types.push_back(std::move(type));
  }
  for (const Json& item : json["commands"].items()) {
    Command command;
    command.plugin = item["plugin"].string();
    command.name = item["name"].string();
    detail::read_label(item, command.label);
    command.right = item["right"].string();
    command.is_offline = item["offline"].boolean();
    command.shows_records = item["shows"].string() == "records";
    model.commands.push_back(std::move(command));
  }
  for (const Json& item : json["jobs"].items()) {
    model.jobs.push_back({std::string(item["plugin"].string()), std::string(item["name"].string()),
                          item["every_ms"].integer(), item["each_host"].boolean(), item["idle"].boolean()});
  }
  for (const auto& [event, plugins] : json["subscriptions"].members()) {
    model.subscriptions[event] = detail::read_texts(plugins);
  }
  return model;
}

}  // namespace talon::model
