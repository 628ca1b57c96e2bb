/// Reads an installation and loads its plugins for what they can do without a server.
#include "host/cli/offline.hpp"

#include "host/config/yaml.hpp"
#include "host/model/acts.hpp"
#include "host/runtime/log.hpp"

#include <cstdlib>
#include <system_error>

namespace talon::cli {

namespace {

namespace fs = std::filesystem;

void append(Mistakes& to, const Mistakes& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

fs::path plugin_directory(const config::Settings& settings) {
  if (!settings.plugins.directory.empty()) return settings.plugins.directory;
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().parent_path() / "plugins";
}

Offline::Offline(const fs::path& config) {
  settings_ = config::read_settings(config, config.string(), mistakes_);
  std::error_code error;
  if (!mistakes_.empty() && !fs::exists(config, error))
    mistakes_.front().message += ". Be in the installation's folder, or name its settings: --config FILE";
  settings_mistakes_ = mistakes_;
  loaded_ = model::load_model({.plugin_directories = {plugin_directory(settings_)},
                               .extensions_directory = settings_.extensions_directory,
                               .root = settings_.root,
                               .settings_file = settings_.file,
                               .settings = settings_.plugins.settings,
                               .disabled = settings_.plugins.disabled});
  if (settings_.security.step_up_place) {
    model::check_acts(loaded_.model, settings_.security.step_up_acts, settings_.file,
                      *settings_.security.step_up_place, loaded_.mistakes);
  }
  append(mistakes_, loaded_.mistakes);
  for (const std::string& name : settings_.plugins.mandatory) {
    if (loaded_.find(name) != nullptr) continue;
    const std::string where = plugin_directory(settings_).string();
    mistakes_.push_back({settings_.file,
                         {1, 1},
                         "the mandatory plugin " + name + " is not in " + where +
                             ", or has a mistake. Build it, or change plugins.directory"});
  }
}

Offline::~Offline() {
  plugins_.reset();
  std::error_code error;
  if (!copies_.empty()) fs::remove_all(copies_, error);
}

void Offline::load_plugins() {
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "talon-check-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    mistakes_.push_back(
        {settings_.file, {1, 1}, "no temporary folder can be made for the plugins' libraries"});
    return;
  }
  copies_ = pattern;
  // Refusals come back as mistakes; the log's lines would stand between them.
  runtime::log().set_sink([](std::string_view) {});
  plugins::Plugins::Parts parts;
  parts.data_directory = copies_;
  parts.clock = &clock_;
  parts.secret = [](std::string_view, std::string_view) -> Result<std::string> {
    return not_found("secrets are not read without a server");
  };
  plugins_ = std::make_unique<plugins::Plugins>(std::move(parts));
  std::vector<plugins::Spec> specs;
  for (const model::Manifest& manifest : loaded_.manifests) {
    const auto settings = loaded_.settings.find(manifest.name);
    plugins::Spec& spec = specs.emplace_back(
        plugins::spec_of(manifest, settings != loaded_.settings.end() ? settings->second : Json::object()));
    spec.settings.set("data_directory", fs::absolute(settings_.data).string());  // as talond does
  }
  plugins_->load_all(std::move(specs));
  for (const plugins::Health& health : plugins_->health()) {
    const model::Manifest* manifest = loaded_.find(health.name);
    if (health.state != plugins::State::Failed || manifest == nullptr) continue;
    mistakes_.push_back({manifest->document.file, {1, 1}, health.reason});
  }
}

std::size_t Offline::check_documents(const std::string& plugin) {
  const model::Manifest* manifest = loaded_.find(plugin);
  if (manifest == nullptr || plugins_ == nullptr) return 0;
  std::vector<Document> documents;
  const std::size_t before = mistakes_.size();
  for (const model::DocumentRoot& root : manifest->documents) {
    const auto other = settings_.documents.find(root.name);
    const fs::path place =
        other != settings_.documents.end() ? fs::path(other->second) : settings_.root / root.directory;
    for (Document& document : config::read_yaml_directory(place, root.directory, mistakes_)) {
      documents.push_back(std::move(document));
    }
  }
  if (mistakes_.size() != before) return documents.size();  // half a tree would only give follow-up mistakes
  const auto found = plugins_->check_documents(plugin, documents, loaded_.model);
  if (found) {
    append(mistakes_, *found);
  } else {
    mistakes_.push_back(
        {manifest->document.file, {1, 1}, "its documents cannot be checked: " + found.error().message});
  }
  return documents.size();
}

}  // namespace talon::cli
