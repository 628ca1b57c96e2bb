/// The comfortable way to write a plugin: a class of some twenty lines.
///
///   class Hello : public talon::Plugin {
///    public:
///     explicit Hello(talon::Host& host) : Plugin(host) {
///       on_action("greeting.wave", [this](talon::ActionRequest& request) { return wave(request); });
///     }
///     …
///   };
///   TALON_PLUGIN(Hello, "hello", "1.0.0")
///
/// Handlers may throw: the shim turns an exception into Internal and the host marks the plugin unhealthy.
#pragma once

#include <talon/abi/host_tables.h>
#include <talon/abi/plugin_tables.h>
#include <talon/changeset.hpp>
#include <talon/document.hpp>
#include <talon/model.hpp>
#include <talon/offers.hpp>
#include <talon/records.hpp>
#include <talon/result.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace talon {

/// The host's services, as C++. Outlives the plugin's instance. @threads any.
class Host {
 public:
  explicit Host(const talon_host* host) : host_(host) {}

  void log(uint32_t level, std::string_view event, const Json& fields = Json::object()) const;
  int64_t now_us() const;  ///< microseconds since 1970-01-01 UTC
  Date today() const;      ///< in the installation's zone
  /// The plugin's settings, defaults filled in.
  Result<Json> settings() const;
  /// @return NotFound when no such secret is configured.
  Result<std::string> secret(std::string_view name) const;
  Result<model::Model> model() const;
  /// Records as the plugin itself: what its manifest's `elevates` names and no more.
  Records records() const;
  /// Runs another plugin's command (it must be in `requires`); gives all of its output.
  Result<std::string> command(const talon_call* call, std::string_view plugin, std::string_view name,
                              const Json& args) const;
  /// A table of another plugin, with its instance; null when that plugin is not in `requires` or not running.
  template <typename Table>
  const Table* table_of(std::string_view plugin, std::string_view id, void** instance) const;
  const talon_host* raw() const { return host_; }

 private:
  const talon_host* host_;
};

/// A running action: who asks, on which record, with what input.
struct ActionRequest {
  const talon_call* call;
  Records records;  ///< reads as the caller
  std::string type;
  std::string id;  ///< text form; empty for an action on the type
  std::string action;
  Json input;  ///< checked against the manifest's `input:`
};

/// Streams a command's answer.
class Output {
 public:
  explicit Output(const talon_writer* writer) : writer_(writer) {}
  Result<void> write(std::string_view text);

 private:
  const talon_writer* writer_;
};

struct CommandRequest {
  const talon_call* call;  ///< null offline
  Records records;         ///< reads and writes as the caller
  std::string command;
  Json args;
};

struct Event {
  std::string id;
  std::string event;  ///< "invoice.issued"
  std::string type;
  std::string record;  ///< id
  int64_t version = 0;
  Json data;
};

using ActionHandler = std::function<Result<ChangeSet>(ActionRequest&)>;
using CommandHandler = std::function<Result<void>(CommandRequest&, Output&)>;
using JobHandler = std::function<Result<void>()>;
using EventHandler = std::function<Result<void>(const Event&)>;

class Plugin {
 public:
  explicit Plugin(Host& host) : host_(host) {}
  virtual ~Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  /// Everything in `requires` has started. @threads main.
  virtual Result<void> start() { return {}; }
  /// No call is under way and none follows; join your threads. @threads main.
  virtual void stop() {}
  /// A table that this wrapper has no handler for ("talon.source/1"), or null.
  virtual const void* table(std::string_view) { return nullptr; }

  // A language of configuration documents (the manifest's `documents:`); override both to own one.
  virtual bool owns_documents() const { return false; }
  /// Reports mistakes without changing anything; works before `start`.
  virtual Mistakes check(const std::vector<Document>&, const model::Model&) { return {}; }
  /// Checks, and swaps at once when there is no mistake; or keeps the set until it is put in force on
  /// command.
  virtual Mistakes load(const std::vector<Document>&, const model::Model&) { return {}; }
  /// `check` and `load` of the JSON of documents. A language of thousands of files overrides these instead
  /// and reads them one by one (`split_documents`). @errors InvalidArgument: no such JSON.
  virtual Result<Mistakes> check_written(std::string_view documents, const model::Model& model) {
    TALON_TRY(const std::vector<Document> read, read_documents(documents));
    return check(read, model);
  }
  virtual Result<Mistakes> load_written(std::string_view documents, const model::Model& model) {
    TALON_TRY(const std::vector<Document> read, read_documents(documents));
    return load(read, model);
  }
  /// For a plugin whose sets may wait: the SHA-256 (hexadecimal) of `write_documents` of the set in force.
  /// Empty: what was loaded last is in force. @threads any, after `start`.
  virtual std::string documents_in_force() const { return {}; }

  // What the shims call; not for plugin code.
  const std::map<std::string, ActionHandler, std::less<>>& actions() const { return actions_; }
  const std::map<std::string, CommandHandler, std::less<>>& commands() const { return commands_; }
  const std::map<std::string, JobHandler, std::less<>>& jobs() const { return jobs_; }
  const std::map<std::string, EventHandler, std::less<>>& events() const { return events_; }

 protected:
  /// @param name  TYPE.ACTION, as in the manifest.
  void on_action(std::string name, ActionHandler handler) { actions_[std::move(name)] = std::move(handler); }
  void on_command(std::string name, CommandHandler handler) {
    commands_[std::move(name)] = std::move(handler);
  }
  void on_job(std::string name, JobHandler handler) { jobs_[std::move(name)] = std::move(handler); }
  void on_event(std::string name, EventHandler handler) { events_[std::move(name)] = std::move(handler); }
  Host& host() const { return host_; }

 private:
  Host& host_;  // outlives this; owned by the shim
  std::map<std::string, ActionHandler, std::less<>> actions_;
  std::map<std::string, CommandHandler, std::less<>> commands_;
  std::map<std::string, JobHandler, std::less<>> jobs_;
  std::map<std::string, EventHandler, std::less<>> events_;
};

}  // namespace talon

#include <talon/host_client.hpp>
#include <talon/plugin_shim.hpp>
