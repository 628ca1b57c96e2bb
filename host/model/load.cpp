/// Merges manifests: builds the model, checks it, leaves out who has a mistake, and builds again until none
/// has.
#include "host/model/load.hpp"

#include "host/config/text.hpp"
#include "host/config/yaml.hpp"
#include "host/model/check_model.hpp"
#include "host/model/extensions.hpp"
#include "host/model/plugin_settings.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace talon::model {

namespace {

namespace fs = std::filesystem;
using config::in_quotes;

/// Routes of the API that are no record type's.
constexpr std::array<std::string_view, 10> kReservedPlurals = {
    "access", "changes", "events", "exports", "me", "plugins", "policy", "reports", "openapi_json", "batch"};

/// The plugins whose types `manifest` may name: itself, the host, and what it requires, directly or not.
std::set<std::string, std::less<>> visible_plugins(const std::vector<Manifest>& manifests,
                                                   const Manifest& manifest) {
  std::set<std::string, std::less<>> visible = {"host", manifest.name};
  std::vector<std::string> open = manifest.requires_plugins;
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    if (!visible.insert(name).second) continue;
    for (const Manifest& other : manifests) {
      if (other.name == name)
        open.insert(open.end(), other.requires_plugins.begin(), other.requires_plugins.end());
    }
  }
  return visible;
}

/// Where a type stands in its manifest.
const Node& node_of(const Manifest& manifest, const RecordType& type) {
  const Node& root = manifest.document.root;
  if (type.kind == Kind::View) return locate(root, {"views", type.name});
  if (type.kind != Kind::Child) return locate(root, {"records", type.name});
  for (const RecordType& parent : manifest.types) {
    for (const ChildList& list : parent.lists) {
      if (list.type == type.name) return locate(root, {"records", parent.name, "lists", list.name});
    }
  }
  return root;
}

/// Names, plurals and prefixes are one name space each, over all plugins.
class Names {
 public:
  void check(const Manifest& manifest, const RecordType& type, config::Report& report) {
    const Node& node = node_of(manifest, type);
    claim(names_, type.name, "record type", manifest, node, report);
    if (type.kind == Kind::Virtual) return;
    claim(plurals_, type.plural, "plural", manifest, locate(node, {"plural"}), report);
    if (!type.prefix.empty())
      claim(prefixes_, type.prefix, "prefix", manifest, locate(node, {"prefix"}), report);
    if (std::find(kReservedPlurals.begin(), kReservedPlurals.end(), type.plural) != kReservedPlurals.end()) {
      report.mistake(locate(node, {"plural"}),
                     in_quotes(type.plural) + " is a route of the host; choose another plural");
    }
  }

 private:
  using Owners = std::map<std::string, std::string, std::less<>>;
  static void claim(Owners& owners, const std::string& name, std::string_view what, const Manifest& manifest,
                    const Node& node, config::Report& report) {
    const auto [owner, is_new] = owners.try_emplace(name, manifest.name);
    if (is_new || name.empty()) return;
    report.mistake(node,
                   std::string(what) + " " + in_quotes(name) + " is taken by the plugin " + owner->second);
  }

  Owners names_;
  Owners plurals_;
  Owners prefixes_;
};

/// One go of building and checking. The built-in manifest stands first.
class Merge {
 public:
  Merge(const std::vector<Manifest>& manifests, const std::vector<std::size_t>& order)
      : manifests_(manifests), order_(order) {}

  Model run(std::map<std::string, Mistakes, std::less<>>& mistakes) {
    Names names;
    for (const std::size_t i : order_) {
      const Manifest& manifest = manifests_[i];
      config::Report report(manifest.document.file, mistakes[manifest.name]);
      for (const RecordType& type : manifest.types) {
        names.check(manifest, type, report);
        if (model_.find(type.name) == nullptr) model_.types.push_back(type);
      }
      model_.commands.insert(model_.commands.end(), manifest.commands.begin(), manifest.commands.end());
      model_.jobs.insert(model_.jobs.end(), manifest.jobs.begin(), manifest.jobs.end());
      for (const std::string& event : manifest.subscribes)
        model_.subscriptions[event].push_back(manifest.name);
    }
    for (const std::size_t i : order_) check(manifests_[i], mistakes[manifests_[i].name]);
    return std::move(model_);
  }

 private:
  void check(const Manifest& manifest, Mistakes& mistakes) {
    config::Report report(manifest.document.file, mistakes);
    const auto plugins = visible_plugins(manifests_, manifest);
    for (const RecordType& own : manifest.types) {
      const auto type = std::find_if(model_.types.begin(), model_.types.end(),
                                     [&](const RecordType& other) { return other.name == own.name; });
      if (type == model_.types.end() || type->plugin != manifest.name) continue;
      const TypeContext context{model_, *type, node_of(manifest, own), report, plugins};
      if (type->kind == Kind::View) {
        complete_view(context);
      } else {
        check_type(context);
        check_actions(context);
      }
    }
    RecordType nothing;
    const TypeContext context{model_, nothing, manifest.document.root, report, plugins};
    for (const std::string& right : manifest.elevates) {
      check_right(context, right, locate(manifest.document.root, {"elevates"}));
    }
    for (const auto& [name, command] : manifest.checks) {
      const Node& node = locate(manifest.document.root, {"checks", name});
      const RecordType* type = model_.find(name);
      const bool is_stored = type != nullptr && type->kind == Kind::Stored;
      if (!is_stored || plugins.count(type->plugin) == 0) {
        report.mistake(node, in_quotes(name) +
                                 " is no record type of this plugin, the host or a plugin in "
                                 "\"requires\"." +
                                 suggestion(name, stored_types(model_)));
      }
    }
    for (const std::string& event : manifest.subscribes) {
      if (event.find('.') != std::string::npos) continue;
      report.mistake(locate(manifest.document.root, {"subscribes"}),
                     in_quotes(event) + " is no event: TYPE.EVENT, as in invoice.issued");
    }
  }

  const std::vector<Manifest>& manifests_;
  const std::vector<std::size_t>& order_;
  Model model_;
};

std::string reason_of(const Mistakes& mistakes) {
  std::string reason = mistakes.front().to_string();
  if (mistakes.size() > 1) reason += " (and " + std::to_string(mistakes.size() - 1) + " more)";
  return reason;
}

void append(Mistakes& to, const Mistakes& from) { to.insert(to.end(), from.begin(), from.end()); }

/// Leaves out manifests that cannot be used by themselves: with mistakes, or of a name that is taken.
std::vector<Manifest> usable(std::vector<ReadManifest> read, LoadedModel& out) {
  std::vector<Manifest> manifests;
  manifests.push_back(identity_manifest());
  for (ReadManifest& item : read) {
    Manifest& manifest = item.manifest;
    const auto same = std::find_if(manifests.begin(), manifests.end(),
                                   [&](const Manifest& other) { return other.name == manifest.name; });
    if (item.mistakes.empty() && same != manifests.end()) {
      item.mistakes.push_back({manifest.document.file, locate(manifest.document.root, {"plugin"}).place,
                               "a plugin named " + in_quotes(manifest.name) + " is there already"});
    }
    if (item.mistakes.empty()) {
      manifests.push_back(std::move(manifest));
      continue;
    }
    append(out.mistakes, item.mistakes);
    const std::string name = manifest.name.empty() ? manifest.folder.filename().string() : manifest.name;
    out.refused.push_back({name, reason_of(item.mistakes), manifest.folder});
  }
  return manifests;
}

/// Notes the refusals that `start_order` gives as mistakes too, at `requires`.
void note_refusals(const std::vector<Manifest>& manifests, std::size_t before, LoadedModel& out) {
  for (std::size_t i = before; i < out.refused.size(); ++i) {
    const auto manifest = std::find_if(manifests.begin(), manifests.end(), [&](const Manifest& other) {
      return other.name == out.refused[i].plugin;
    });
    if (manifest == manifests.end()) continue;
    out.mistakes.push_back({manifest->document.file, locate(manifest->document.root, {"requires"}).place,
                            manifest->name + " does not take part: " + out.refused[i].reason});
  }
}

void read_settings(const Node& settings, const std::string& file, LoadedModel& out) {
  std::vector<std::string> names;
  for (const Manifest& manifest : out.manifests) {
    names.push_back(manifest.name);
    const Node* given = settings.find(manifest.name);
    out.settings[manifest.name] =
        read_plugin_settings(manifest, given != nullptr ? *given : Node{}, file, out.mistakes);
  }
  for (const auto& [name, node] : settings.entries) {
    const auto is_it = [&, &key = name.text](const auto& other) { return other.plugin == key; };
    if (out.settings.count(name.text) > 0 || std::any_of(out.refused.begin(), out.refused.end(), is_it))
      continue;
    out.mistakes.push_back({file, name.place,
                            "settings of " + in_quotes(name.text) + ", which is no plugin that is there." +
                                suggestion(name.text, names)});
  }
}

std::string shown(const fs::path& path, const fs::path& root) {
  const fs::path below = root.empty() ? path : path.lexically_relative(root);
  return below.empty() || *below.begin() == ".." ? path.generic_string() : below.generic_string();
}

}  // namespace

const Manifest* LoadedModel::find(std::string_view plugin) const {
  for (const Manifest& manifest : manifests) {
    if (manifest.name == plugin) return &manifest;
  }
  return nullptr;
}

LoadedModel merge_model(std::vector<ReadManifest> read, const std::vector<Document>& extensions,
                        const Node& settings, const std::string& settings_file) {
  LoadedModel out;
  std::vector<Manifest> manifests = usable(std::move(read), out);
  for (;;) {
    const std::size_t before = out.refused.size();
    std::vector<std::size_t> order = start_order(manifests, out.refused);
    note_refusals(manifests, before, out);
    // The built-in types come first: everybody may name them.
    const auto host = std::find(order.begin(), order.end(), std::size_t{0});
    std::rotate(order.begin(), host, host + 1);
    std::map<std::string, Mistakes, std::less<>> mistakes;
    Model model = Merge(manifests, order).run(mistakes);
    TALON_CHECK(mistakes["host"].empty());
    std::vector<Manifest> good;
    bool is_clean = true;
    for (const std::size_t i : order) {
      const Mistakes& own = mistakes[manifests[i].name];
      if (own.empty()) {
        good.push_back(manifests[i]);
        continue;
      }
      is_clean = false;
      append(out.mistakes, own);
      out.refused.push_back({manifests[i].name, reason_of(own), manifests[i].folder});
    }
    manifests = std::move(good);
    if (!is_clean) continue;
    out.model = std::move(model);
    break;
  }
  apply_extensions(out.model, extensions, out.mistakes);
  manifests.erase(manifests.begin());
  out.manifests = std::move(manifests);
  read_settings(settings, settings_file, out);
  return out;
}

LoadedModel load_model(const ModelSources& sources) {
  std::vector<ReadManifest> manifests;
  for (const fs::path& directory : sources.plugin_directories) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
      if (fs::exists(it->path() / "plugin.yaml", error)) folders.push_back(it->path());
    }
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
      ReadManifest& read = manifests.emplace_back();
      const fs::path path = folder / "plugin.yaml";
      read.manifest =
          read_manifest(config::read_yaml(path, shown(path, sources.root), read.mistakes), read.mistakes);
      read.manifest.folder = folder;
      const std::string& name = read.manifest.name;
      const auto& off = sources.disabled;
      const bool is_off =
          std::find(off.begin(), off.end(), name.empty() ? folder.filename().string() : name) != off.end();
      if (is_off) manifests.pop_back();
    }
  }
  Mistakes mistakes;
  const std::vector<Document> extensions = config::read_yaml_directory(
      sources.extensions_directory, shown(sources.extensions_directory, sources.root), mistakes);
  LoadedModel loaded =
      merge_model(std::move(manifests), mistakes.empty() ? extensions : std::vector<Document>(),
                  sources.settings, sources.settings_file);
  append(loaded.mistakes, mistakes);
  return loaded;
}

}  // namespace talon::model
