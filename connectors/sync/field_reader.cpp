/// Reads `map:` entries: one field's source, form, defaults and what happens when it fails.
#include "field_reader.hpp"

#include <algorithm>

namespace talon::sync {
namespace {

const std::vector<std::string> kForms = {"plain",         "email",       "country",         "currency",
                                         "epoch_seconds", "epoch_ms",    "date_dmy",        "date_mdy",
                                         "date_of_time",  "minor_units", "hours_to_minutes"};
/// Words of the design's examples that name what the model already says; they are taken and checked.
const std::vector<std::string> kTypeWords = {"string", "text",    "int",  "integer",   "decimal", "money",
                                             "bool",   "boolean", "date", "timestamp", "enum"};
const std::vector<std::string> kTransforms = {"trim", "upper", "lower", "strip_spaces"};

std::vector<std::string> target_fields(const model::RecordType& type) {
  std::vector<std::string> names;
  for (const model::Field& field : type.fields) names.push_back(field.name);
  return names;
}

class EntryReader {
 public:
  EntryReader(const FieldScope& scope, Report& report) : scope_(scope), report_(report) {}

  FieldMap read(const Node& name, const Node& entry) {
    FieldMap map;
    map.field = name.text;
    map.place = name.place;
    find_field(name, map);
    if (entry.is_scalar()) {  // `name: column`, the short form
      map.from = entry.text;
      check_no_reference(entry.place, map);
      return map;
    }
    NodeReader reader(entry, "the mapping of " + name.text, report_);
    read_source(reader, map);
    read_form(reader, map);
    read_values(reader, map);
    for (const std::string& word : reader.texts("transform")) {
      const auto found = std::find(kTransforms.begin(), kTransforms.end(), word);
      if (found == kTransforms.end()) {
        report_.add(reader.place(),
                    "\"" + word + "\" is not one of " + listed(kTransforms) + suggestion(word, kTransforms));
      } else {
        map.transforms.push_back(static_cast<Transform>(found - kTransforms.begin()));
      }
    }
    map.null_if = reader.texts("null_if");
    if (reader.find("default") != nullptr) map.fallback = reader.text("default");
    map.is_required = reader.flag("required", false);
    map.is_ours = reader.word("owner", {"source", "talon"}, 0) == 1;
    map.on_error =
        static_cast<OnError>(reader.word("on_error", {"quarantine", "set_null_and_report", "fail_run"}, 0));
    map.missing = static_cast<Missing>(reader.word("missing", {"quarantine", "defer", "set_null"}, 0));
    return map;
  }

 private:
  void find_field(const Node& name, FieldMap& map) {
    if (scope_.type == nullptr) return;
    const model::Field* field = nullptr;
    for (const model::Field& candidate : scope_.type->fields) {
      if (candidate.name == name.text) field = &candidate;
    }
    if (field == nullptr) {
      report_.add(name.place, scope_.type->name + " has no field \"" + name.text + "\"" +
                                  suggestion(name.text, target_fields(*scope_.type)));
      return;
    }
    map.info = *field;
    if (!field->computed.empty()) report_.add(name.place, name.text + " is computed; it cannot be mapped");
    if (field->set_by == model::SetBy::Host) report_.add(name.place, name.text + " is set by the host alone");
  }

  void read_source(NodeReader& reader, FieldMap& map) {
    map.from = reader.text("from");
    const Node* constant = reader.find("const");
    const Node* ref = reader.find("ref");
    const Node* lookup = reader.find("lookup");
    const int count = (constant != nullptr) + (ref != nullptr) + (lookup != nullptr);
    if (count > 1 || (constant != nullptr && !map.from.empty())) {
      report_.add(
          reader.place(),
          "a field comes from one place: `from`, `const`, `ref` with `from`, or `lookup` with `from`");
    }
    if (constant != nullptr) {
      map.kind = FieldMap::Kind::Const;
      map.constant = constant->text;
      return;
    }
    if (map.from.empty())
      report_.add(reader.place(), "the mapping of " + map.field + " needs `from:` or `const:`");
    if (ref != nullptr) read_ref(*ref, map);
    if (lookup != nullptr) read_lookup(*lookup, map);
    if (count == 0) check_no_reference(reader.place(), map);
  }

  void check_no_reference(Place place, const FieldMap& map) {
    if (map.info.type != model::FieldType::Ref || map.info.name.empty()) return;
    report_.add(place, map.field + " refers to a " + map.info.to +
                           ": say which by `ref: STREAM` or `lookup: {type: " + map.info.to +
                           ", by: FIELD}`");
  }

  void read_ref(const Node& ref, FieldMap& map) {
    map.kind = FieldMap::Kind::Ref;
    map.stream = ref.text;
    const auto found = scope_.stream_types->find(map.stream);
    if (found == scope_.stream_types->end()) {
      std::vector<std::string> names;
      for (const auto& [name, type] : *scope_.stream_types) names.push_back(name);
      report_.add(ref.place, "there is no stream \"" + map.stream + "\" in this connector" +
                                 suggestion(map.stream, names));
      return;
    }
    map.type = found->second;
    check_target(ref.place, map);
  }

  void read_lookup(const Node& node, FieldMap& map) {
    map.kind = FieldMap::Kind::Lookup;
    NodeReader lookup(node, "lookup", report_);
    map.type = lookup.required_text("type");
    map.by = lookup.required_text("by");
    const model::RecordType* type = scope_.model->find(map.type);
    if (type == nullptr) {
      report_.add(node.place, "there is no record type \"" + map.type + "\"");
      return;
    }
    if (type->find_field(map.by) == nullptr) {
      report_.add(node.place,
                  map.type + " has no field \"" + map.by + "\"" + suggestion(map.by, target_fields(*type)));
    }
    check_target(node.place, map);
  }

  void check_target(Place place, const FieldMap& map) {
    if (map.info.name.empty() || (map.info.type == model::FieldType::Ref && map.info.to == map.type)) return;
    report_.add(place, map.field +
                           (map.info.type == model::FieldType::Ref ? " refers to a " + map.info.to
                                                                   : std::string(" is no reference")) +
                           ", not to a " + map.type);
  }

  void read_form(NodeReader& reader, FieldMap& map) {
    const Node* form = reader.find("as");
    if (form == nullptr) return;
    const std::string word = form->text.substr(0, form->text.find('('));
    const auto found = std::find(kForms.begin(), kForms.end(), word);
    if (found != kForms.end()) {
      map.form = static_cast<Form>(found - kForms.begin());
    } else if (std::find(kTypeWords.begin(), kTypeWords.end(), word) == kTypeWords.end()) {
      std::vector<std::string> words = kForms;
      words.insert(words.end(), kTypeWords.begin(), kTypeWords.end());
      report_.add(form->place,
                  "\"" + form->text + "\" is not one of " + listed(words) + suggestion(word, words));
    }
  }

  void read_values(NodeReader& reader, FieldMap& map) {
    const Node* values = reader.find("values");
    if (values == nullptr) return;
    map.has_values = true;
    if (!values->is_map()) report_.add(values->place, "values must be a map, as in {PC: C62, H: HUR}");
    for (const auto& [from, to] : values->entries) {
      map.values[from.text] = to.text;
      check_choice(to.place, map, to.text);
    }
  }
  void check_choice(Place place, const FieldMap& map, const std::string& text) {
    const auto& choices = map.info.choices;
    if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) return;
    report_.add(place, "\"" + text + "\" is not one of " + listed(choices) + suggestion(text, choices));
  }

  const FieldScope& scope_;
  Report& report_;
};

}  // namespace

std::vector<FieldMap> read_fields(const Node& map, const FieldScope& scope, Report& report) {
  std::vector<FieldMap> fields;
  if (!map.is_map()) report.add(map.place, "`map:` must be a map of fields");
  for (const auto& [name, entry] : map.entries)
    fields.push_back(EntryReader(scope, report).read(name, entry));
  std::stable_partition(fields.begin(), fields.end(),
                        [](const FieldMap& field) { return field.info.type != model::FieldType::Money; });
  return fields;
}

void add_columns(const std::vector<FieldMap>& fields, std::vector<std::string>& columns) {
  for (const FieldMap& field : fields) {
    if (field.from.empty() || std::find(columns.begin(), columns.end(), field.from) != columns.end())
      continue;
    columns.push_back(field.from);
  }
}

}  // namespace talon::sync
