/// Reads one stream of a mapping, in or out.
#include "stream_reader.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace talon::sync {
namespace {

class StreamReader {
 public:
  StreamReader(const Node& node, const StreamScope& scope, Report& report)
      : node_(node), scope_(scope), report_(report) {}

  Stream read() {
    NodeReader reader(node_, "a stream", report_);
    stream_.place = node_.place;
    stream_.name = reader.required_text("name");
    stream_.hash = text_hash(plain_json(node_).to_string());
    stream_.is_out = reader.word("direction", {"in", "out"}, 0) == 1;
    if (stream_.is_out) {
      read_push(reader, scope_, report_, stream_);
      return std::move(stream_);
    }
    read_target(reader);
    read_source(reader);
    read_cursor(reader);
    stream_.depends_on = reader.texts("depends_on");
    check_names(stream_.depends_on);
    const FieldScope fields{scope_.model, type_, scope_.types};
    if (const Node* map = reader.require("map")) stream_.fields = read_fields(*map, fields, report_);
    if (const Node* lists = reader.find("lists")) read_lists(*lists);
    if (const Node* deletes = reader.find("deletes")) read_deletes(*deletes, fields);
    if (const Node* rejects = reader.find("rejects")) {
      NodeReader limits(*rejects, "rejects", report_);
      stream_.rejects_max = limits.integer("max_rows", 0, 0, 1000000);
    }
    add_dependencies();
    collect_columns(reader);
    read_filter(reader);
    check_required();
    return std::move(stream_);
  }

 private:
  void read_target(NodeReader& reader) {
    const Node* target = reader.require("target");
    if (target == nullptr) return;
    NodeReader entry(*target, "target", report_);
    stream_.type = entry.required_text("type");
    stream_.key_fields = entry.texts("key");
    if (stream_.key_fields.empty()) stream_.key_fields = {"external_system", "external_id"};
    type_ = scope_.model->find(stream_.type);
    const model::RecordType* ref = scope_.model->find("sync_ref");
    std::vector<std::string> targets;
    for (const model::Field& field : ref != nullptr ? ref->fields : std::vector<model::Field>()) {
      if (field.type == model::FieldType::Ref) targets.push_back(field.to);
    }
    if (std::find(targets.begin(), targets.end(), stream_.type) == targets.end()) {
      report_.add(target->place, "connectors cannot write \"" + stream_.type + "\", only " + listed(targets) +
                                     suggestion(stream_.type, targets));
      type_ = nullptr;
    }
    if (type_ == nullptr) return;
    const bool is_unique =
        std::find(type_->unique.begin(), type_->unique.end(), stream_.key_fields) != type_->unique.end();
    if (!is_unique) {
      std::string keys;
      for (const auto& key : type_->unique) keys += (keys.empty() ? "" : " or ") + listed(key);
      report_.add(target->place, listed(stream_.key_fields) + " is not a unique key of " + stream_.type +
                                     "; it has " + keys);
    }
  }

  void read_source(NodeReader& reader) {
    const Node* source = reader.require("source");
    if (source == nullptr) return;
    NodeReader entry(*source, "source", report_);
    stream_.key = entry.required_text("key");
    if (const Node* columns = entry.find("columns")) {
      for (const auto& [name, path] : columns->entries) stream_.columns.push_back({name.text, path.text});
    }
    stream_.source = Json::object();
    if (scope_.driver == "odbc") {
      for (const char* key : {"table", "query"}) {
        if (const std::string text = entry.text(key); !text.empty()) stream_.source.set(key, text);
      }
      if (stream_.source.members().size() != 1)
        report_.add(source->place, "source needs one of `table:` and `query:`");
      return;
    }
    stream_.source.set("path", entry.required_text("path"));
    stream_.source.set("records", entry.text("records", "$[*]"));
    for (const char* key : {"query", "pagination"}) {
      if (const Node* found = entry.find(key)) stream_.source.set(key, plain_json(*found));
    }
    if (const Json* pagination = stream_.source.find("pagination"); pagination != nullptr) {
      Json typed = *pagination;
      for (const char* key : {"size", "first"}) {
        if (const auto number = Json::parse((*pagination)[key].string()); number && number->is_number())
          typed.set(key, *number);
      }
      stream_.source.set("pagination", std::move(typed));
    }
  }

  void read_cursor(NodeReader& reader) {
    stream_.page_rows = reader.integer("page_rows", 1000, 1, 20000);
    const Node* cursor = reader.find("cursor");
    if (cursor == nullptr) return;
    NodeReader entry(*cursor, "cursor", report_);
    stream_.cursor = entry.required_text("field");
    stream_.since_query = entry.text("since_query");
    stream_.lookback_us = entry.duration("lookback", 0);
    stream_.settle_s = entry.duration("settle", 0) / 1000000;
    if (scope_.driver == "http" && stream_.since_query.empty()) {
      report_.add(cursor->place,
                  "a cursor over HTTP needs `since_query:`, the parameter that carries the lower bound");
    }
  }

  void read_lists(const Node& lists) {
    for (const auto& [name, node] : lists.entries) {
      ListMap list;
      list.name = name.text;
      const model::RecordType* child = nullptr;
      for (const model::ChildList& known :
           type_ != nullptr ? type_->lists : std::vector<model::ChildList>()) {
        if (known.name == list.name) child = scope_.model->find(known.type);
      }
      if (type_ != nullptr && child == nullptr)
        report_.add(name.place, stream_.type + " has no list \"" + list.name + "\"");
      if (child != nullptr) list.type = child->name;
      NodeReader entry(node, "the list " + list.name, report_);
      list.from = entry.text("from");
      list.join = entry.text("join");
      list.order = entry.text("order");
      list.source = Json::object();
      for (const char* key : {"table", "query"}) {
        if (const std::string text = entry.text(key); !text.empty()) list.source.set(key, text);
      }
      if (list.from.empty() == list.source.members().empty()) {
        report_.add(node.place,
                    "a list comes `from:` a column with a list, or from a `table:` or `query:` with `join:` "
                    "and `order:`");
      }
      if (!list.source.members().empty() && (list.join.empty() || list.order.empty())) {
        report_.add(node.place,
                    "a list from a table needs `join:` (the column with the parent's key) and `order:`");
      }
      const FieldScope fields{scope_.model, child, scope_.types};
      if (const Node* map = entry.require("map")) list.fields = read_fields(*map, fields, report_);
      add_columns(list.fields, list.columns);
      for (FieldMap& field : list.fields) {
        const auto column = std::find(list.columns.begin(), list.columns.end(), field.from);
        if (column != list.columns.end())
          field.column = static_cast<std::size_t>(column - list.columns.begin());
      }
      stream_.lists.push_back(std::move(list));
    }
  }

  void read_deletes(const Node& node, const FieldScope& scope) {
    NodeReader entry(node, "deletes", report_);
    Deletes& deletes = stream_.deletes;
    deletes.mode = static_cast<Deletes::Mode>(entry.word("mode", {"none", "soft_flag", "key_diff"}, 0));
    deletes.column = entry.text("column");
    deletes.every_us = entry.duration("every", 0);
    deletes.rows_max = entry.integer("max_rows", 1000, 0, 1000000);
    deletes.percent_max = entry.integer("max_percent", 10, 0, 100);
    if (const Node* set = entry.find("set")) deletes.set = read_fields(*set, scope, report_);
    for (const FieldMap& field : deletes.set) {
      if (field.kind != FieldMap::Kind::Const)
        report_.add(field.place, "deletes set constants, as in {const: no}");
    }
    if (deletes.mode == Deletes::Mode::SoftFlag && deletes.column.empty()) {
      report_.add(node.place, "deletes by soft_flag need `column:`");
    }
    if (deletes.mode != Deletes::Mode::None && deletes.set.empty()) {
      report_.add(node.place,
                  "deletes need `set:`, the fields that mark a record as gone; records are never removed");
    }
  }

  void check_names(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (scope_.types->count(name) == 0)
        report_.add(node_.place, "depends_on names \"" + name + "\", which is no stream here");
    }
  }

  /// What a stream refers to runs before it.
  void add_dependencies() {
    const auto add = [&](const std::vector<FieldMap>& fields) {
      for (const FieldMap& field : fields) {
        if (field.kind != FieldMap::Kind::Ref || scope_.types->count(field.stream) == 0) continue;
        if (field.stream != stream_.name) stream_.depends_on.push_back(field.stream);
      }
    };
    add(stream_.fields);
    for (const ListMap& list : stream_.lists) add(list.fields);
  }

  /// Columns are what the mapping reads: named once in `columns:`, or by their own name or path.
  void collect_columns(NodeReader& reader) {
    std::vector<std::string> names = {stream_.key};
    add_columns(stream_.fields, names);
    if (!stream_.cursor.empty()) names.push_back(stream_.cursor);
    if (!stream_.deletes.column.empty()) names.push_back(stream_.deletes.column);
    for (const ListMap& list : stream_.lists) {
      if (!list.from.empty()) names.push_back(list.from);
    }
    for (const std::string& name : names) {
      if (name.empty() || stream_.column(name) < stream_.columns.size()) continue;
      if (scope_.driver == "http" && !name.starts_with("$")) {
        report_.add(reader.place(),
                    "column \"" + name + "\" is no path; write $." + name + ", or give it one in `columns:`");
      }
      stream_.columns.push_back({name, name});
    }
    for (FieldMap& field : stream_.fields) {
      if (!field.from.empty()) field.column = stream_.column(field.from);
    }
  }

  /// The filter speaks of columns; each is a text.
  void read_filter(NodeReader& reader) {
    stream_.filter_text = reader.text("filter");
    const Node* node = node_.find("filter");
    if (stream_.filter_text.empty() || node == nullptr) return;
    auto tree = expression::parse(stream_.filter_text, node->place);
    if (!tree) {
      report_.add(node->place, tree.error().message);
      return;
    }
    // A filter may name a column that nothing maps; only a database says whether it is there.
    expression::each_comparison(*tree, [&](const expression::Expression& compare) {
      if (scope_.driver == "odbc" && stream_.column(compare.path) == stream_.columns.size())
        stream_.columns.push_back({compare.path, compare.path});
    });
    model::RecordType rows;
    rows.name = stream_.name;
    for (const Column& column : stream_.columns) {
      model::Field field;
      field.name = column.name;
      rows.fields.push_back(std::move(field));
    }
    expression::Scope scope;
    scope.model = scope_.model;
    scope.type = &rows;
    const Mistakes mistakes = expression::check(*tree, scope, report_.file());
    for (const Mistake& mistake : mistakes) report_.add(mistake.place, mistake.message);
    if (!mistakes.empty()) return;
    std::vector<std::string> slots;
    stream_.filter = expression::Program::compile(*tree, slots);
    for (const std::string& slot : slots) stream_.filter_columns.push_back(stream_.column(slot));
  }

  /// A required field without a value on its own must be mapped; so must the key's.
  void check_required() {
    if (type_ == nullptr) return;
    const auto is_mapped = [&](const std::string& name) {
      return std::any_of(stream_.fields.begin(), stream_.fields.end(),
                         [&](const FieldMap& map) { return map.field == name; });
    };
    for (const std::string& key : stream_.key_fields) {
      if (!is_mapped(key)) report_.add(node_.place, "the key's field \"" + key + "\" is not mapped");
    }
    for (const model::Field& field : type_->fields) {
      if (field.is_required && field.initial.empty() && !is_mapped(field.name)) {
        report_.add(node_.place, stream_.type + " needs \"" + field.name + "\", which is not mapped");
      }
    }
  }

  const Node& node_;
  const StreamScope& scope_;
  Report& report_;
  const model::RecordType* type_ = nullptr;
  Stream stream_;
};

}  // namespace

Json plain_json(const Node& node) {
  if (node.is_map()) {
    Json object = Json::object();
    for (const auto& [key, value] : node.entries) object.set(key.text, plain_json(value));
    return object;
  }
  if (node.is_sequence()) {
    Json list = Json::array();
    for (const Node& item : node.items) list.push(plain_json(item));
    return list;
  }
  return node.kind == Node::Kind::Null ? Json() : Json(node.text);
}

std::string text_hash(std::string_view text) {
  uint64_t hash = 1469598103934665603U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::array<char, 20> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
  return digits.data();
}

Stream read_stream(const Node& node, const StreamScope& scope, Report& report) {
  return StreamReader(node, scope, report).read();
}

}  // namespace talon::sync
