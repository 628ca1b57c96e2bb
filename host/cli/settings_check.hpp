/// What talon.yaml says beyond its form: secrets that must be there, plugins' own rules for their settings,
/// and roles that the policies know.
#pragma once

#include "host/cli/offline.hpp"

namespace talon::cli {

/// Each secret that the settings name, the plugins' included, is there and its file is its owner's alone.
void check_secrets(Offline& offline);
/// What the settings name is there: plugins that are not to be loaded, folders of documents, files of TLS.
void check_named(Offline& offline);
/// Asks each plugin that has the offline command `check_settings` what is wrong with its settings; the roles
/// that it answers with must be roles of the policies. After `load_plugins`.
void check_plugin_settings(Offline& offline);

}  // namespace talon::cli
