/// The plugins room: loads libraries, keeps their life cycle, and is the host's one way to call them.
///
/// Order of a start (daemon): Plugins → load_all → Gate(authorizer()) and Records(action_runner(),
/// read_log()) → open → load_documents of each language → start_all. A stop goes the other way: stop_all
/// before Records goes.
#pragma once

#include "host/gate/gate.hpp"
#include "host/jobs/deliveries.hpp"
#include "host/jobs/scheduler.hpp"
#include "host/model/load.hpp"
#include "host/plugins/spec.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

#include <talon/document.hpp>
#include <talon/json.hpp>
#include <talon/model.hpp>
#include <talon/result.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::plugins {

enum class State { Starting, Ready, Degraded, Failed, Stopped };
/// "starting", "ready", "degraded", "failed", "stopped".
std::string_view state_name(State state);

/// How one plugin is.
struct Health {
  std::string name;
  std::string version;
  State state = State::Stopped;
  std::string reason;  ///< why it failed or is degraded; empty otherwise
  bool is_mandatory = false;
  std::vector<std::string> requires_plugins;
  std::vector<std::string> offers;
  int64_t failures = 0;   ///< calls that ended as Internal since it started
  int64_t in_flight = 0;  ///< calls under way now
};

/// @threads any, except where a function says main.
class Plugins {
 public:
  /// Takes a command's output in pieces; an error ends the command.
  using Sink = std::function<Result<void>(std::string_view)>;

  struct Parts {
    std::filesystem::path data_directory;  ///< copies of libraries go to its folder "libraries"
    const runtime::Clock* clock = nullptr;
    /// Resolves a secret's name for a plugin; NotFound: not configured.
    std::function<Result<std::string>(std::string_view plugin, std::string_view name)> secret;
    /// Called after the plugin that offers the authorizer was started, stopped or swapped (drop the kept
    /// plans).
    std::function<void()> on_authorizer_changed;
    std::vector<std::string> mandatory;  ///< beside those whose manifest says so (config/talon.yaml, plugins)
    int64_t drain_ms_max = 30000;        ///< how long a swap or stop waits for calls under way
  };
  explicit Plugins(Parts parts);
  ~Plugins();  ///< stops all
  Plugins(const Plugins&) = delete;
  Plugins& operator=(const Plugins&) = delete;

  /// Checks and loads each library and makes its instance; nothing starts yet. A plugin that is refused is
  /// listed as failed with the reason, its dependents name it, and the rest goes on.
  /// @param refused  those that the model left out, to be listed too. @threads main.
  void load_all(std::vector<Spec> specs, const std::vector<model::Refused>& refused = {});
  /// Opens the door to data for plugins: talon.records/1 and talon.model/1 answer from here on. @threads
  /// main.
  void open(records::Records& records, gate::Gate& gate);
  /// Starts all that were loaded, in the order of `requires`, names breaking ties. @threads main.
  void start_all();
  /// Stops all, dependents first. @threads main.
  void stop_all();

  /// @errors NotFound: no such plugin; FailedPrecondition: a requirement is not ready, or dependents still
  /// run (named).
  Result<void> start(std::string_view name);
  Result<void> stop(std::string_view name);
  /// A new instance takes over, of what is in the plugin's folder now: another version may have been put
  /// there. Calls never fail meanwhile, and on an error the old one stays.
  Result<void> restart(std::string_view name);
  /// Another version (or settings) takes over: made and started beside the old one, swapped at once, the old
  /// one drained and stopped. On an error the old one stays. A plugin that was not there is added.
  Result<void> swap(Spec spec);

  std::vector<Health> health() const;  ///< by name
  Result<Health> find(std::string_view name) const;
  /// [{"name","version","state","reason","mandatory","requires","offers","failures"}].
  Json list() const;
  /// True when every mandatory plugin is ready or degraded. @param reason  names the first that is not; may
  /// be null.
  bool is_ready(std::string* reason = nullptr) const;
  /// Whether the read log takes entries. After one that it did not take, an entry of the host's own is tried
  /// each time this is asked, so that it is known again to work though nobody reads meanwhile.
  /// @errors Unavailable, without a path: whoever asks need not have signed in.
  Result<void> read_log_works();

  // What other rooms call plugins through. The adapters live as long as this.
  std::shared_ptr<gate::Authorizer> authorizer();
  records::ActionRunner& action_runner();
  records::ReadLog& read_log();
  jobs::JobRunner& job_runner();
  jobs::EventHandler& event_handler();

  /// Runs a command for `call`'s principal, who needs the command's right on the plugin's own type. With
  /// `call` null it runs offline, where only `offline: yes` ones may. @errors PermissionDenied, NotFound,
  /// Unavailable: not running.
  Result<void> run_command(const gate::Call* call, std::string_view plugin, std::string_view command,
                           const Json& args, const Sink& out);
  /// What `run_command` asks before anything else, for who judges the arguments first: whoever may not run
  /// a command learns nothing of what they name. @errors as there.
  Result<void> may_run(const gate::Call& call, std::string_view plugin, std::string_view command);
  Result<void> run_job(std::string_view plugin, std::string_view job);
  /// @param event  {"id","event","type","record","version","at","data"}.
  Result<void> handle_event(std::string_view plugin, const Json& event);
  /// Asks every plugin that offers talon.login/1 in turn. @return the user's id as text, or a claim
  /// (sdk/docs/abi.md, "Sign-in") as JSON text with the "plugin" that gave it; Unauthenticated: none said
  /// yes.
  Result<std::string> verify_login(const Json& credentials);
  /// Asks one of them for a step of a sign-in by others. @return its answer, with its name as "plugin".
  /// @errors NotFound: no such plugin, or it signs nobody in; Unauthenticated: refused, or not its way.
  Result<Json> login(std::string_view plugin, const Json& step);
  /// Plugins that offer talon.login/1, by name.
  std::vector<std::string> login_plugins() const;

  /// Plugins that offer talon.checker/1, by name.
  std::vector<std::string> document_owners() const;
  /// Mistakes in the documents of one plugin; works before `start_all`. Nothing changes.
  Result<Mistakes> check_documents(std::string_view plugin, const std::vector<Document>& documents,
                                   const model::Model& model);
  /// Checks, and puts them in force when there is no mistake.
  /// @param documents  as `write_documents` has them.
  /// @param again      makes `documents` once more, for an instance that takes over: kept as long as they are
  ///                   in force.
  Result<Mistakes> load_documents(std::string_view plugin, const std::string& documents,
                                  const model::Model& model, std::function<std::string()> again);
  /// Which set of documents a plugin works by: the SHA-256, hexadecimal, of what `write_documents` made of
  /// it. Empty: the one that it took last; others wait where sets are put in force on command. After
  /// `start_all`.
  Result<std::string> documents_in_force(std::string_view plugin);

  struct Inside;  // shared with this room's other files

 private:
  std::unique_ptr<Inside> inside_;
};

}  // namespace talon::plugins
