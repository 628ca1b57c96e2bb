/// Settings of plugins: a property tree of texts, defaults under what is given, typed by the manifest on its
/// way out.
#include "host/model/plugin_settings.hpp"

#include "host/config/map_reader.hpp"
#include "host/config/text.hpp"
#include "host/model/field_value.hpp"

#include <boost/property_tree/ptree.hpp>

#include <algorithm>

namespace talon::model {

namespace {

using boost::property_tree::ptree;
using config::in_quotes;

/// A node as the property tree that stands behind talon.config/1 (decision 19): texts, with list items under
/// "".
void put_node(ptree& tree, const Setting& setting, const Node& node, config::Report& report) {
  const std::string name = in_quotes(setting.field.name);
  if (node.is_sequence() != setting.is_list) {
    return report.mistake(
        node, setting.is_list ? name + " is a list, as in [a, b]" : name + " is one value, no list");
  }
  ptree values;
  for (const Node& item : setting.is_list ? node.items : std::vector<Node>{node}) {
    if (!item.is_scalar()) return report.mistake(item, name + " is made of single values");
    const bool is_secret = item.tag == "!secret";
    if (is_secret != setting.is_secret) {
      report.mistake(
          item, is_secret ? name + " cannot be a secret"
                          : name + " is a secret: write !secret NAME and put the value into that secret");
      return;
    }
    const auto value = is_secret ? Result<Value>(Value()) : read_field_text({}, setting.field, item.text);
    if (!value) return report.mistake(item, value.error().message);
    if (setting.is_list) {
      values.push_back({"", ptree(item.text)});
    } else {
      values.data() = item.text;
    }
  }
  tree.put_child(setting.field.name, values);
}

/// The text as JSON of the setting's type; it was checked when it was put into the tree.
Json typed(const Setting& setting, const std::string& text) {
  if (setting.is_secret) return Json(text);
  const auto value = read_field_text({}, setting.field, text);
  return value ? write_field({}, setting.field, value->cell(), {}) : Json();
}

}  // namespace

Json read_plugin_settings(const Manifest& manifest, const Node& given, const std::string& file,
                          Mistakes& mistakes) {
  ptree tree;
  for (const Setting& setting : manifest.settings) {
    if (!setting.field.initial.empty()) tree.put(setting.field.name, setting.field.initial);
  }
  config::Report report(file, mistakes);
  config::MapReader reader(report, given, "the settings of " + manifest.name);
  for (const Setting& setting : manifest.settings) {
    const Node* node = reader.node(setting.field.name);
    if (node != nullptr && node->kind != Node::Kind::Null) put_node(tree, setting, *node, report);
  }
  reader.finish();
  Json settings = Json::object();
  for (const Setting& setting : manifest.settings) {
    const auto found = tree.get_child_optional(setting.field.name);
    if (!found) {
      if (setting.is_list) settings.set(setting.field.name, Json::array());
      continue;
    }
    if (setting.is_list) {
      Json items = Json::array();
      for (const auto& [empty, item] : *found) items.push(typed(setting, item.data()));
      settings.set(setting.field.name, std::move(items));
    } else {
      settings.set(setting.field.name, typed(setting, found->data()));
    }
  }
  return settings;
}

}  // namespace talon::model
