/// One running object of a plugin: its calls are counted, its [serial] functions take turns.
#pragma once

#include "host/plugins/host_tables.hpp"
#include "host/plugins/library.hpp"
#include "host/plugins/spec.hpp"

#include <talon/abi/plugin_tables.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace talon::plugins {

/// How a table's functions may be called (house-style.md 1).
enum class Threads { Serial, Any };

/// @threads any, except make, start and stop: the life cycle's.
class Instance {
 public:
  /// Runs the library's `create`, then makes sure that it answers for every table in `offers`.
  /// @param services  outlives the instance.
  /// @errors FailedPrecondition: `create` failed (its reason), or a table is missing.
  static Result<std::shared_ptr<Instance>> make(const HostServices& services, const Spec& spec,
                                                Library library);
  ~Instance();  ///< stops, then destroys
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  Result<void> start();
  void stop();

  const Spec& spec() const { return spec_; }
  const Library& library() const { return library_; }
  void* self() const { return self_; }
  const void* table(std::string_view id) const;

  /// Runs `work` as a call of the plugin; a status of INTERNAL is noted as a failure.
  /// @param work  gets the table, the instance and an error writer.
  /// @errors Unimplemented: no such table; Unavailable: a [serial] turn did not come in 30 s; or what `work`
  /// gives.
  using Work = std::function<talon_status(const void* table, void* self, const talon_writer* error)>;
  Result<void> call(std::string_view id, Threads threads, const Work& work);

  int64_t failures() const { return failures_.load(); }
  int64_t in_flight() const { return in_flight_.load(); }
  /// The last failure's message when it is younger than a minute, else empty.
  std::string recent_failure(int64_t now_us) const;

  /// True when no call is under way, or none is any more within `at_most`.
  bool wait_until_idle(std::chrono::milliseconds at_most);

 private:
  friend class Lease;
  Instance(const HostServices& services, const Spec& spec, Library library);
  void note_failure(const std::string& message);
  void enter() { ++in_flight_; }
  void leave();

  const HostServices& services_;
  Spec spec_;
  Library library_;
  HostTables tables_;
  void* self_ = nullptr;
  bool is_started_ = false;
  std::recursive_timed_mutex turn_;  // recursive: an action may run another action of its own plugin
  std::atomic<int64_t> in_flight_{0};
  std::atomic<int64_t> failures_{0};
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  int64_t failed_at_us_ = 0;
  std::string failure_;
};

/// Keeps an instance in use: a drain waits for it.
class Lease {
 public:
  explicit Lease(std::shared_ptr<Instance> instance) : instance_(std::move(instance)) { instance_->enter(); }
  ~Lease() {
    if (instance_) instance_->leave();
  }
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  Instance& operator*() const { return *instance_; }
  Instance* operator->() const { return instance_.get(); }
  const std::shared_ptr<Instance>& instance() const { return instance_; }

 private:
  std::shared_ptr<Instance> instance_;  // shared: the registry may replace it meanwhile
};

}  // namespace talon::plugins
