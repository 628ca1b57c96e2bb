/// A plugin's settings: what the manifest declares, with what config/talon.yaml says. Inside host/model.
#pragma once

#include "host/model/manifest.hpp"

#include <talon/document.hpp>
#include <talon/json.hpp>

#include <string>

namespace talon::model {

/// The settings of one plugin as one object, defaults filled in; what neither has is left out.
/// @param given  the plugin's map below `plugins.settings`; Null: none.
/// @param file   where it stands, for mistakes.
Json read_plugin_settings(const Manifest& manifest, const Node& given, const std::string& file,
                          Mistakes& mistakes);

}  // namespace talon::model
