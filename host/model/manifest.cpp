/// plugin.yaml at its top level: who the plugin is, what it needs and offers, its settings, commands and
/// jobs.
#include "host/model/manifest.hpp"

#include "host/config/map_reader.hpp"
#include "host/config/text.hpp"
#include "host/config/yaml.hpp"
#include "host/model/field_value.hpp"
#include "host/model/manifest_parts.hpp"

#include <talon_identity_manifest.hpp>

#include <algorithm>

namespace talon::model {

namespace {

using config::in_quotes;
using config::MapReader;
using config::Report;

bool is_version(std::string_view text) {
  int parts = 0;
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '.') {
      if (digits == 0 || digits > 9) return false;
      ++parts;
      digits = 0;
    } else if (text[i] >= '0' && text[i] <= '9') {
      ++digits;
    } else {
      return false;
    }
  }
  return parts == 3;
}

void read_head(MapReader& reader, Manifest& out) {
  Report& report = reader.report();
  if (const Node* name = reader.required("plugin")) {
    out.name = name->text;
    check_name(report, *name, "a plugin");
  }
  reader.require("version");
  reader.text("version", out.version);
  if (!out.version.empty() && !is_version(out.version)) {
    report.mistake(*reader.root().find("version"), in_quotes(out.version) + " is no version, as in 1.0.0");
  }
  reader.require("sdk");
  reader.integer("sdk", out.sdk, {1, 1000});
  if (out.sdk != 1) {
    report.mistake(*reader.root().find("sdk"),
                   "the plugin is made for sdk " + std::to_string(out.sdk) + "; this host has sdk 1");
  }
  read_label(reader, out.name, out.label);
  reader.texts("requires", out.requires_plugins);
  reader.texts("offers", out.offers);
  reader.texts("elevates", out.elevates);
  reader.boolean("mandatory", out.is_mandatory);
  for (const std::string& offer : out.offers) {
    const auto& known = offer_names();
    const bool is_draft = offer.starts_with("talon.draft.");
    if (is_draft || std::find(known.begin(), known.end(), offer) != known.end()) continue;
    report.mistake(*reader.root().find("offers"),
                   in_quotes(offer) + " is nothing that a plugin can offer." + suggestion(offer, known));
  }
}

void read_settings(MapReader& reader, Manifest& out) {
  const Node* map = reader.map("settings");
  if (map == nullptr) return;
  for (const auto& [name, node] : map->entries) {
    check_name(reader.report(), name, "a setting");
    Setting setting{.field = read_field(reader.report(), name, node, FieldPlace::Setting)};
    MapReader keys(reader.report(), node, "setting " + in_quotes(name.text));
    keys.boolean("secret", setting.is_secret);
    keys.boolean("list", setting.is_list);
    if ((setting.is_secret || setting.is_list) && !setting.field.initial.empty()) {
      reader.report().mistake(node, "a secret or a list has no \"default\"; without a value it is empty");
    }
    const auto value = read_field_text({}, setting.field, setting.field.initial);
    if (!value) reader.report().mistake(node, value.error().message);
    out.settings.push_back(std::move(setting));
  }
}

void read_documents(MapReader& reader, Manifest& out) {
  const Node* map = reader.map("documents");
  if (map == nullptr) return;
  for (const auto& [name, node] : map->entries) {
    const bool is_inside =
        node.is_scalar() && !node.text.starts_with('/') && node.text.find("..") == std::string::npos;
    if (!is_inside)
      reader.report().mistake(node, "a directory below the installation's root, as in config/policies");
    out.documents.push_back({name.text, node.text});
  }
}

void read_commands(MapReader& reader, Manifest& out) {
  const Node* map = reader.map("commands");
  if (map == nullptr || map->entries.empty()) return;
  RecordType rights;
  rights.name = rights.plural = rights.plugin = out.name;
  rights.kind = Kind::Virtual;
  rights.label = out.label;
  for (const auto& [name, node] : map->entries) {
    Command command{.plugin = out.name, .name = name.text, .right = name.text};
    check_name(reader.report(), name, "a command");
    MapReader keys(reader.report(), node, "command " + in_quotes(name.text));
    keys.text("right", command.right);
    keys.boolean("offline", command.is_offline);
    command.shows_records = keys.word("shows", {"records"}).has_value();
    read_label(keys, name.text, command.label);
    keys.finish();
    if (!rights.has_action(command.right)) {
      rights.actions.push_back({.name = command.right, .label = {{"en", humanised(command.right)}}});
    }
    out.commands.push_back(std::move(command));
  }
  const auto own = std::find_if(out.types.begin(), out.types.end(),
                                [&](const RecordType& type) { return type.name == out.name; });
  if (own == out.types.end()) {
    out.types.push_back(std::move(rights));
  } else if (own->kind == Kind::Virtual) {
    for (Action& action : rights.actions) {
      if (!own->has_action(action.name)) own->actions.push_back(std::move(action));
    }
  } else {
    reader.report().mistake(*map, "the rights of commands stand on a type named " + in_quotes(out.name) +
                                      ", which the plugin declares as a record; name one of them otherwise");
  }
}

void read_jobs(MapReader& reader, Manifest& out) {
  const Node* map = reader.map("jobs");
  if (map == nullptr) return;
  for (const auto& [name, node] : map->entries) {
    Job job{.plugin = out.name, .name = name.text};
    check_name(reader.report(), name, "a job");
    MapReader keys(reader.report(), node, "job " + in_quotes(name.text));
    keys.require("every");
    keys.duration_ms("every", job.every_ms, {100, 366LL * 86'400'000});
    keys.boolean("each_host", job.is_on_each_host);
    keys.boolean("idle", job.is_when_idle);
    keys.finish();
    out.jobs.push_back(std::move(job));
  }
}

void read_checks(MapReader& reader, Manifest& out) {
  const Node* map = reader.map("checks");
  if (map == nullptr) return;
  std::vector<std::string> known;
  for (const Command& command : out.commands) known.push_back(command.name);
  for (const auto& [type, command] : map->entries) {
    if (std::find(known.begin(), known.end(), command.text) == known.end()) {
      reader.report().mistake(command, "the plugin declares no command " + in_quotes(command.text) + "." +
                                           suggestion(command.text, known));
    }
    out.checks[type.text] = command.text;
  }
}

/// What is declared to run needs the table that the host runs it through.
void check_offers(MapReader& reader, const Manifest& out) {
  if (out.name == "host") return;
  const auto needs = [&](bool is_declared, std::string_view what, std::string_view offer) {
    if (!is_declared || std::find(out.offers.begin(), out.offers.end(), offer) != out.offers.end()) return;
    reader.report().mistake(reader.root(),
                            std::string(what) + " need \"" + std::string(offer) + "\" in \"offers\"");
  };
  bool has_code = false;
  for (const RecordType& type : out.types) {
    for (const Action& action : type.actions) has_code = has_code || action.run == Run::Code;
  }
  needs(has_code, "actions with \"run: code\"", "talon.actions/1");
  needs(!out.commands.empty(), "commands", "talon.commands/1");
  needs(!out.jobs.empty(), "jobs", "talon.jobs/1");
  needs(!out.subscribes.empty(), "subscribed events", "talon.events/1");
  needs(!out.documents.empty(), "documents", "talon.checker/1");
}

}  // namespace

const std::vector<std::string>& offer_names() {
  static const std::vector<std::string> names = {
      "talon.actions/1",    "talon.commands/1", "talon.events/1", "talon.jobs/1",   "talon.checker/1",
      "talon.authorizer/1", "talon.audit/1",    "talon.login/1",  "talon.source/1", "talon.sink/1"};
  return names;
}

const std::vector<std::string>& base_action_names() {
  static const std::vector<std::string> names = {"view", "create", "edit", "delete", "export"};
  return names;
}

bool is_right_alone(const Action& action) {
  return action.run == Run::Declared && !action.is_on_type && action.from.empty() && action.to.empty() &&
         action.input.empty();
}

const Node& locate(const Node& root, std::initializer_list<std::string_view> path) {
  const Node* at = &root;
  for (const std::string_view key : path) {
    const Node* next = at->find(key);
    if (next == nullptr) break;
    at = next;
  }
  return *at;
}

Manifest read_manifest(Document document, Mistakes& mistakes) {
  Manifest out;
  out.document = std::move(document);
  Report report(out.document.file, mistakes);
  if (out.document.root.kind == Node::Kind::Null) {
    report.mistake(out.document.root, "the manifest is empty; it begins with \"plugin: NAME\"");
    return out;
  }
  MapReader reader(report, out.document.root, "the manifest");
  read_head(reader, out);
  read_settings(reader, out);
  read_documents(reader, out);
  if (const Node* records = reader.map("records")) {
    for (const auto& [name, node] : records->entries) read_record(report, name, node, out);
  }
  if (const Node* views = reader.map("views")) {
    for (const auto& [name, node] : views->entries) read_view(report, name, node, out);
  }
  read_commands(reader, out);
  read_jobs(reader, out);
  reader.texts("subscribes", out.subscribes);
  read_checks(reader, out);
  check_offers(reader, out);
  reader.finish();
  return out;
}

Manifest identity_manifest() {
  Mistakes mistakes;
  Manifest manifest = read_manifest(
      config::read_yaml_text(kIdentityManifest, "host/identity/identity.yaml", mistakes), mistakes);
  if (!mistakes.empty()) check_failed(mistakes.front().to_string().c_str(), __FILE__, __LINE__);
  return manifest;
}

}  // namespace talon::model
