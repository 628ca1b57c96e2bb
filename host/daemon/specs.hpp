/// From settings and manifests to what the rooms are made with.
#pragma once

#include "host/config/settings.hpp"
#include "host/http/server.hpp"
#include "host/model/load.hpp"
#include "host/plugins/spec.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace talon::daemon {

/// Where the plugins lie: the settings' folder, or `plugins` beside the program's own folder.
std::filesystem::path plugin_directory(const config::Settings& settings,
                                       const std::filesystem::path& program);

/// What the loader needs to know of every plugin that takes part.
std::vector<plugins::Spec> specs_of(const config::Settings& settings, const model::LoadedModel& model);

/// @param node  of the ids of requests, as of IdGenerator.
http::ServerOptions server_options(const config::Settings& settings, int node);

/// A relative "sqlite:" path stands below the data directory.
std::string absolute_url(const std::string& url, const std::filesystem::path& data);

}  // namespace talon::daemon
