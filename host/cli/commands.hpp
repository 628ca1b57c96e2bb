/// The groups of commands. Each function adds its subcommands to `app`; a command that is named sets
/// `session.action`.
#pragma once

#include "host/cli/session.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace talon::cli {

void add_local_commands(CLI::App& app, Session& session);  ///< check, version, doctor, login, logout, openapi
void add_record_commands(CLI::App& app, Session& session);   ///< record
void add_people_commands(CLI::App& app, Session& session);   ///< user
void add_account_commands(CLI::App& app, Session& session);  ///< session, token, second-factor
void add_policy_commands(CLI::App& app, Session& session);   ///< policy
void add_audit_commands(CLI::App& app, Session& session);    ///< audit
void add_plugin_commands(CLI::App& app, Session& session);   ///< plugin, report, sync

}  // namespace talon::cli
