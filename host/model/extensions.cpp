/// Extensions of record types, with the same field rules as manifests.
#include "host/model/extensions.hpp"

#include "host/config/text.hpp"
#include "host/model/check_model.hpp"
#include "host/model/manifest_parts.hpp"

#include <algorithm>

namespace talon::model {

namespace {

using config::in_quotes;
using config::MapReader;
using config::Report;

/// A field that code of no plugin knows must not be one that only code can fill.
void check_extension_field(Report& report, const Field& field, const Node& node) {
  if (field.type == FieldType::State) report.mistake(node, "an extension adds no states; use a choice");
  if (field.set_by == SetBy::Action)
    report.mistake(node, "no action knows this field, so \"by: action\" cannot stand here");
  if (field.is_internal) report.mistake(node, "an extension's field cannot be internal");
  if (field.is_required && field.initial.empty()) {
    report.mistake(node, "a required field needs \"initial\": the records that are there have no value");
  }
}

}  // namespace

void apply_extensions(Model& model, const std::vector<Document>& extensions, Mistakes& mistakes) {
  std::set<std::string, std::less<>> plugins;
  std::vector<std::string> words;
  for (const RecordType& type : model.types) {
    plugins.insert(type.plugin);
    if (type.kind == Kind::Stored || type.kind == Kind::Child) words.push_back(type.name);
  }
  for (const Document& document : extensions) {
    Report report(document.file, mistakes);
    const std::size_t before = report.count();
    MapReader reader(report, document.root, "the extension");
    std::string name;
    reader.require("extend");
    reader.text("extend", name);
    const std::vector<Field> fields = read_fields(reader, "fields", FieldPlace::Record);
    reader.finish();
    const auto type = std::find_if(model.types.begin(), model.types.end(),
                                   [&](const RecordType& other) { return other.name == name; });
    const bool is_known = std::find(words.begin(), words.end(), name) != words.end();
    if (!is_known && !name.empty()) {
      report.mistake(locate(document.root, {"extend"}),
                     "there is no record type " + in_quotes(name) + " to extend." + suggestion(name, words));
    }
    if (!is_known || report.count() != before) continue;
    RecordType extended = *type;
    for (const Field& field : fields) {
      const Node& node = locate(document.root, {"fields", field.name});
      check_extension_field(report, field, node);
      const auto is_same = [&](const Field& other) { return other.name == field.name; };
      if (std::any_of(extended.fields.begin(), extended.fields.end(), is_same)) {
        report.mistake(node, name + " has a field " + in_quotes(field.name) + " already");
      } else {
        extended.fields.push_back(field);
      }
    }
    check_type({model, extended, document.root, report, plugins});
    if (report.count() == before) *type = std::move(extended);
  }
}

}  // namespace talon::model
