/// What the loader needs to know of one plugin: its manifest's words and its settings, as host/model and
/// host/config read them.
#pragma once

#include "host/model/manifest.hpp"

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace talon::plugins {

/// A command of the manifest's `commands:`.
struct CommandSpec {
  std::string name;
  std::string right;           ///< the action on the plugin's own type that a caller needs
  bool is_offline = false;     ///< runs without a server
  bool shows_records = false;  ///< its answer says what it shows of records
};

struct Spec {
  std::string name;
  std::string version;           ///< semantic version; must equal the library's
  int64_t sdk = 1;               ///< major version of the ABI that it needs
  std::filesystem::path folder;  ///< holds plugin.yaml and libNAME.so
  std::vector<std::string> requires_plugins;
  std::vector<std::string> offers;    ///< "talon.actions/1" …; the library must answer for each
  std::vector<std::string> elevates;  ///< rights of the plugin's own principal: "number_series.edit"
  std::vector<CommandSpec> commands;
  /// Record type → the command that judges what callers write of it.
  std::map<std::string, std::string, std::less<>> checks;
  bool is_mandatory = false;       ///< the host is not ready without it
  bool is_enabled = true;          ///< else it is listed as stopped and not loaded
  std::string declared;            ///< its record types, commands, jobs and subscriptions, to notice a change
  Json settings = Json::object();  ///< checked, defaults filled in; a `!secret NAME` is the text NAME
};

/// @param settings  of LoadedModel::settings.
Spec spec_of(const model::Manifest& manifest, Json settings);

/// The spec after somebody put another version into the plugin's folder: what its plugin.yaml says now, with
/// the settings that are in force. Without a plugin.yaml it stays as it is.
/// @errors FailedPrecondition: the manifest has mistakes, is another plugin's, or declares other record
/// types, commands,
///         jobs or subscriptions: those belong to the model, which is made when the host starts.
Result<Spec> read_again(const Spec& spec);

}  // namespace talon::plugins
