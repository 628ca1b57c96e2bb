/// A plugin's manifest, plugin.yaml, as a struct. docs/manifest.md lists every key.
#pragma once

#include <talon/document.hpp>
#include <talon/model.hpp>

#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::model {

/// One of a plugin's settings: its type, default and limits, as for a field.
struct Setting {
  Field field;  ///< name, type (text, integer, decimal, boolean, choice, date), limits; `initial` is the
                ///< default
  bool is_secret = false;  ///< takes only `!secret NAME`
  bool is_list = false;    ///< takes a list of such values
};

/// A directory of YAML that the plugin owns (talon.checker/1).
struct DocumentRoot {
  std::string name;       ///< "policies"
  std::string directory;  ///< "config/policies", below the installation's root
};

struct Manifest {
  std::string name;
  std::string version;  ///< semantic, "1.0.0"
  int sdk = 1;
  Label label;
  std::vector<std::string> requires_plugins;
  std::vector<std::string> offers;
  std::vector<std::string> elevates;  ///< rights of the plugin itself: "number_series.edit"
  bool is_mandatory = false;
  std::vector<Setting> settings;
  std::vector<DocumentRoot> documents;
  std::vector<RecordType>
      types;  ///< records with their children, views, and the type of the plugin's commands
  std::vector<Command> commands;
  std::vector<Job> jobs;
  std::vector<std::string> subscribes;
  /// Record type → the plugin's command that judges what callers write of it.
  std::map<std::string, std::string, std::less<>> checks;

  std::filesystem::path folder;  ///< holds plugin.yaml; empty for the built-in one
  Document document;             ///< what it was read from, for places
};

/// Reads one manifest by itself: its keys, names and forms. What it says of other plugins' types,
/// `load_model` checks.
/// @param mistakes  all of them; the manifest is not to be used when there is one.
Manifest read_manifest(Document document, Mistakes& mistakes);

/// The built-in record types (user, session, token) of plugin "host".
Manifest identity_manifest();

/// The deepest node of `root` along `path`, for the place of a mistake.
const Node& locate(const Node& root, std::initializer_list<std::string_view> path);

/// Table ids that a plugin may offer: "talon.actions/1"…
const std::vector<std::string>& offer_names();

/// view, create, edit, delete, export.
const std::vector<std::string>& base_action_names();

/// An action that moves no state, runs no code and takes nothing: a right that something else asks for. It
/// has no address.
bool is_right_alone(const Action& action);

/// "number_series" → "Number series": the label of what has none.
std::string humanised(std::string_view name);

}  // namespace talon::model
