/// The host's tables for one instance of a plugin: log, clock, config, model, records, plugins.
#pragma once

#include "host/gate/principal.hpp"
#include "host/plugins/spec.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

#include <talon/abi/host_tables.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

namespace talon::plugins {

/// What all instances share. Outlives them.
struct HostServices {
  const runtime::Clock* clock = nullptr;
  std::function<Result<std::string>(std::string_view plugin, std::string_view name)> secret;
  std::atomic<records::Records*> records{nullptr};  ///< null until Plugins::open, and offline
  /// Another plugin's command, for a plugin that requires it; its principal is the caller's.
  std::function<Result<void>(const gate::Call* call, std::string_view plugin, std::string_view command,
                             const Json& args, const std::function<Result<void>(std::string_view)>& out)>
      command;
  /// Another plugin's table and instance, kept alive until the caller's own call ends; null: not running.
  std::function<const void*(std::string_view plugin, std::string_view id, void** instance)> table;
};

/// The call that plugin code works for on this thread: what the plugin then does as itself is logged as done
/// on behalf of that call's user, from where they asked.
class WorkingFor {
 public:
  /// @param call  outlives this; null: nobody's.
  explicit WorkingFor(const gate::Call* call) : outer_(current()) { current() = call; }
  ~WorkingFor() { current() = outer_; }
  WorkingFor(const WorkingFor&) = delete;
  WorkingFor& operator=(const WorkingFor&) = delete;
  static const gate::Call*& current() {
    static thread_local const gate::Call* call = nullptr;
    return call;
  }

 private:
  const gate::Call* outer_;
};

/// Given to `create`; lives until `destroy`. @threads any.
class HostTables {
 public:
  /// @param services  outlives this.
  HostTables(const HostServices& services, const Spec& spec);
  HostTables(const HostTables&) = delete;
  HostTables& operator=(const HostTables&) = delete;

  const talon_host* host() const { return &host_; }
  /// What a plugin gets as the host's call; and back.
  static const talon_call* wrap(const gate::Call* call) { return reinterpret_cast<const talon_call*>(call); }
  static const gate::Call* unwrap(const talon_call* call) {
    return reinterpret_cast<const gate::Call*>(call);
  }

 private:
  struct Functions;  // the C functions behind the tables

  const HostServices& services_;
  Spec spec_;
  gate::Call own_call_;  // the plugin itself: just what its manifest's `elevates` names
  talon_host host_{};
  talon_log_v1 log_{};
  talon_clock_v1 clock_{};
  talon_config_v1 config_{};
  talon_model_v1 model_{};
  talon_records_v1 records_{};
  talon_plugins_v1 plugins_{};
};

}  // namespace talon::plugins
