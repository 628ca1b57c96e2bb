/// The installation read from its files alone: no database, no network, nothing started.
#pragma once

#include "host/config/settings.hpp"
#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"
#include "host/runtime/clock.hpp"

#include <talon/document.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace talon::cli {

/// @threads one at a time.
class Offline {
 public:
  /// Reads settings, manifests and extensions; mistakes are kept. @param config  path of talon.yaml.
  explicit Offline(const std::filesystem::path& config);
  ~Offline();
  Offline(const Offline&) = delete;
  Offline& operator=(const Offline&) = delete;

  const config::Settings& settings() const { return settings_; }
  const model::LoadedModel& loaded() const { return loaded_; }
  Mistakes& mistakes() { return mistakes_; }
  /// Those of the settings file's form alone; a copy that stays when `mistakes` is emptied.
  const Mistakes& settings_mistakes() const { return settings_mistakes_; }

  /// Loads the libraries; a mandatory plugin that is refused, or any that cannot be loaded, becomes a
  /// mistake.
  void load_plugins();
  /// The documents that `plugin` owns, checked by it. @return how many files there were.
  std::size_t check_documents(const std::string& plugin);
  plugins::Plugins& plugins() { return *plugins_; }

 private:
  config::Settings settings_;
  model::LoadedModel loaded_;
  Mistakes mistakes_;
  Mistakes settings_mistakes_;
  runtime::SystemClock clock_;
  std::filesystem::path copies_;  ///< where the libraries are copied to; removed at the end
  std::unique_ptr<plugins::Plugins> plugins_;
};

/// The folder of plugins: the settings', else `plugins` beside the running program's own folder.
std::filesystem::path plugin_directory(const config::Settings& settings);

}  // namespace talon::cli
