/// Reads the folders of YAML that plugins own.
#include "host/daemon/documents.hpp"

#include "host/config/yaml.hpp"
#include "host/runtime/digest.hpp"

#include <memory>

namespace talon::daemon {

namespace {

/// A document as it was read: a tenth of what it is as JSON.
struct Source {
  std::string name;
  std::string bytes;
};

std::string written_of(const std::vector<Source>& sources) {
  std::vector<Document> documents;
  Mistakes none;  // they were read before
  for (const Source& source : sources)
    documents.push_back(config::read_yaml_text(source.bytes, source.name, none));
  return write_documents(documents);
}

}  // namespace

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
  std::vector<Document> documents;
  const auto sources = std::make_shared<std::vector<Source>>();  // shared with what makes them again
  for (const DocumentFolder& folder : folders) {
    if (folder.plugin != plugin) continue;
    for (const std::string& file : config::list_yaml_directory(folder.directory, folder.name, mistakes)) {
      // Read once: a file that is replaced meanwhile is handed over as it is hashed.
      const std::string name = folder.name.empty() ? file : folder.name + "/" + file;
      const auto path = folder.directory / file;
      const Result<std::string> bytes = config::read_yaml_bytes(path);
      if (!bytes) {
        mistakes.push_back({name, {1, 1}, bytes.error().message});
        continue;
      }
      documents.push_back(config::read_yaml_text(*bytes, name, mistakes));
      handed.files.push_back({name, path, runtime::sha256_hex(*bytes)});
      sources->push_back({name, *bytes});
    }
  }
  if (!mistakes.empty()) return mistakes;
  const std::string written = write_documents(documents);
  std::vector<Document>().swap(documents);
  handed.set = runtime::sha256_hex(written);
  auto loaded = plugins.load_documents(plugin, written, model, [sources] { return written_of(*sources); });
  if (!loaded) return {{plugin, {1, 1}, loaded.error().message}};
  return *std::move(loaded);
}

}  // namespace talon::daemon
