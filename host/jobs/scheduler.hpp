/// The scheduler: the manifests' jobs, one runner in the installation, and the outbox' events to plugins.
///
/// Made by the daemon after the plugins have started; stopped before they stop.
#pragma once

#include "host/jobs/deliveries.hpp"
#include "host/jobs/leases.hpp"
#include "host/storage/database.hpp"

#include <talon/json.hpp>
#include <talon/model.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace talon::jobs {

/// Runs a plugin's job; implemented over the plugins room.
class JobRunner {
 public:
  virtual ~JobRunner() = default;
  /// @threads any, never two at once for one job, in the whole installation.
  virtual Result<void> run(std::string_view plugin, std::string_view job) = 0;
};

struct SchedulerOptions {
  int threads = 2;  ///< jobs and deliveries that run at once
  std::chrono::milliseconds lease =
      std::chrono::seconds(15);  ///< after a crash another host takes over this late
  std::chrono::milliseconds poll = std::chrono::milliseconds(250);  ///< for events, when nobody calls `wake`
  std::chrono::milliseconds first_run_max =
      std::chrono::seconds(5);  ///< of a job after the start, or its `every`
  Pauses pauses;                ///< after failures
  /// How long a job for idle moments waits at most while many ask.
  std::chrono::milliseconds postponed_max = std::chrono::seconds(5);
  /// How long an event that all subscribers have taken is kept for the feeds of clients.
  std::chrono::milliseconds events_kept = std::chrono::hours(30 * 24);
};

/// @threads any; `start` and `stop` the owner's.
class Scheduler {
 public:
  struct Parts {
    storage::Database* database = nullptr;
    JobRunner* jobs = nullptr;
    EventHandler* events = nullptr;
    std::function<int64_t()> now_us;  ///< microseconds since 1970-01-01 UTC
    std::string owner;                ///< of leases: host, process and a random part
    SchedulerOptions options;
    std::function<Result<void>()> keep_house = {};  ///< what other rooms clear away; empty: nothing
    std::function<uint64_t()> answered = {};        ///< requests so far; empty: nobody asks
  };
  /// All of `parts` outlives this.
  Scheduler(Parts parts, std::shared_ptr<const model::Model> model);
  ~Scheduler();  ///< stops
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Makes the subscribers' rows, so that no event from now on is missed, and begins.
  Result<void> start();
  /// Lets what runs end, starts nothing more, gives the leases back. Idle, it takes milliseconds.
  void stop();
  /// Jobs and subscriptions of another model; those that stay keep their times.
  Result<void> set_model(std::shared_ptr<const model::Model> model);
  /// Something was committed to the outbox: deliver now rather than at the next poll.
  void wake();

  /// [{"plugin","job","every_ms","runs","failures","last_run_us","last_error","is_leader"}]; deliveries as
  /// job "events", the host's own as plugin "host".
  Json status() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Task;
  using Tasks = std::map<std::string, std::shared_ptr<Task>>;
  /// Tasks that wait for a thread of one kind.
  struct Lane {
    std::deque<std::shared_ptr<Task>> queue;
    std::condition_variable queued;
  };

  Tasks tasks_of(const model::Model& model) const;
  void coordinate();
  /// Whether so few ask now that a job for idle moments disturbs nobody. Called with the lock held.
  bool is_quiet(Time now);
  void work(Lane& lane);
  void run(Task& task);
  /// @return whether this host may run the task now.
  Result<bool> hold(Task& task);
  Result<int64_t> run_body(Task& task, const model::Model& model);
  Result<int64_t> keep_house(const model::Model& model);
  void finish(Task& task, const Result<int64_t>& outcome, Time started);
  /// Renews the leases of tasks that run longer than theirs. Called with the lock held; lets it go meanwhile.
  void renew_running(std::unique_lock<std::mutex>& lock);
  void release(const std::shared_ptr<Task>& task);

  Parts parts_;
  Leases leases_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;  // for the coordinator
  std::shared_ptr<const model::Model> model_;
  Tasks tasks_;
  Lane ordinary_;
  Lane idle_;              // its thread runs when nobody else does, and can never be given more weight
  Time looked_at_;         // when requests were counted last
  uint64_t answered_ = 0;  // up to then
  bool is_quiet_ = false;
  bool is_stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace talon::jobs
