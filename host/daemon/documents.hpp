/// The YAML that plugins own: read by the host, checked by its owner, put in force whole or not at all.
#pragma once

#include "host/config/settings.hpp"
#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"

#include <sys/types.h>

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

/// What was handed over, with the digest of the very bytes that each document was read from.
struct HandedOver {
  struct File {
    std::string name;  ///< as mistakes name it
    uid_t owner = 0;   ///< the user who owns it on this machine
    std::string sha256;
  };
  std::vector<File> files;  ///< one per document
  std::string set;          ///< the hash by which entries name the set that a principal was judged by
};

/// Reads the plugin's folders and hands them over. Any mistake, of syntax or meaning, keeps the old set in
/// force.
/// @param handed  set to what the plugin got.
/// @return the mistakes; empty: the plugin has the new set, and puts it in force now or when it is told to.
Mistakes load_documents(const std::vector<DocumentFolder>& folders, const std::string& plugin,
                        plugins::Plugins& plugins, const model::Model& model, HandedOver& handed);

}  // namespace talon::daemon
