/// Policy files for the commands that work without a server: found, read, and shown to the access plugin.
#pragma once

#include "host/cli/offline.hpp"
#include "host/cli/session.hpp"

#include <string>
#include <vector>

namespace talon::cli {

/// Whether the settings file cannot be gone by; says so. Read as if it were empty, it would name other
/// folders than the installation's, and a check of those says nothing. Without any, given folders do by
/// themselves.
bool lacks_settings(Session& session, const Offline& offline, bool has_places);
/// The folders that the installation's settings and manifests name for policies.
std::vector<std::string> own_places(const Offline& offline);
/// All files of these folders (or single files), as the access plugin's commands take them.
/// @errors NotFound: a folder without YAML. InvalidArgument: all mistakes of form.
Result<Json> documents_json(const std::vector<std::string>& places);
/// Runs a command of the access plugin here, on the installation's model.
Result<Json> ask_offline(Offline& offline, const std::string& command, Json args);
/// Whether any file of these folders or files says which roles there are.
bool declares_roles(const std::vector<std::string>& places);
/// Prints the mistakes of a set. @return `code`.
int show_mistakes(Session& session, const Json& mistakes, int code);

/// Files of policies that wait for a plugin which is not here (`plugin: NAME`): right, and not in force.
Mistakes passed_over(const Offline& offline);

}  // namespace talon::cli
