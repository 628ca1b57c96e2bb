/// What this room's files share: the registry of plugins and how a call finds its instance.
#pragma once

#include "host/plugins/instance.hpp"
#include "host/plugins/plugins.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::plugins {

/// One plugin: what is asked for, and what runs.
struct Slot {
  Spec spec;
  State state = State::Stopped;
  std::string reason;
  std::shared_ptr<Instance> instance;      ///< shared with calls under way
  std::function<std::string()> documents;  ///< makes the documents in force, for a new instance; empty: none
  std::string model;                       ///< the model that they were checked against
};

/// The leases that end with the call that took them: tables of other plugins that its code holds.
class CallFrame {
 public:
  CallFrame() : outer_(current()) { current() = this; }
  ~CallFrame() { current() = outer_; }
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;
  /// Null outside of any call.
  static CallFrame*& current() {
    static thread_local CallFrame* frame = nullptr;
    return frame;
  }
  void keep(Lease lease) { kept_.push_back(std::move(lease)); }

 private:
  CallFrame* outer_;
  std::vector<Lease> kept_;
};

struct Plugins::Inside {
  /// Which states a call may find its plugin in.
  enum class From { Started, Made };

  explicit Inside(Parts given) : parts(std::move(given)) {}

  /// The running instance, counted as in use. @errors NotFound, Unavailable (with the plugin's state and
  /// reason).
  Result<Lease> lease(std::string_view plugin, From from);
  /// One call through a table of a plugin.
  Result<void> call(std::string_view plugin, std::string_view table, Threads threads,
                    const Instance::Work& work, From from = From::Started);
  /// One call through a table of the first plugin, by name, whose manifest offers it; any thread's.
  /// @param loss  what it means that there is none: "nothing is allowed".
  Result<void> call_first(std::string_view table, std::string_view loss, const Instance::Work& work);
  /// Names of plugins whose manifest offers `table`, in order.
  std::vector<std::string> offering(std::string_view table) const;

  /// Plugins that judge what callers write of that record type, running or not, with the command that does.
  std::vector<std::pair<std::string, std::string>> checking(std::string_view type) const;

  /// @return false when there is a plugin of that name already.
  bool add(Spec spec);
  /// Loads, checks and makes; `Slot::documents` are put in force again.
  Result<std::shared_ptr<Instance>> make(const Spec& spec) const;
  Result<void> load_kept_documents(Instance& instance, const Slot& slot) const;
  /// Sets what runs and how it is called. @return what ran before.
  std::shared_ptr<Instance> exchange(const std::string& name, std::shared_ptr<Instance> instance, State state,
                                     const std::string& reason);
  /// Waits for its calls, then stops it; an instance that stays busy is kept aside until the end.
  void retire(std::shared_ptr<Instance> instance);
  /// @return FailedPrecondition naming the first requirement that is not running.
  Result<void> check_requirements(const Spec& spec) const;
  void fail(const std::string& name, const std::string& reason);
  void tell_authorizer_changed(const Spec& spec) const;
  /// @errors NotFound: no such plugin or command.
  Result<CommandSpec> command(std::string_view plugin, std::string_view command);
  /// Runs a command for a caller whose right to it has been judged. What it says that its answer shows of
  /// records is in the read log before the caller gets it.
  Result<void> run_command(const gate::Call* call, std::string_view plugin, std::string_view command,
                           const Json& args, const Sink& out, From from);
  Result<void> send_command(const gate::Call* call, std::string_view plugin, std::string_view command,
                            const Json& args, const Sink& out, From from);
  /// One call of talon.login/1; a claim comes with the plugin's name.
  Result<std::string> login(std::string_view plugin, const Json& request);
  Result<void> run_job(std::string_view plugin, std::string_view job);
  Result<void> handle_event(std::string_view plugin, const Json& event);
  /// A table for another plugin, kept alive until the calling code's call ends.
  const void* table_for_plugin(std::string_view plugin, std::string_view id, void** instance);

  Parts parts;
  HostServices services;
  std::atomic<gate::Gate*> gate{nullptr};
  std::mutex life_cycle;               // one start, stop or swap at a time
  mutable std::shared_mutex registry;  // guards `slots`
  std::map<std::string, Slot, std::less<>> slots;
  std::vector<std::string> order;  // of starting; guarded by `life_cycle`
  std::mutex aside_mutex;
  std::vector<std::shared_ptr<Instance>> aside;  // replaced, but somebody may still hold their tables

  std::shared_ptr<gate::Authorizer> authorizer;
  std::unique_ptr<records::ActionRunner> action_runner;
  std::unique_ptr<records::ReadLog> read_log;
  std::atomic<bool> is_read_log_failing{false};  ///< how the last entry fared
  std::unique_ptr<jobs::JobRunner> job_runner;
  std::unique_ptr<jobs::EventHandler> event_handler;
};

}  // namespace talon::plugins
