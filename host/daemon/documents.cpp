/// Reads the folders of YAML that plugins own.
#include "host/daemon/documents.hpp"

#include "host/config/yaml.hpp"
#include "host/runtime/digest.hpp"

#include <cstdint>
#include <memory>

namespace talon::daemon {

namespace {

/// The files of a set as they were read, one after the other: a tenth of what they are as JSON.
class Sources {
 public:
  void add(const std::string& name, std::string_view bytes) {
    sizes_.push_back({static_cast<uint32_t>(name.size()), static_cast<uint32_t>(bytes.size())});
    text_.append(name).append(bytes);
  }
  void shrink() {
    sizes_.shrink_to_fit();
    text_.shrink_to_fit();
  }
  std::string written() const {
    DocumentsWriter writer;
    Mistakes none;  // they were read before
    std::string_view rest = text_;
    const auto next = [&rest](uint32_t size) {
      const std::string_view piece = rest.substr(0, size);
      rest.remove_prefix(size);
      return piece;
    };
    for (const Sizes& size : sizes_) {
      const std::string name(next(size.name));
      writer.add(config::read_yaml_text(next(size.bytes), name, none));
    }
    return writer.take();
  }

 private:
  struct Sizes {
    uint32_t name = 0;
    uint32_t bytes = 0;
  };
  std::vector<Sizes> sizes_;
  std::string text_;
};

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
  DocumentsWriter documents;
  const auto sources = std::make_shared<Sources>();  // shared with what makes the documents again
  for (const DocumentFolder& folder : folders) {
    if (folder.plugin != plugin) continue;
    for (const std::string& file : config::list_yaml_directory(folder.directory, folder.name, mistakes)) {
      // Read once: a file that is replaced meanwhile is handed over as it is hashed.
      const std::string name = folder.name.empty() ? file : folder.name + "/" + file;
      const Result<config::YamlBytes> bytes = config::read_yaml_bytes(folder.directory / file);
      if (!bytes) {
        mistakes.push_back({name, {1, 1}, bytes.error().message});
        continue;
      }
      documents.add(config::read_yaml_text(bytes->text, name, mistakes));
      handed.files.push_back({name, bytes->owner, runtime::sha256_hex(bytes->text)});
      sources->add(name, bytes->text);
    }
  }
  if (!mistakes.empty()) return mistakes;
  sources->shrink();
  const std::string written = documents.take();
  handed.set = runtime::sha256_hex(written);
  auto loaded = plugins.load_documents(plugin, written, model, [sources] { return sources->written(); });
  if (!loaded) return {{plugin, {1, 1}, loaded.error().message}};
  return *std::move(loaded);
}

}  // namespace talon::daemon
