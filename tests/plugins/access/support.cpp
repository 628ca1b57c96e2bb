/// Models, documents and policy sets for the tests of the access plugin.
#include "tests/plugins/access/support.hpp"

#include "host/config/yaml.hpp"
#include "host/model/load.hpp"

#include <cstdio>

namespace talon::access {

namespace {

const std::filesystem::path kSource = TALON_SOURCE_DIR;
const std::filesystem::path kExample = kSource / "tests/plugins/access/example";

void require_none(const Mistakes& mistakes) {
  for (const Mistake& mistake : mistakes) std::fprintf(stderr, "%s\n", mistake.to_string().c_str());
  TALON_CHECK(mistakes.empty());
}

template <typename T>
void require(const Result<T>& result) {
  if (!result) std::fprintf(stderr, "%s\n", result.error().message.c_str());
  TALON_CHECK(result ? true : false);
}

std::vector<Document> read_directory(const std::filesystem::path& directory, const std::string& name) {
  Mistakes mistakes;
  std::vector<Document> documents = config::read_yaml_directory(directory, name, mistakes);
  require_none(mistakes);
  return documents;
}

}  // namespace

std::shared_ptr<const model::Model> shipped_model() {
  static const std::shared_ptr<const model::Model> model = [] {
    model::ModelSources sources;
    sources.plugin_directories = {kSource / "plugins", kSource / "connectors"};
    sources.root = kSource;
    return std::make_shared<const model::Model>(model::load_model(sources).model);
  }();
  return model;
}

std::shared_ptr<const model::Model> example_model() {
  static const std::shared_ptr<const model::Model> model = [] {
    model::ReadManifest read;
    Mistakes mistakes;
    Document document = config::read_yaml(kExample / "plugin.yaml", "example/plugin.yaml", mistakes);
    read.manifest = model::read_manifest(std::move(document), mistakes);
    require_none(mistakes);
    std::vector<model::ReadManifest> manifests;
    manifests.push_back(std::move(read));
    const model::LoadedModel loaded = model::merge_model(std::move(manifests), {});
    require_none(loaded.mistakes);
    return std::make_shared<const model::Model>(loaded.model);
  }();
  return model;
}

std::vector<Document> shipped_documents() {
  return read_directory(kSource / "config/policies", "config/policies");
}

std::vector<Document> example_documents() {
  std::vector<Document> documents = read_directory(kExample, "");
  std::erase_if(documents, [](const Document& document) { return document.file.ends_with("plugin.yaml"); });
  for (Document& document : documents) {
    if (document.file.starts_with("/")) document.file.erase(0, 1);
  }
  return documents;
}

std::vector<Document> documents_of(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<Document> documents;
  Mistakes mistakes;
  for (const auto& [file, text] : files) documents.push_back(config::read_yaml_text(text, file, mistakes));
  require_none(mistakes);
  return documents;
}

std::vector<Document> example_with(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<Document> documents = example_documents();
  std::erase_if(documents, [](const Document& document) {
    return document.file != "roles.yaml" && document.file != "facts.yaml" && document.file != "scopes.yaml";
  });
  TALON_CHECK(documents.size() == 3);
  for (Document& document : documents_of(files)) documents.push_back(std::move(document));
  return documents;
}

std::vector<std::string> lines_of(const Mistakes& mistakes) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(mistake.to_string());
  return lines;
}

std::vector<std::string> mistakes_of(const std::vector<Document>& documents, const model::Model& model) {
  Mistakes mistakes;
  require(Authority::prepare(write_documents(documents), model, mistakes));
  return lines_of(mistakes);
}

std::shared_ptr<const CompiledSet> prepared(const std::vector<Document>& documents, const model::Model& model,
                                            TestReport* report) {
  Mistakes mistakes;
  auto set = Authority::prepare(write_documents(documents), model, mistakes, report);
  require(set);
  require_none(mistakes);
  return *std::move(set);
}

}  // namespace talon::access
