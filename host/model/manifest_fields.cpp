/// Fields of a manifest: one map each, with the keys that its type knows.
#include "host/config/text.hpp"
#include "host/model/manifest_parts.hpp"

#include <talon/decimal.hpp>

#include <algorithm>
#include <array>

namespace talon::model {

namespace {

using config::in_quotes;
using config::MapReader;
using config::Report;

constexpr std::size_t kNameMax = 60;  // PostgreSQL cuts names at 63 bytes

bool is_one_of(FieldType type, std::initializer_list<FieldType> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

/// Which types may stand where.
bool is_allowed(FieldType type, FieldPlace place) {
  switch (place) {
    case FieldPlace::Record:
      return type != FieldType::Json;
    case FieldPlace::Child:
      return type != FieldType::Json && type != FieldType::State;
    case FieldPlace::Input:
      return type != FieldType::State;
    case FieldPlace::Setting:
      return is_one_of(type, {FieldType::Text, FieldType::Integer, FieldType::Decimal, FieldType::Boolean,
                              FieldType::Choice, FieldType::Date});
  }
  return false;
}

/// The keys of the field's type; `scale` is read first, since `min` and `max` stand in its unit.
void read_type_keys(MapReader& reader, Field& field) {
  const bool is_choice = is_one_of(field.type, {FieldType::Choice, FieldType::State});
  if (is_choice) {
    reader.require("choices");
    reader.texts("choices", field.choices);
    std::vector<std::string> sorted = field.choices;
    std::sort(sorted.begin(), sorted.end());
    if (reader.has("choices") &&
        (sorted.empty() || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())) {
      reader.report().mistake(*reader.root().find("choices"), "\"choices\" are one or more words, each once");
    }
  }
  if (field.type == FieldType::Decimal) {
    reader.require("scale");
    reader.integer("scale", field.scale, {0, Decimal::kScaleMax});
  }
  if (field.type == FieldType::Text) {
    if (reader.word("format", {"email"})) field.format = TextFormat::Email;
    reader.boolean("one_line", field.is_one_line);
  }
  if (field.type == FieldType::Ref) {
    reader.require("to");
    reader.text("to", field.to);
  }
  if (field.type == FieldType::Money) {
    reader.require("currency");
    reader.text("currency", field.currency);
  }
  if (is_one_of(field.type, {FieldType::Text, FieldType::Integer, FieldType::Decimal, FieldType::Money,
                             FieldType::File})) {
    int64_t value = 0;
    // The unit of money is not known here, so that only a sign can be asked for.
    const bool is_money = field.type == FieldType::Money;
    const config::Range range = is_money ? config::Range{0, 0} : config::Range{};
    if (reader.has("min")) reader.integer("min", value, range), field.min = value;
    if (!is_money && reader.has("max")) reader.integer("max", value), field.max = value;
    if (field.min && field.max && *field.min > *field.max) {
      reader.report().mistake(*reader.root().find("min"), "\"min\" is more than \"max\"");
    }
  }
}

void read_record_keys(MapReader& reader, Field& field, FieldPlace place) {
  reader.boolean("internal", field.is_internal);
  reader.boolean("personal", field.is_personal);
  reader.texts("groups", field.groups);
  reader.text("term", field.term);
  if (reader.word("by", {"action"})) field.set_by = SetBy::Action;
  if (field.type != FieldType::Boolean || place != FieldPlace::Record) return;
  reader.text("computed", field.computed);
  if (field.computed.empty()) return;
  field.set_by = SetBy::Host;
  if (field.is_required || !field.initial.empty()) {
    reader.report().mistake(reader.root(), "a computed field has no \"initial\" and is not \"required\"");
  }
}

}  // namespace

bool check_name(Report& report, const Node& node, std::string_view what) {
  static constexpr std::array<std::string_view, 5> kReserved = {"and", "or", "not", "is", "in"};
  const std::string& name = node.text;
  const bool is_snake = !name.empty() && name.size() <= kNameMax && name[0] >= 'a' && name[0] <= 'z' &&
                        name.back() != '_' && std::all_of(name.begin(), name.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                        });
  if (!is_snake) {
    report.mistake(node, in_quotes(name) + " is no name of " + std::string(what) +
                             ": small letters, digits and _, a letter first, at most 60 characters");
    return false;
  }
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    report.mistake(node, in_quotes(name) + " is a word of the condition language, so " + std::string(what) +
                             " cannot have it as its name");
    return false;
  }
  return true;
}

std::string humanised(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

void read_label(MapReader& reader, std::string_view name, Label& label) {
  reader.text_map("label", label, "en");
  for (const auto& [language, words] : label) {
    if (language.size() == 2) continue;
    reader.report().mistake(*reader.root().find("label"),
                            in_quotes(language) + " is no language, as in en or fr");
  }
  label.try_emplace("en", humanised(name));
}

Field read_field(Report& report, const Node& name, const Node& node, FieldPlace place) {
  Field field;
  field.name = name.text;
  MapReader reader(report, node, "field " + in_quotes(name.text));
  if (!node.is_map()) {
    if (node.kind == Node::Kind::Null) report.mistake(name, "a field is a map, as in {type: text}");
    return field;
  }
  reader.require("type");
  const auto type = reader.word("type", type_names());
  if (type) field.type = static_cast<FieldType>(*type);
  if (type && !is_allowed(field.type, place)) {
    report.mistake(*node.find("type"),
                   "a field of type " + std::string(type_name(field.type)) + " cannot stand here");
  }
  read_label(reader, name.text, field.label);
  read_type_keys(reader, field);
  if (place == FieldPlace::Setting) {
    reader.text("default", field.initial);
    reader.node("secret");
    reader.node("list");
  } else {
    reader.text("initial", field.initial);
    reader.boolean("required", field.is_required);
  }
  if (place == FieldPlace::Record || place == FieldPlace::Child) read_record_keys(reader, field, place);
  if (field.type == FieldType::State && field.initial.empty()) {
    report.mistake(node, "a state needs \"initial\": the state of a new record");
  }
  // A field whose type could not be read would make every other key look unknown.
  if (type) reader.finish();
  return field;
}

std::vector<Field> read_fields(MapReader& reader, std::string_view key, FieldPlace place) {
  std::vector<Field> fields;
  const Node* map = reader.map(key);
  if (map == nullptr) return fields;
  for (const auto& [name, node] : map->entries) {
    check_name(reader.report(), name, "a field");
    fields.push_back(read_field(reader.report(), name, node, place));
  }
  return fields;
}

}  // namespace talon::model
