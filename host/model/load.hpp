/// From manifests and extensions to one model: everything checked against everything, bad plugins left out by
/// name.
#pragma once

#include "host/model/manifest.hpp"

#include <talon/document.hpp>
#include <talon/json.hpp>
#include <talon/model.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace talon::model {

/// A plugin that does not take part, and why.
struct Refused {
  std::string plugin;  ///< its name, or its folder's where the manifest has none
  std::string reason;  ///< for a person: the first mistake with its place, or what it requires
  std::filesystem::path folder;
};

struct LoadedModel {
  Model model;                      ///< of the built-in types and all plugins that take part
  std::vector<Manifest> manifests;  ///< those plugins: each after what it requires, names breaking ties
  std::vector<Refused> refused;
  Mistakes mistakes;  ///< all, of refused plugins, extensions and settings
  /// The settings of each plugin in `manifests`: one object, defaults filled in; a `!secret NAME` is the text
  /// NAME.
  std::map<std::string, Json, std::less<>> settings;

  const Manifest* find(std::string_view plugin) const;
};

struct ModelSources {
  std::vector<std::filesystem::path>
      plugin_directories;                      ///< each holds a folder a plugin, with its plugin.yaml
  std::filesystem::path extensions_directory;  ///< *.yaml; need not be there
  std::filesystem::path root;                  ///< files below it are named from here; empty: in full
  std::string settings_file;                   ///< "config/talon.yaml", for mistakes in `settings`
  Node settings;                               ///< {PLUGIN: {KEY: VALUE}}
  std::vector<std::string> disabled;           ///< plugins that are not to take part
};

/// Reads and merges. Never fails as a whole: what is wrong is in `mistakes` and `refused`; without any plugin
/// the built-in types are left.
/// @threads any.
LoadedModel load_model(const ModelSources& sources);

/// As above from manifests that were read (each with its own mistakes), and extensions.
struct ReadManifest {
  Manifest manifest;
  Mistakes mistakes;
};
LoadedModel merge_model(std::vector<ReadManifest> manifests, const std::vector<Document>& extensions,
                        const Node& settings = {}, const std::string& settings_file = {});

/// The order in which plugins start. Names the missing requirement or the cycle of those that cannot.
/// @return positions in `manifests`: each after what it requires, names breaking ties.
std::vector<std::size_t> start_order(const std::vector<Manifest>& manifests, std::vector<Refused>& refused);

}  // namespace talon::model
