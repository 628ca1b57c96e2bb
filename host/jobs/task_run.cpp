/// One run of a task: under its lease, with what became of it.
#include "host/jobs/housekeeping.hpp"
#include "host/jobs/task.hpp"
#include "host/runtime/log.hpp"

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

namespace talon::jobs {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void Scheduler::renew_running(std::unique_lock<std::mutex>& lock) {
  std::vector<std::pair<std::shared_ptr<Task>, Lease>> old;
  for (const auto& [name, task] : tasks_) {
    const bool is_old = task->lease && task->lease->until - steady_clock::now() < parts_.options.lease / 2;
    if (task->is_running && is_old) old.emplace_back(task, *task->lease);
  }
  if (old.empty()) return;
  lock.unlock();
  for (auto& [task, lease] : old) {
    const auto renewed = leases_.renew(lease, parts_.options.lease);
    if (!renewed) {
      runtime::log().warn("job.lease_lost",
                          {{"lease", Json(lease.name)}, {"error", Json(renewed.error().message)}});
    }
    const std::lock_guard relock(mutex_);
    const bool is_same = task->lease && task->lease->fence == lease.fence;
    if (is_same && renewed) task->lease->until = lease.until;
    if (is_same && !renewed && renewed.error().code == Code::Aborted) task->lease.reset();
  }
  lock.lock();
}

Result<bool> Scheduler::hold(Task& task) {
  if (task.is_on_each_host) return true;
  std::optional<Lease> lease;
  {
    const std::lock_guard lock(mutex_);
    lease = task.lease;
  }
  const auto left = lease ? lease->until - steady_clock::now() : steady_clock::duration::zero();
  if (left > parts_.options.lease / 2) return true;
  if (lease) {
    const auto renewed = leases_.renew(*lease, parts_.options.lease);
    if (!renewed && renewed.error().code != Code::Aborted) return renewed.error();
    if (!renewed) lease.reset();
  }
  if (!lease) {
    TALON_TRY(lease, leases_.acquire(task.lease_name, parts_.options.lease));
    if (lease && task.delivery) task.delivery->forget();
  }
  const std::lock_guard lock(mutex_);
  task.lease = lease;
  return lease.has_value();
}

Result<int64_t> Scheduler::keep_house(const model::Model& model) {
  TALON_DO(expire_idempotency_keys(*parts_.database, parts_.now_us()));
  std::set<std::string, std::less<>> subscribers;
  for (const auto& [event, plugins] : model.subscriptions) subscribers.insert(plugins.begin(), plugins.end());
  const auto kept = std::chrono::duration_cast<std::chrono::microseconds>(parts_.options.events_kept);
  TALON_DO(trim_outbox(*parts_.database, parts_.now_us() - kept.count(), subscribers));
  if (parts_.keep_house) TALON_DO(parts_.keep_house());
  return -1;
}

Result<int64_t> Scheduler::run_body(Task& task, const model::Model& model) {
  switch (task.kind) {
    case Task::Kind::Job:
      TALON_DO(parts_.jobs->run(task.plugin, task.name));
      return -1;
    case Task::Kind::Housekeeping:
      return keep_house(model);
    default:
      break;
  }
  const auto is_stopping = [&] {
    const std::lock_guard lock(mutex_);
    return is_stopping_ || task.is_dropped;
  };
  return task.delivery->step(*parts_.events, model, parts_.now_us(), parts_.options.pauses, is_stopping);
}

void Scheduler::run(Task& task) {
  const Time started = steady_clock::now();
  std::shared_ptr<const model::Model> model;
  {
    const std::lock_guard lock(mutex_);
    model = model_;
  }
  Result<int64_t> outcome = int64_t{-1};
  const auto held = hold(task);
  if (!held) {
    outcome = held.error();
  } else if (!*held) {
    const std::lock_guard lock(mutex_);
    task.due =
        started + parts_.options.lease / 3;  // another host does it; look again when its lease may be over
    task.is_running = false;
    return;
  } else {
    try {
      outcome = run_body(task, *model);
    } catch (const std::exception& thrown) {
      outcome = internal(std::string("an exception: ") + thrown.what());
    }
  }
  finish(task, outcome, started);
}

void Scheduler::finish(Task& task, const Result<int64_t>& outcome, Time started) {
  const std::lock_guard lock(mutex_);
  task.is_running = false;
  ++task.runs;
  task.last_run_us = parts_.now_us();
  const Time now = steady_clock::now();
  if (outcome) {
    task.failures = 0;
    task.last_error.clear();
    const bool is_soon = std::exchange(task.is_woken, false) || *outcome == 0;
    task.due = std::max(now, *outcome > 0 ? now + milliseconds(*outcome) : started + task.every);
    if (is_soon) task.due = now;
    return;
  }
  ++task.failures;
  task.is_woken = false;
  task.last_error = outcome.error().message;
  task.due = now + milliseconds(parts_.options.pauses.after(task.failures));
  runtime::log().warn("job.failed", {{"plugin", Json(task.plugin)},
                                     {"job", Json(task.name)},
                                     {"failures", Json(task.failures)},
                                     {"error", Json(task.last_error)}});
}

void Scheduler::release(const std::shared_ptr<Task>& task) {
  std::optional<Lease> lease;
  {
    const std::lock_guard lock(mutex_);
    lease = std::exchange(task->lease, std::nullopt);
  }
  if (!lease) return;
  if (const auto released = leases_.release(*lease); !released) {
    runtime::log().warn("job.lease_kept",
                        {{"lease", Json(lease->name)}, {"error", Json(released.error().message)}});
  }
}

}  // namespace talon::jobs
