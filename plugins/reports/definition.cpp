/// A report's definition: reading config/reports/*.yaml, all mistakes at once.
#include "definition.hpp"

#include "parameters.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

#include <algorithm>

namespace talon::reports {

namespace {

using Words = std::vector<std::string>;

/// One file's nodes and where its mistakes go.
class Reader {
 public:
  Reader(const Document& document, const model::Model& model, Mistakes& mistakes)
      : file_(document.file),
        root_(document.root),
        model_(model),
        mistakes_(mistakes),
        before_(mistakes.size()) {}

  std::optional<Definition> read() {
    if (!root_.is_map()) return fail(root_, "a report is a map with report, from and columns");
    keys(root_, {"report", "label", "plugin", "from", "parameters", "where", "columns", "group", "aggregates",
                 "order"});
    if (!is_in_force()) return std::nullopt;
    read_head();
    if (type_ == nullptr) return std::nullopt;
    read_parameters();
    read_where();
    read_columns();
    read_order();
    if (mistakes_.size() != before_) return std::nullopt;
    return std::move(definition_);
  }

 private:
  std::nullopt_t fail(const Node& node, std::string message) {
    mistakes_.push_back({file_, node.place, std::move(message)});
    return std::nullopt;
  }
  static std::string suggestion(std::string_view word, const Words& known) {
    const std::string near = model::nearest(word, known);
    return near.empty() ? std::string() : ". Did you mean \"" + near + "\"?";
  }
  void keys(const Node& map, const Words& known) {
    for (const auto& [key, value] : map.entries) {
      if (std::find(known.begin(), known.end(), key.text) == known.end()) {
        fail(key, "unknown key \"" + key.text + "\"" + suggestion(key.text, known));
      }
    }
  }
  std::string text(const Node& map, std::string_view key) {
    const Node* node = map.find(key);
    if (node == nullptr) return {};
    if (node->is_scalar()) return node->text;
    fail(*node, "expected a text after " + std::string(key));
    return {};
  }
  Words list(const Node& map, std::string_view key) {
    const Node* node = map.find(key);
    Words out;
    if (node == nullptr) return out;
    if (node->is_scalar()) return {node->text};
    for (const Node& item : node->items) {
      if (item.is_scalar())
        out.push_back(item.text);
      else
        fail(item, "expected a text in " + std::string(key));
    }
    if (!node->is_sequence()) fail(*node, "expected a list after " + std::string(key));
    return out;
  }
  model::Label label(const Node& map) {
    model::Label out;
    const Node* node = map.find("label");
    if (node == nullptr) return out;
    if (node->is_scalar()) out["en"] = node->text;
    for (const auto& [key, value] : node->entries) out[key.text] = value.text;
    if (out.find("en") == out.end()) fail(*node, "a label has an English text: {en: …}");
    return out;
  }

  bool is_in_force() const {
    const Node* plugin = root_.find("plugin");
    if (plugin == nullptr) return true;
    return std::any_of(model_.types.begin(), model_.types.end(),
                       [&](const model::RecordType& type) { return type.plugin == plugin->text; });
  }

  void read_head() {
    definition_.name = text(root_, "report");
    const bool is_plain = !definition_.name.empty() &&
                          std::all_of(definition_.name.begin(), definition_.name.end(), [](char c) {
                            return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
                          });
    if (!is_plain) fail(root_, "report: a name of small letters, digits and _");
    definition_.label = label(root_);
    if (definition_.label.empty()) definition_.label["en"] = definition_.name;
    definition_.type = text(root_, "from");
    type_ = model_.find(definition_.type);
    Words names;
    for (const model::RecordType& type : model_.types) {
      if (type.kind != model::Kind::Virtual) names.push_back(type.name);
    }
    const Node* from = root_.find("from");
    if (type_ == nullptr || type_->kind == model::Kind::Virtual) {
      type_ = nullptr;
      fail(from == nullptr ? root_ : *from, "from: there is no record type or view \"" + definition_.type +
                                                "\"" + suggestion(definition_.type, names));
    }
  }

  void read_parameters() {
    const Node* map = root_.find("parameters");
    if (map == nullptr) return;
    if (!map->is_map()) {
      fail(*map, "parameters: a map of NAME: {type: …}");
      return;
    }
    for (const auto& [key, node] : map->entries) {
      Parameter parameter;
      parameter.name = key.text;
      keys(node, {"type", "required", "label", "choices", "to"});
      if (parameter.name == "format") fail(key, "\"format\" is taken: it chooses json or csv");
      read_type(node, parameter);
      parameter.label = label(node);
      const std::string required = text(node, "required");
      parameter.is_required = required == "yes" || required == "true" || required == "on";
      definition_.parameters.push_back(std::move(parameter));
    }
  }

  void read_type(const Node& node, Parameter& parameter) {
    static const Words kTypes = {"text", "integer", "date", "month", "choice", "ref"};
    const std::string name = text(node, "type");
    const auto at = std::find(kTypes.begin(), kTypes.end(), name);
    if (at == kTypes.end()) {
      fail(node,
           "a parameter's type is text, integer, date, month, choice or ref" + suggestion(name, kTypes));
      return;
    }
    parameter.type = static_cast<Parameter::Type>(at - kTypes.begin());
    parameter.choices = list(node, "choices");
    parameter.to = text(node, "to");
    if (parameter.type == Parameter::Type::Choice && parameter.choices.empty())
      fail(node, "a choice needs choices: […]");
    if (parameter.type != Parameter::Type::Ref) return;
    const model::RecordType* to = model_.find(parameter.to);
    if (to == nullptr)
      fail(node, "to: there is no record type \"" + parameter.to + "\"");
    else
      parameter.prefix = to->prefix;
  }

  void read_where() {
    const Node* node = root_.find("where");
    if (node == nullptr) return;
    auto parsed = expression::parse(node->text, node->place);
    if (!parsed) {
      const auto details = Json::parse(parsed.error().details);
      Node at = *node;
      if (details && !details->items().empty()) {
        at.place = {static_cast<uint32_t>(details->items()[0]["line"].integer()),
                    static_cast<uint32_t>(details->items()[0]["column"].integer())};
      }
      fail(at, "where: " + parsed.error().message);
      return;
    }
    definition_.where = *std::move(parsed);
    check_names(definition_.where);
    Values samples;
    for (const Parameter& parameter : definition_.parameters) samples[parameter.name] = sample_of(parameter);
    expression::Expression filled = with_values(definition_.where, samples);
    expression::Scope scope;
    scope.model = &model_;
    scope.type = type_;
    for (Mistake& mistake : expression::check(filled, scope, file_)) mistakes_.push_back(std::move(mistake));
  }

  void check_names(const expression::Expression& where) {
    Words names;
    for (const Parameter& parameter : definition_.parameters) names.push_back(parameter.name);
    Words texts = where.operand.texts;
    texts.push_back(where.operand.text);
    for (const std::string& text : texts) {
      if (text.size() < 2 || text.front() != '$') continue;
      if (std::find(names.begin(), names.end(), text.substr(1)) != names.end()) continue;
      mistakes_.push_back(
          {file_, where.place,
           "there is no parameter \"" + text.substr(1) + "\"" + suggestion(text.substr(1), names)});
    }
    for (const expression::Expression& child : where.children) check_names(child);
  }

  /// A column is a path, or {field: PATH, label: {…}}.
  void read_paths(std::string_view key) {
    const Node* node = root_.find(key);
    if (node == nullptr) return;
    if (!node->is_sequence()) {
      fail(*node, "expected a list after " + std::string(key));
      return;
    }
    for (const Node& item : node->items) {
      Column column;
      column.path = item.is_map() ? text(item, "field") : item.text;
      column.label = item.is_map() ? label(item) : model::Label();
      if (item.is_map()) keys(item, {"field", "label"});
      add_column(item, std::move(column));
    }
  }

  void add_column(const Node& node, Column column) {
    const auto field = model::resolve_path(model_, *type_, column.path, model::Internal::Refused);
    if (!field) {
      fail(node, field.error().message);
      return;
    }
    column.field = **field;
    if (column.name.empty()) column.name = column.path;
    if (column.label.empty()) column.label = column.field.label;
    if (column.label.empty()) column.label["en"] = column.name;
    definition_.columns.push_back(std::move(column));
  }

  void read_aggregates() {
    const Node* node = root_.find("aggregates");
    if (node == nullptr) return;
    for (const std::string& text : list(root_, "aggregates")) {
      Column column;
      column.name = column.aggregate = text;
      const std::size_t space = text.find(' ');
      const std::string function = text.substr(0, space);
      if (text == "count") {
        column.field.type = model::FieldType::Integer;
        column.label["en"] = "Count";
        definition_.columns.push_back(std::move(column));
      } else if ((function == "sum" || function == "min" || function == "max") &&
                 space != std::string::npos) {
        column.path = text.substr(space + 1);
        add_column(*node, std::move(column));
      } else {
        fail(*node, "an aggregate is count, sum FIELD, min FIELD or max FIELD, not \"" + text + "\"");
      }
    }
  }

  void read_columns() {
    definition_.is_grouped = root_.find("group") != nullptr || root_.find("aggregates") != nullptr;
    if (definition_.is_grouped && root_.find("columns") != nullptr) {
      fail(*root_.find("columns"), "columns does not go with group and aggregates");
    }
    if (definition_.is_grouped) {
      read_paths("group");
      read_aggregates();
    } else {
      read_paths("columns");
    }
    if (definition_.columns.empty() && mistakes_.size() == before_)
      fail(root_, "a report needs columns, or group and aggregates");
    // An amount says nothing without its currency.
    for (const Column& column : definition_.columns) {
      if (column.field.type != model::FieldType::Money) continue;
      const std::string currency = column.path.substr(0, column.path.rfind('.') + 1) + column.field.currency;
      const bool is_there = std::any_of(definition_.columns.begin(), definition_.columns.end(),
                                        [&](const Column& other) { return other.path == currency; });
      if (!is_there)
        fail(root_, "add the column " + currency + ", which says what " + column.name + " is in");
    }
  }

  void read_order() {
    definition_.order = list(root_, "order");
    for (const std::string& key : definition_.order) {
      const std::string path = key.starts_with('-') ? key.substr(1) : key;
      const bool is_shown = std::any_of(definition_.columns.begin(), definition_.columns.end(),
                                        [&](const Column& column) { return column.name == path; });
      if (!is_shown && !model::resolve_path(model_, *type_, path, model::Internal::Refused))
        fail(*root_.find("order"), "order: there is no column \"" + path + "\"");
    }
  }

  std::string file_;
  const Node& root_;
  const model::Model& model_;
  Mistakes& mistakes_;
  std::size_t before_;
  const model::RecordType* type_ = nullptr;
  Definition definition_;
};

}  // namespace

std::optional<Definition> read_definition(const Document& document, const model::Model& model,
                                          Mistakes& mistakes) {
  return Reader(document, model, mistakes).read();
}

Definitions read_definitions(const std::vector<Document>& documents, const model::Model& model,
                             Mistakes& mistakes) {
  Definitions all;
  for (const Document& document : documents) {
    auto read = read_definition(document, model, mistakes);
    if (!read) continue;
    const std::string name = read->name;
    if (!all.emplace(name, *std::move(read)).second) {
      mistakes.push_back({document.file, document.root.place, "there is a report \"" + name + "\" already"});
    }
  }
  return all;
}

}  // namespace talon::reports
