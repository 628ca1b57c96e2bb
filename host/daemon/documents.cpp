/// Reads the folders of YAML that plugins own.
#include "host/daemon/documents.hpp"

#include "host/config/yaml.hpp"
#include "host/runtime/digest.hpp"

#include <fstream>
#include <iterator>

namespace talon::daemon {

std::vector<DocumentFolder> document_folders(const config::Settings& settings,
                                             const model::LoadedModel& model) {
  std::vector<DocumentFolder> folders;
  for (const model::Manifest& manifest : model.manifests) {
    for (const model::DocumentRoot& root : manifest.documents) {
      const auto other = settings.documents.find(root.name);
      const std::string place = other == settings.documents.end() ? root.directory : other->second;
      folders.push_back({manifest.name, settings.root / place, place});
    }
  }
  return folders;
}

Mistakes load_documents(const std::vector<DocumentFolder>& folders, const std::string& plugin,
                        plugins::Plugins& plugins, const model::Model& model, HandedOver& handed) {
  Mistakes mistakes;
  for (const DocumentFolder& folder : folders) {
    if (folder.plugin != plugin) continue;
    for (const Document& found : config::read_yaml_directory(folder.directory, folder.name, mistakes)) {
      const auto path = folder.directory / std::filesystem::path(found.file).lexically_relative(folder.name);
      // Read once more as bytes: a file that is replaced meanwhile is handed over as it is hashed.
      std::ifstream file(path, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      Mistakes again;
      if (!file) again.push_back({found.file, {1, 1}, "is gone since it was listed"});
      handed.documents.push_back(config::read_yaml_text(bytes, found.file, again));
      handed.files.push_back({path, runtime::sha256_hex(bytes)});
      if (mistakes.empty()) mistakes = std::move(again);
    }
  }
  if (!mistakes.empty()) return mistakes;
  auto loaded = plugins.load_documents(plugin, handed.documents, model);
  if (!loaded) return {{plugin, {1, 1}, loaded.error().message}};
  return *std::move(loaded);
}

}  // namespace talon::daemon
