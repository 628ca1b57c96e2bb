/// What every command works with: the options, where output goes, and the connection to the server.
#pragma once

#include "host/cli/client.hpp"

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace talon::cli {

enum Exit : int {
  kOk = 0,
  kFailed = 1,
  kWrongUse = 2,
  kInvalidConfiguration = 3,
  kPartly = 4,
  kRefused = 5,
  kLater = 75
};

/// The exit code that tells a script what kind of error it was.
int exit_code(const Error& error);

struct Options {
  std::string server;      ///< empty: the saved sign-in's, else http://127.0.0.1:8080
  std::string token_file;  ///< empty: the saved sign-in's token
  std::string ca_file;     ///< PEM of an authority that the system does not know
  std::string as;          ///< whose view is looked at, by address or id; empty: one's own
  std::string config = "config/talon.yaml";
  bool is_json = false;
};

class Session {
 public:
  Session(std::ostream& out, std::ostream& err) : out_(out), err_(err) {}

  Options options;
  /// What the command line asks for; set by the command that was named.
  std::function<int()> action;
  /// What the command names, for an answer that there is none: `session "ses_1"`, and how to find the right
  /// one.
  std::string asked;

  std::ostream& out() { return out_; }
  std::ostream& err() { return err_; }

  /// Prints the error and what to do about it. @return its exit code.
  int fail(const Error& error);
  /// Prints JSON: as it is with --json, else for a person (`print_json`).
  int show(const Json& json);

  /// The address that --server names, else the saved sign-in's, else the usual one.
  std::string server_of(const std::string& saved);
  /// Connected to the server, with the token of --token-file or the saved sign-in.
  Result<Client> connect();
  /// One request; the answer's body as JSON (null where it is empty).
  Result<Json> call(const Request& request);
  /// The same, shown to a person. @return the exit code.
  int show_answer(const Request& request);
  /// Makes that what the command does.
  void will_show(Request request);
  /// The id of a person named by id or e-mail address.
  Result<std::string> user_id(const std::string& user);
  /// Runs a plugin's command on the server and passes its output on. @return the exit code.
  int run_plugin_command(const std::string& plugin, const std::string& command, const Json& args);
  /// The same for rows, however many: they are passed on as they come.
  int stream_plugin_command(const std::string& plugin, const std::string& command, const Json& args);
  /// The same for rows of JSON, for a person: as a table of these columns, printed as they come.
  int tabulate_plugin_command(const std::string& plugin, const std::string& command, const Json& args,
                              const std::vector<std::string>& columns);

 private:
  std::ostream& out_;
  std::ostream& err_;
  bool is_server_named_ = true;  ///< by --server or a saved sign-in
};

}  // namespace talon::cli
