/// The scheduler: one thread that knows the times, a few that run.
#include "host/jobs/scheduler.hpp"

#include "host/jobs/task.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

namespace talon::jobs {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kHousekeepingEvery = std::chrono::minutes(10);
constexpr int kNice = 5;  // of a thread that runs jobs: a third of the weight of one that answers
constexpr milliseconds kLongWait = std::chrono::hours(1);  // until something changes
constexpr milliseconds kLook{250};                         // between two counts of requests
constexpr uint64_t kQuietMax = 50;  // requests between two looks: decision 84

}  // namespace

Scheduler::Scheduler(Parts parts, std::shared_ptr<const model::Model> model)
    : parts_(std::move(parts)),
      leases_(*parts_.database, parts_.owner, parts_.now_us),
      model_(std::move(model)) {
  tasks_ = tasks_of(*model_);
}

Scheduler::~Scheduler() { stop(); }

Scheduler::Tasks Scheduler::tasks_of(const model::Model& model) const {
  Tasks tasks;
  const auto add = [&](Task::Kind kind, const std::string& plugin, const std::string& name,
                       milliseconds every) {
    auto task = std::make_shared<Task>();
    task->kind = kind;
    task->plugin = plugin;
    task->name = name;
    task->lease_name = (kind == Task::Kind::Events ? "events/" : "job/" + plugin + "/") +
                       (kind == Task::Kind::Events ? plugin : name);
    task->every = every;
    task->due = steady_clock::now() + std::min(every, parts_.options.first_run_max);
    tasks[task->lease_name] = task;
    return task;
  };
  for (const model::Job& job : model.jobs) {
    const auto task =
        add(Task::Kind::Job, job.plugin, job.name, milliseconds(std::max<int64_t>(job.every_ms, 1)));
    task->is_on_each_host = job.is_on_each_host;
    task->is_when_idle = job.is_when_idle;
  }
  std::map<std::string, std::set<std::string, std::less<>>> subscribers;
  for (const auto& [event, plugins] : model.subscriptions) {
    for (const std::string& plugin : plugins) subscribers[plugin].insert(event);
  }
  for (auto& [plugin, events] : subscribers) {
    const auto task = add(Task::Kind::Events, plugin, "events", parts_.options.poll);
    task->delivery = std::make_unique<Delivery>(*parts_.database, plugin, std::move(events));
  }
  add(Task::Kind::Housekeeping, "host", "housekeeping", kHousekeepingEvery);
  return tasks;
}

Result<void> Scheduler::start() {
  for (const auto& [name, task] : tasks_) {
    if (task->delivery) TALON_DO(task->delivery->begin());
  }
  threads_.emplace_back([this] { coordinate(); });
  // Whoever waits for an answer goes first: jobs take what is left, and all of it where nobody asks.
  for (int i = 0; i < parts_.options.threads; ++i) {
    threads_.emplace_back([this] {
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
      work(ordinary_);
    });
  }
  threads_.emplace_back([this] {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_IDLE, &none);  // of this thread; refused: it weighs as much as others
    work(idle_);
  });
  return {};
}

void Scheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    is_stopping_ = true;
  }
  changed_.notify_all();
  ordinary_.queued.notify_all();
  idle_.queued.notify_all();
  threads_.clear();  // joins
  for (const auto& [name, task] : tasks_) release(task);
}

Result<void> Scheduler::set_model(std::shared_ptr<const model::Model> model) {
  Tasks fresh = tasks_of(*model);
  for (const auto& [name, task] : fresh) {
    if (task->delivery) TALON_DO(task->delivery->begin());
  }
  std::vector<std::shared_ptr<Task>> idle;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, task] : tasks_) {
      const auto same = fresh.find(name);
      // A subscriber of other events than before starts anew from its stored position.
      const bool stays = same != fresh.end() &&
                         (!task->delivery || task->delivery->events() == same->second->delivery->events());
      if (stays) {
        task->every = same->second->every;
        task->is_on_each_host = same->second->is_on_each_host;
        task->is_when_idle = same->second->is_when_idle;
        same->second = task;
        continue;
      }
      task->is_dropped = true;
      if (!task->is_running) idle.push_back(task);
    }
    tasks_ = std::move(fresh);
    model_ = std::move(model);
  }
  for (const auto& task : idle) release(task);
  changed_.notify_all();
  return {};
}

void Scheduler::wake() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, task] : tasks_) {
    if (task->kind != Task::Kind::Events || task->failures > 0) continue;
    task->due = steady_clock::now();
    task->is_woken = task->is_running;
  }
  changed_.notify_all();
}

bool Scheduler::is_quiet(Time now) {
  if (!parts_.answered) return true;
  if (now - looked_at_ < kLook) return is_quiet_;
  const uint64_t count = parts_.answered();
  is_quiet_ = count - answered_ <= kQuietMax;  // since a look long ago: all the quieter
  looked_at_ = now;
  answered_ = count;
  return is_quiet_;
}

void Scheduler::coordinate() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    const Time now = steady_clock::now();
    Time next = now + kLongWait;
    for (const auto& [name, task] : tasks_) {
      if (task->is_running) {
        // Its lease is renewed while it runs, in time.
        next = std::min(next, now + parts_.options.lease / 3);
        continue;
      }
      if (task->due > now) {
        next = std::min(next, task->due);
        continue;
      }
      const bool is_postponed =
          task->is_when_idle && now - task->due < parts_.options.postponed_max && !is_quiet(now);
      if (is_postponed) {
        next = std::min(next, now + kLook);
        continue;
      }
      task->is_running = true;
      Lane& lane = task->is_when_idle ? idle_ : ordinary_;
      lane.queue.push_back(task);
      lane.queued.notify_one();
      next = std::min(next, now + parts_.options.lease / 3);
    }
    changed_.wait_until(lock, next);
    if (!is_stopping_) renew_running(lock);
  }
}

void Scheduler::work(Lane& lane) {
  std::unique_lock lock(mutex_);
  while (true) {
    lane.queued.wait(lock, [&] { return is_stopping_ || !lane.queue.empty(); });
    if (is_stopping_) return;
    const std::shared_ptr<Task> task = lane.queue.front();
    lane.queue.pop_front();
    lock.unlock();
    run(*task);
    lock.lock();
    const bool is_dropped = task->is_dropped;
    if (is_dropped) {
      lock.unlock();
      release(task);
      lock.lock();
    }
    changed_.notify_all();
  }
}

Json Scheduler::status() const {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const auto& [name, task] : tasks_) {
    list.push(Json::object({{"plugin", Json(task->plugin)},
                            {"job", Json(task->name)},
                            {"every_ms", Json(int64_t{task->every.count()})},
                            {"runs", Json(task->runs)},
                            {"failures", Json(task->failures)},
                            {"last_run_us", Json(task->last_run_us)},
                            {"last_error", Json(task->last_error)},
                            {"is_leader", Json(task->lease.has_value())}}));
  }
  return list;
}

}  // namespace talon::jobs
