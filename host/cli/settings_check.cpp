/// What talon.yaml says beyond its form.
#include "host/cli/settings_check.hpp"

#include "host/cli/policy_files.hpp"
#include "host/config/secrets.hpp"
#include "host/config/yaml.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace talon::cli {

namespace {

constexpr std::string_view kCommand = "check_settings";

/// Where a plugin's setting stands; the plugin's entry, or the file's begin, where it stands nowhere.
Place place_of(const Offline& offline, const std::string& plugin, std::string_view key) {
  const Node* entry = offline.settings().plugins.settings.find(plugin);
  if (entry == nullptr) return {1, 1};
  const Node* value = entry->find(key);
  return value != nullptr ? value->place : entry->place;
}

void add(Offline& offline, Place place, std::string message) {
  offline.mistakes().push_back({offline.settings().file, place, std::move(message)});
}

void require_secret(Offline& offline, const config::Secrets& secrets, std::string_view name, Place place) {
  if (auto found = secrets.find(name); !found) add(offline, place, found.error().message);
}

/// The roles of the installation's policy files, as far as they can be read.
std::vector<std::string> policy_roles(const Offline& offline) {
  std::vector<std::string> roles;
  Mistakes told_elsewhere;
  for (const std::string& place : own_places(offline)) {
    for (const Document& document : config::read_yaml_directory(place, place, told_elsewhere)) {
      const Node* declared = document.root.find("roles");
      if (declared == nullptr) continue;
      for (const NodeEntry& entry : declared->entries) roles.push_back(entry.first.text);
    }
  }
  return roles;
}

/// A mistake a key, as the error's details name them; the error's own words where it names none.
void add_faults(Offline& offline, const std::string& plugin, const Error& error) {
  const auto faults = Json::parse(error.details);
  const bool is_by_key = faults && !faults->items().empty() &&
                         std::all_of(faults->items().begin(), faults->items().end(), [](const Json& fault) {
                           return fault["pointer"].string().starts_with('/');
                         });
  if (!is_by_key) return add(offline, place_of(offline, plugin, ""), error.message);
  for (const Json& fault : faults->items()) {
    const std::string key(fault["pointer"].string().substr(1));
    add(offline, place_of(offline, plugin, key),
        "plugins.settings." + plugin + "." + key + ": " + std::string(fault["message"].string()));
  }
}

void check_roles(Offline& offline, const std::string& plugin, const Json& named,
                 const std::vector<std::string>& known) {
  for (const Json& item : named.items()) {
    const std::string role(item.string());
    if (std::find(known.begin(), known.end(), role) != known.end()) continue;
    const std::string near = model::nearest(role, known);
    add(offline, place_of(offline, plugin, "roles"),
        "plugins.settings." + plugin + ".roles: the policies have no role \"" + role + "\"" +
            (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
  }
}

}  // namespace

void check_secrets(Offline& offline) {
  const config::Settings& settings = offline.settings();
  const config::Secrets secrets(settings);
  for (const config::MaybeSecret* secret :
       {&settings.storage.url, &settings.storage.owner_url, &settings.mail.password}) {
    if (secret->is_secret) require_secret(offline, secrets, secret->text, {1, 1});
  }
  for (const model::Manifest& manifest : offline.loaded().manifests) {
    const auto values = offline.loaded().settings.find(manifest.name);
    if (values == offline.loaded().settings.end()) continue;
    for (const model::Setting& setting : manifest.settings) {
      const std::string_view name = values->second[setting.field.name].string();
      if (!setting.is_secret || name.empty()) continue;
      require_secret(offline, secrets, name, place_of(offline, manifest.name, setting.field.name));
    }
  }
}

void check_named(Offline& offline) {
  const config::Settings& settings = offline.settings();
  Mistakes told_elsewhere;
  const Document document = config::read_yaml(settings.file, settings.file, told_elsewhere);
  const auto place = [&](const char* section, std::string_view key) {
    const Node* at = document.root.find(section);
    const Node* entry = at != nullptr ? at->find(key) : nullptr;
    return entry != nullptr ? entry->place : at != nullptr ? at->place : Place{1, 1};
  };
  std::vector<std::string> plugins;
  std::vector<std::string> folders;
  for (const model::Manifest& manifest : offline.loaded().manifests) {
    plugins.push_back(manifest.name);
    for (const model::DocumentRoot& root : manifest.documents) folders.push_back(root.name);
  }
  std::error_code error;
  for (const auto& [name, directory] : settings.documents) {
    if (std::find(folders.begin(), folders.end(), name) == folders.end()) {
      add(offline, place("documents", name),
          "no plugin owns documents named \"" + name + "\"." + model::suggestion(name, folders));
    } else if (!std::filesystem::is_directory(directory, error)) {
      add(offline, place("documents", name), "there is no folder " + directory);
    }
  }
  for (const std::string& name : settings.plugins.disabled) {
    // Those that are disabled are not loaded: a folder of that name is what there is of them.
    if (std::filesystem::exists(plugin_directory(settings) / name, error)) continue;
    add(offline, place("plugins", "disabled"),
        "there is no plugin \"" + name + "\" to disable." + model::suggestion(name, plugins));
  }
  for (const auto& [key, file] :
       {std::pair{"tls", settings.listen.certificate}, std::pair{"tls", settings.listen.key}}) {
    if (!file.empty() && !std::ifstream(file).is_open())
      add(offline, place("listen", key), file.string() + " cannot be read: is it there, and yours?");
  }
}

void check_plugin_settings(Offline& offline) {
  const std::vector<std::string> known = policy_roles(offline);
  Json types = Json::array();  // a setting may name some, and offline a plugin knows none
  for (const model::RecordType& type : offline.loaded().model.types) types.push(type.name);
  const Json args = Json::object({{"types", std::move(types)}});
  for (const model::Manifest& manifest : offline.loaded().manifests) {
    const bool has_check = std::any_of(manifest.commands.begin(), manifest.commands.end(),
                                       [](const model::Command& one) { return one.name == kCommand; });
    if (!has_check) continue;
    std::string text;
    const auto done =
        offline.plugins().run_command(nullptr, manifest.name, kCommand, args, [&](std::string_view piece) {
          text.append(piece);
          return Result<void>();
        });
    if (!done) {
      add_faults(offline, manifest.name, done.error());
      continue;
    }
    if (const auto answer = Json::parse(text)) check_roles(offline, manifest.name, (*answer)["roles"], known);
  }
}

}  // namespace talon::cli
