/// The YAML that plugins own: read by the host, checked by its owner, put in force whole or not at all.
#pragma once

#include "host/config/settings.hpp"
#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace talon::daemon {

/// A directory of documents and the plugin that owns it.
struct DocumentFolder {
  std::string plugin;
  std::filesystem::path directory;
  std::string name;  ///< as mistakes name it: "config/policies"
};

/// The folders of all plugins that take part, with the settings' other places.
std::vector<DocumentFolder> document_folders(const config::Settings& settings,
                                             const model::LoadedModel& model);

/// Reads the plugin's folders and hands them over. Any mistake, of syntax or meaning, keeps the old set in
/// force.
/// @return the mistakes; empty: the new set is in force.
Mistakes load_documents(const std::vector<DocumentFolder>& folders, const std::string& plugin,
                        plugins::Plugins& plugins, const model::Model& model);

}  // namespace talon::daemon
