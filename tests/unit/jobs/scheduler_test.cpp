/// The scheduler with jobs and subscribers of tests.
#include "host/jobs/scheduler.hpp"

#include "host/runtime/log.hpp"
#include "host/storage/migrate.hpp"
#include "tests/unit/storage/fixture.hpp"
#include "tests/unit/storage/sample_model.hpp"

#include <sched.h>

#include <atomic>
#include <condition_variable>

namespace talon::jobs {

using std::chrono::milliseconds;

/// Counts runs and events, and whether two ran at once.
class CountingPlugins : public JobRunner, public EventHandler {
 public:
  Result<void> run(std::string_view, std::string_view job) override {
    if (++inside > 1) has_overlap = true;
    if (body) body();
    --inside;
    const std::lock_guard lock(mutex_);
    policies_[std::string(job)] = ::sched_getscheduler(0);
    ++runs_[std::string(job)];
    changed_.notify_all();
    if (job == "broken") return unavailable("the bank does not answer");
    return {};
  }
  Result<void> handle(std::string_view, const Json& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(event["version"].integer());
    changed_.notify_all();
    return {};
  }
  bool wait_for_runs(const std::string& job, int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return runs_[job] >= count; });
  }
  bool wait_for_events(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return events_.size() >= count; });
  }
  /// The weight of the thread that ran it last, as sched(7) has it.
  int policy(const std::string& job) {
    const std::lock_guard lock(mutex_);
    return policies_[job];
  }
  int runs(const std::string& job) {
    const std::lock_guard lock(mutex_);
    return runs_[job];
  }

  std::function<void()> body;
  std::atomic<int> inside = 0;
  std::atomic<bool> has_overlap = false;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> runs_;
  std::map<std::string, int> policies_;
  std::vector<int64_t> events_;
};

template <typename Kind>
class SchedulerTest : public storage::EachDatabase<Kind> {
 protected:
  void SetUp() override {
    runtime::log().set_level(runtime::Level::Error);
    storage::EachDatabase<Kind>::SetUp();
    ASSERT_TRUE(storage::migrate(this->options, storage::sample_model()));
    this->reopen();
  }
  std::shared_ptr<model::Model> model_with(const std::vector<std::string>& jobs) {
    auto model = std::make_shared<model::Model>(storage::sample_model());
    for (const std::string& job : jobs) model->jobs.push_back({"sample", job, 1});
    return model;
  }
  std::unique_ptr<Scheduler> scheduler(const std::string& owner, std::shared_ptr<const model::Model> model) {
    Scheduler::Parts parts{this->database.get(), &plugins, &plugins, storage::machine_now_us, owner,
                           scheduling,           {},       answered};
    auto made = std::make_unique<Scheduler>(parts, std::move(model));
    const auto started = made->start();
    EXPECT_TRUE(started) << started.error().message;
    return made;
  }

  CountingPlugins plugins;
  std::function<uint64_t()> answered;
  SchedulerOptions scheduling{.pauses = {.first_ms = 1, .longest_ms = 4}};
};
TALON_EACH_DATABASE(SchedulerTest);

TYPED_TEST(SchedulerTest, AJobRunsAgainAndAgain) {
  const auto scheduler = this->scheduler("host", this->model_with({"seal"}));
  EXPECT_TRUE(this->plugins.wait_for_runs("seal", 5));
}

TYPED_TEST(SchedulerTest, OneOfTwoHostsRunsAJobAndTheOtherTakesOverWhenItStops) {
  this->plugins.body = [] { std::this_thread::yield(); };
  this->scheduling.lease = milliseconds(300);
  auto first = this->scheduler("first", this->model_with({"seal"}));
  ASSERT_TRUE(this->plugins.wait_for_runs("seal", 3));
  const auto second = this->scheduler("second", this->model_with({"seal"}));
  ASSERT_TRUE(this->plugins.wait_for_runs("seal", 20));
  EXPECT_EQ(this->number("select count(*) from leases where name = 'job/sample/seal' and owner = 'first'"),
            1);
  first->stop();
  const int before = this->plugins.runs("seal");
  EXPECT_TRUE(this->plugins.wait_for_runs("seal", before + 3));
  EXPECT_EQ(this->number("select count(*) from leases where name = 'job/sample/seal' and owner = 'second'"),
            1);
  EXPECT_FALSE(this->plugins.has_overlap);
}

TYPED_TEST(SchedulerTest, AJobOfEachHostRunsOnEachWithoutALease) {
  const auto model = this->model_with({"take_in"});
  model->jobs.back().is_on_each_host = true;
  CountingPlugins others;
  Scheduler::Parts parts{this->database.get(),    &others,  &others,
                         storage::machine_now_us, "second", this->scheduling};
  const auto first = this->scheduler("first", model);
  ASSERT_TRUE(this->plugins.wait_for_runs("take_in", 3));
  Scheduler second(parts, model);
  ASSERT_TRUE(second.start());
  EXPECT_TRUE(others.wait_for_runs("take_in", 3));
  EXPECT_TRUE(this->plugins.wait_for_runs("take_in", this->plugins.runs("take_in") + 3));
  EXPECT_EQ(this->number("select count(*) from leases where name = 'job/sample/take_in'"), 0);
}

TYPED_TEST(SchedulerTest, AJobForIdleMomentsTakesNobodysTime) {
  const auto model = this->model_with({"seal", "take_in"});
  model->jobs.back().is_when_idle = true;
  const auto scheduler = this->scheduler("host", model);
  ASSERT_TRUE(this->plugins.wait_for_runs("take_in", 2));
  ASSERT_TRUE(this->plugins.wait_for_runs("seal", 2));
  EXPECT_EQ(this->plugins.policy("take_in"), SCHED_IDLE);
  EXPECT_EQ(this->plugins.policy("seal"), SCHED_OTHER);
}

TYPED_TEST(SchedulerTest, AJobForIdleMomentsHoldsUpNoOther) {
  const auto model = this->model_with({"seal", "take_in"});
  model->jobs.back().is_when_idle = true;
  std::atomic<bool> may_end = false;
  this->plugins.body = [&] {
    while (::sched_getscheduler(0) == SCHED_IDLE && !may_end) std::this_thread::sleep_for(milliseconds(1));
  };
  this->scheduling.threads = 1;
  const auto scheduler = this->scheduler("host", model);
  EXPECT_TRUE(this->plugins.wait_for_runs("seal", 5));
  EXPECT_EQ(this->plugins.runs("take_in"), 0);
  may_end = true;
  EXPECT_TRUE(this->plugins.wait_for_runs("take_in", 1));
}

TYPED_TEST(SchedulerTest, AJobForIdleMomentsWaitsWhileManyAskAndOthersDoNot) {
  const auto model = this->model_with({"seal", "take_in"});
  model->jobs.back().is_when_idle = true;
  std::atomic<bool> may_ask = true;
  uint64_t count = 0;  // the coordinator's only
  this->answered = [&] { return may_ask ? count += 100'000 : count; };
  this->scheduling.postponed_max = std::chrono::hours(1);
  const auto scheduler = this->scheduler("host", model);
  ASSERT_TRUE(this->plugins.wait_for_runs("seal", 100));
  EXPECT_EQ(this->plugins.runs("take_in"), 0);
  may_ask = false;
  EXPECT_TRUE(this->plugins.wait_for_runs("take_in", 2));
}

TYPED_TEST(SchedulerTest, AJobForIdleMomentsComesAtLastHoweverManyAsk) {
  const auto model = this->model_with({"take_in"});
  model->jobs.back().is_when_idle = true;
  uint64_t count = 0;
  this->answered = [&] { return count += 100'000; };
  this->scheduling.postponed_max = milliseconds(100);
  const auto scheduler = this->scheduler("host", model);
  EXPECT_TRUE(this->plugins.wait_for_runs("take_in", 2));
}

TYPED_TEST(SchedulerTest, ALongRunKeepsItsLease) {
  // Long beside any pause that a busy machine makes: a lease that is not renewed in time is rightly taken.
  this->scheduling.lease = milliseconds(900);
  std::atomic<bool> may_end = false;
  this->plugins.body = [&] {
    while (!may_end) std::this_thread::sleep_for(milliseconds(1));
  };
  const auto first = this->scheduler("first", this->model_with({"seal"}));
  const auto second = this->scheduler("second", this->model_with({"seal"}));
  while (this->plugins.inside == 0) std::this_thread::yield();
  const int64_t until = this->number("select until from leases where name = 'job/sample/seal'");
  while (this->number("select until from leases where name = 'job/sample/seal'") < until + 200'000) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  may_end = true;
  EXPECT_TRUE(this->plugins.wait_for_runs("seal", 2));
  EXPECT_FALSE(this->plugins.has_overlap);
}

TYPED_TEST(SchedulerTest, ABrokenJobIsTriedAgainAndShownInTheStatus) {
  const auto scheduler = this->scheduler("host", this->model_with({"broken"}));
  ASSERT_TRUE(this->plugins.wait_for_runs("broken", 3));
  const Json status = scheduler->status();
  for (const Json& task : status.items()) {
    if (task["job"].string() != "broken") continue;
    EXPECT_GE(task["failures"].integer(), 2);
    EXPECT_EQ(task["last_error"].string(), "the bank does not answer");
    EXPECT_TRUE(task["is_leader"].boolean());
  }
}

TYPED_TEST(SchedulerTest, EventsAreDeliveredWhenWoken) {
  this->scheduling.poll = std::chrono::hours(1);
  this->scheduling.first_run_max = std::chrono::hours(1);
  auto model = this->model_with({});
  model->subscriptions["invoice.issued"] = {"notify"};
  const auto scheduler = this->scheduler("host", model);
  for (int id = 1; id <= 3; ++id) {
    ASSERT_TRUE(
        this->change("insert into outbox (id, at, event, type, record, version, data, tx)"
                     " values (?, 7, 'invoice.issued', 'invoice', 5, ?, null, 0)",
                     {id, id}));
    scheduler->wake();
    EXPECT_TRUE(this->plugins.wait_for_events(static_cast<std::size_t>(id)));
  }
}

TYPED_TEST(SchedulerTest, AnotherModelBringsAndTakesJobs) {
  const auto scheduler = this->scheduler("host", this->model_with({"old", "both"}));
  ASSERT_TRUE(this->plugins.wait_for_runs("old", 2));
  ASSERT_TRUE(scheduler->set_model(this->model_with({"both", "new"})));
  ASSERT_TRUE(this->plugins.wait_for_runs("new", 2));
  const int old_runs = this->plugins.runs("old");
  ASSERT_TRUE(this->plugins.wait_for_runs("both", this->plugins.runs("both") + 3));
  EXPECT_LE(this->plugins.runs("old"), old_runs + 1);
}

TYPED_TEST(SchedulerTest, AnIdleSchedulerStopsAtOnceAndGivesItsLeasesBack) {
  auto model = this->model_with({"seal"});
  model->jobs.push_back({"sample", "yearly", 1'000'000'000});
  const auto scheduler = this->scheduler("host", model);
  ASSERT_TRUE(this->plugins.wait_for_runs("seal", 1));
  const auto before = std::chrono::steady_clock::now();
  scheduler->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
  EXPECT_EQ(this->number("select count(*) from leases where until > 0"), 0);
}

}  // namespace talon::jobs
