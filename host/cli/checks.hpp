/// Commands that need no server: the checks of files.
#pragma once

#include "host/cli/session.hpp"

#include <string>
#include <vector>

namespace talon::cli {

/// `talon check`: settings, manifests, extensions and every plugin's documents; all mistakes at once.
int check_installation(Session& session);
/// `talon policy check|test`, `talon sync check`: the documents of one plugin alone.
int check_plugin_documents(Session& session, const std::string& plugin);
/// Runs an `offline: yes` command of a plugin in this process.
int run_offline(Session& session, const std::string& plugin, const std::string& command, const Json& args);
/// `talon doctor`: the installation's files and the server, one line each.
int doctor(Session& session);

}  // namespace talon::cli
