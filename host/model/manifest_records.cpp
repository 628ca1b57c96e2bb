/// Record types of a manifest: records with their child lists and actions, and views.
#include "host/config/text.hpp"
#include "host/model/manifest_parts.hpp"

#include <algorithm>

namespace talon::model {

namespace {

using config::in_quotes;
using config::MapReader;
using config::Report;

/// `unique` or `indexes`: lists of fields.
void read_keys(MapReader& reader, std::string_view word, std::vector<std::vector<std::string>>& unique) {
  const Node* keys = reader.sequence(word);
  if (keys == nullptr) return;
  for (const Node& key : keys->items) {
    std::vector<std::string>& fields = unique.emplace_back();
    for (const Node& field : key.items) {
      if (field.is_scalar()) fields.push_back(field.text);
    }
    if (!key.is_sequence() || fields.empty() || fields.size() != key.items.size()) {
      reader.report().mistake(key, "a key is a list of fields, as in [[series, number]]");
      unique.pop_back();
    }
  }
}

/// A prefix of ids: three to five small letters.
void read_prefix(MapReader& reader, std::string& prefix) {
  reader.require("prefix");
  reader.text("prefix", prefix);
  const bool is_good = prefix.size() >= 3 && prefix.size() <= 5 &&
                       std::all_of(prefix.begin(), prefix.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!prefix.empty() && !is_good) {
    reader.report().mistake(*reader.root().find("prefix"),
                            in_quotes(prefix) + " is no prefix: three to five small letters");
  }
}

void read_plural(MapReader& reader, const RecordType& type, std::string& plural) {
  reader.require("plural");
  const Node* node = reader.node("plural");
  if (node == nullptr) return;
  plural = node->text;
  if (!check_name(reader.report(), *node, "a plural")) return;
  if (plural == type.name) {
    reader.report().mistake(*node,
                            "the plural names the table and the route, so it differs from the type's name");
  }
}

/// The child type of a list, with a table of its own.
void read_list(Report& report, const Node& name, const Node& node, RecordType& parent, Manifest& out) {
  check_name(report, name, "a list");
  MapReader reader(report, node, "list " + in_quotes(name.text));
  RecordType child;
  child.kind = Kind::Child;
  child.plugin = out.name;
  child.parent = parent.name;
  reader.require("of");
  if (const Node* of = reader.node("of")) {
    child.name = of->text;
    check_name(report, *of, "a record type");
  }
  read_label(reader, child.name, child.label);
  read_plural(reader, child, child.plural);
  read_prefix(reader, child.prefix);
  child.fields = read_fields(reader, "fields", FieldPlace::Child);
  read_keys(reader, "unique", child.unique);
  read_keys(reader, "indexes", child.indexes);
  reader.finish();
  parent.lists.push_back({name.text, child.name});
  out.types.push_back(std::move(child));
}

void read_frozen(MapReader& parent, Freeze& frozen) {
  const Node* node = parent.map("frozen");
  if (node == nullptr) return;
  MapReader reader(parent.report(), *node, "\"frozen\"");
  reader.require("when");
  reader.text("when", frozen.when);
  reader.texts("except", frozen.except);
  reader.finish();
}

Action read_action(Report& report, const Node& name, const Node& node) {
  Action action;
  action.name = name.text;
  check_name(report, name, "an action");
  const auto& base = base_action_names();
  if (std::find(base.begin(), base.end(), name.text) != base.end()) {
    report.mistake(name,
                   in_quotes(name.text) + " is an action that every type has; give this one another name");
  }
  MapReader reader(report, node, "action " + in_quotes(name.text));
  read_label(reader, name.text, action.label);
  reader.texts("from", action.from);
  reader.text("to", action.to);
  if (reader.word("run", {"code"})) action.run = Run::Code;
  action.is_on_type = reader.word("on", {"type"}).has_value();
  action.needs_key = reader.word("key", {"required"}).has_value();
  reader.texts("elevates", action.elevates);
  action.input = read_fields(reader, "input", FieldPlace::Input);
  if (action.is_on_type && (!action.from.empty() || !action.to.empty())) {
    report.mistake(name, "an action on the type has no record, so it has no \"from\" and \"to\"");
  }
  reader.finish();
  return action;
}

ViewColumn read_column(Report& report, const Node& name, const Node& node) {
  static const std::vector<std::string> functions = {"key", "month", "year", "sum", "count", "min", "max"};
  ViewColumn column;
  column.name = name.text;
  check_name(report, name, "a column");
  MapReader reader(report, node, "column " + in_quotes(name.text));
  int found = 0;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (!reader.has(functions[i])) {
      reader.node(functions[i]);
      continue;
    }
    ++found;
    column.function = static_cast<ViewColumn::Function>(i);
    reader.text(functions[i], column.path);
  }
  if (found != 1)
    report.mistake(name,
                   "a column has one of key, month, year, sum, count, min and max, as in {sum: net_total}");
  if (column.function == ViewColumn::Function::Count) {
    if (column.path != "all") report.mistake(node, "count is written as {count: all}");
    column.path.clear();
  }
  reader.text("where", column.where);
  if (column.is_key() && !column.where.empty())
    report.mistake(*node.find("where"), "only an aggregate has \"where\"");
  reader.finish();
  return column;
}

}  // namespace

std::vector<Action> read_actions(MapReader& reader) {
  std::vector<Action> actions;
  const Node* map = reader.map("actions");
  if (map == nullptr) return actions;
  for (const auto& [name, node] : map->entries) actions.push_back(read_action(reader.report(), name, node));
  return actions;
}

void read_record(Report& report, const Node& name, const Node& node, Manifest& out) {
  RecordType type;
  type.name = name.text;
  type.plugin = out.name;
  check_name(report, name, "a record type");
  MapReader reader(report, node, "record " + in_quotes(name.text));
  const bool is_virtual = reader.word("kind", {"stored", "virtual"}).value_or(0) == 1;
  type.kind = is_virtual ? Kind::Virtual : Kind::Stored;
  read_label(reader, name.text, type.label);
  if (is_virtual) {
    type.plural = type.name;
  } else {
    read_plural(reader, type, type.plural);
    read_prefix(reader, type.prefix);
    type.base_actions = base_action_names();
    reader.texts("base", type.base_actions);
    reader.texts("partner", type.partner_paths);
    if (const auto log = reader.word("read_log", {"off", "on", "durable"}))
      type.read_log = static_cast<ReadLog>(*log);
    reader.boolean("append_only", type.is_append_only);
    type.needs_key = reader.word("key", {"required"}).has_value();
    reader.boolean("security", type.is_security);
    read_keys(reader, "unique", type.unique);
    read_keys(reader, "indexes", type.indexes);
    reader.boolean("journal", type.is_journaled);
    read_frozen(reader, type.frozen);
  }
  type.fields = read_fields(reader, "fields", FieldPlace::Record);
  type.actions = read_actions(reader);
  const Node* lists = is_virtual ? nullptr : reader.map("lists");
  const std::size_t at = out.types.size();
  out.types.emplace_back();  // the parent stands before its children
  if (lists != nullptr) {
    for (const auto& [list, child] : lists->entries) read_list(report, list, child, type, out);
  }
  reader.finish();
  out.types[at] = std::move(type);
}

void read_view(Report& report, const Node& name, const Node& node, Manifest& out) {
  RecordType type;
  type.name = name.text;
  type.kind = Kind::View;
  type.plugin = out.name;
  type.base_actions = {"view", "export"};
  check_name(report, name, "a view");
  MapReader reader(report, node, "view " + in_quotes(name.text));
  read_label(reader, name.text, type.label);
  read_plural(reader, type, type.plural);
  reader.texts("partner", type.partner_paths);
  if (const auto log = reader.word("read_log", {"off", "on", "durable"}))
    type.read_log = static_cast<ReadLog>(*log);
  reader.require("from");
  reader.text("from", type.view.type);
  reader.text("where", type.view.where);
  reader.require("columns");
  if (const Node* columns = reader.map("columns")) {
    for (const auto& [column, source] : columns->entries) {
      type.view.columns.push_back(read_column(report, column, source));
    }
  }
  reader.finish();
  out.types.push_back(std::move(type));
}

}  // namespace talon::model
