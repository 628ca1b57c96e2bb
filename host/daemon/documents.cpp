/// Reads the folders of YAML that plugins own.
#include "host/daemon/documents.hpp"

#include "host/config/yaml.hpp"

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
                        plugins::Plugins& plugins, const model::Model& model) {
  Mistakes mistakes;
  std::vector<Document> documents;
  for (const DocumentFolder& folder : folders) {
    if (folder.plugin != plugin) continue;
    std::vector<Document> read = config::read_yaml_directory(folder.directory, folder.name, mistakes);
    documents.insert(documents.end(), std::make_move_iterator(read.begin()),
                     std::make_move_iterator(read.end()));
  }
  if (!mistakes.empty()) return mistakes;
  auto loaded = plugins.load_documents(plugin, documents, model);
  if (!loaded) return {{plugin, {1, 1}, loaded.error().message}};
  return *std::move(loaded);
}

}  // namespace talon::daemon
