/// Leases, deliveries and the scheduler: one runner, in order, at least once.
#include "host/jobs/deliveries.hpp"
#include "host/jobs/housekeeping.hpp"
#include "host/jobs/leases.hpp"
#include "host/storage/migrate.hpp"
#include "host/storage/outbox.hpp"
#include "tests/unit/storage/fixture.hpp"
#include "tests/unit/storage/sample_model.hpp"

#include <talon/id.hpp>

#include <thread>

namespace talon::jobs {

using std::chrono::milliseconds;
using storage::Dialect;
using storage::Lane;
using storage::Transaction;

class RecordingHandler : public EventHandler {
 public:
  Result<void> handle(std::string_view plugin, const Json& event) override {
    seen.push_back(std::string(plugin) + ":" + std::string(event["event"].string()) + "/" +
                   std::to_string(event["version"].integer()));
    last = event;
    if (fail_times > 0) {
      --fail_times;
      return unavailable("not now");
    }
    return {};
  }
  std::vector<std::string> seen;
  Json last;
  int fail_times = 0;
};

template <typename Kind>
class JobsTest : public storage::EachDatabase<Kind> {
 protected:
  void SetUp() override {
    storage::EachDatabase<Kind>::SetUp();
    const auto done = storage::migrate(this->options, storage::sample_model());
    ASSERT_TRUE(done) << done.error().message;
    this->reopen();
  }

  /// Appends an event as `records` does.
  Result<void> emit(Transaction& transaction, int64_t id, const std::string& event) {
    const bool is_sqlite = this->database->dialect() == Dialect::Sqlite;
    return transaction.post({std::string("insert into outbox (id, at, event, type, record, version, data, "
                                         "tx) values (?, 7, ?, 'invoice', 5, "
                                         "?, '{\"a\":1}', ") +
                                 (is_sqlite ? "0)" : "pg_current_xact_id()::text::bigint)"),
                             {id, event, id}});
  }
  void emit(int64_t id, const std::string& event) {
    const auto done = this->database->write(
        Lane::Interactive, "", [&](Transaction& transaction) { return emit(transaction, id, event); });
    ASSERT_TRUE(done) << done.error().message;
  }
  int64_t step(Delivery& delivery, int64_t at_us = 1'000'000) {
    const auto done =
        delivery.step(handler, model, at_us, {.first_ms = 10, .longest_ms = 1000}, [] { return false; });
    EXPECT_TRUE(done) << done.error().message;
    return done ? *done : -2;
  }
  Delivery subscriber() {
    Delivery delivery(*this->database, "notify", {"invoice.issued", "invoice.paid"});
    EXPECT_TRUE(delivery.begin());
    return delivery;
  }

  model::Model model = storage::sample_model();
  RecordingHandler handler;
};
TALON_EACH_DATABASE(JobsTest);

TYPED_TEST(JobsTest, ALeaseHasOneHolderUntilItEnds) {
  Leases first(*this->database, "first", storage::machine_now_us);
  Leases second(*this->database, "second", storage::machine_now_us);
  auto lease = first.acquire("job/a", std::chrono::minutes(1));
  ASSERT_TRUE(lease) << lease.error().message;
  ASSERT_TRUE(*lease);
  EXPECT_FALSE(second.acquire("job/a", std::chrono::minutes(1))->has_value());
  EXPECT_FALSE(first.acquire("job/a", std::chrono::minutes(1))->has_value());
  EXPECT_TRUE(second.acquire("job/b", std::chrono::minutes(1))->has_value());

  ASSERT_TRUE(first.renew(**lease, milliseconds(0)));  // over at once
  auto taken = second.acquire("job/a", std::chrono::minutes(1));
  while (taken && !*taken) taken = second.acquire("job/a", std::chrono::minutes(1));
  ASSERT_TRUE(taken);
  EXPECT_GT((*taken)->fence, (*lease)->fence);
  const auto late = first.renew(**lease, std::chrono::minutes(1));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::Aborted);
  ASSERT_TRUE(first.release(**lease));  // is not its any more: the holder keeps it
  EXPECT_FALSE(first.acquire("job/a", std::chrono::minutes(1))->has_value());
  ASSERT_TRUE(second.release(**taken));
  EXPECT_TRUE(first.acquire("job/a", std::chrono::minutes(1))->has_value());
}

TYPED_TEST(JobsTest, AWriteOfAFormerHolderIsRefused) {
  Leases leases(*this->database, "first", storage::machine_now_us);
  const auto lease = leases.acquire("job/a", std::chrono::minutes(1));
  ASSERT_TRUE(lease && *lease);
  const auto checked = [&] {
    return this->database->write(
        Lane::Batch, "", [&](Transaction& transaction) { return leases.check(transaction, **lease); });
  };
  EXPECT_TRUE(checked());
  ASSERT_TRUE(this->change("update leases set fence = fence + 1, owner = 'second'"));
  const auto refused = checked();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Aborted);
}

TYPED_TEST(JobsTest, EventsComeInOrderAndOnlyThoseAskedFor) {
  this->emit(1, "invoice.issued");  // before the subscriber's first start: not for it
  Delivery delivery = this->subscriber();
  this->emit(2, "invoice.issued");
  this->emit(3, "party.changed");
  this->emit(4, "invoice.paid");
  EXPECT_EQ(this->step(delivery), -1);
  EXPECT_EQ(this->handler.seen,
            (std::vector<std::string>{"notify:invoice.issued/2", "notify:invoice.paid/4"}));
  EXPECT_EQ(this->handler.last["id"].string(), id_text("evt", 4));
  EXPECT_EQ(this->handler.last["record"].string(), id_text("inv", 5));
  EXPECT_EQ(this->handler.last["data"]["a"].integer(), 1);
  EXPECT_EQ(this->step(delivery), -1);
  EXPECT_EQ(this->handler.seen.size(), 2U);
}

TYPED_TEST(JobsTest, AFailedEventComesAgainBeforeAllLaterOnes) {
  Delivery delivery = this->subscriber();
  for (const int id : {1, 2, 3}) this->emit(id, "invoice.issued");
  this->handler.fail_times = 2;
  EXPECT_EQ(this->step(delivery, 1'000'000), 10);
  EXPECT_GT(this->step(delivery, 1'005'000), 0);  // not yet
  EXPECT_EQ(this->handler.seen.size(), 1U);
  EXPECT_EQ(this->step(delivery, 1'010'000), 20);
  EXPECT_EQ(this->number("select attempts from deliveries"), 2);
  Delivery after_restart = this->subscriber();
  EXPECT_EQ(this->step(after_restart, 1'040'000), -1);
  EXPECT_EQ(this->handler.seen,
            (std::vector<std::string>{"notify:invoice.issued/1", "notify:invoice.issued/1",
                                      "notify:invoice.issued/1", "notify:invoice.issued/2",
                                      "notify:invoice.issued/3"}));
  EXPECT_EQ(this->number("select attempts from deliveries"), 0);
}

TYPED_TEST(JobsTest, AnEventThatCommitsLaterIsNotOvertaken) {
  if (this->database->dialect() == Dialect::Sqlite) GTEST_SKIP() << "one writer: nothing overtakes";
  Delivery delivery = this->subscriber();
  const auto slow =
      this->database->write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
        TALON_DO(this->emit(transaction, 1, "invoice.issued"));
        TALON_DO(transaction.run({"select 1", {}}));  // sent
        std::jthread([&] {
          this->emit(2, "invoice.issued");
        }).join();  // on the other connection, committed first
        EXPECT_EQ(this->step(delivery), -1);
        EXPECT_EQ(this->handler.seen.size(), 0U);
        return {};
      });
  ASSERT_TRUE(slow) << slow.error().message;
  EXPECT_EQ(this->step(delivery), -1);
  EXPECT_EQ(this->handler.seen.size(), 2U);
}

TYPED_TEST(JobsTest, ExpiredIdempotencyKeysGo) {
  ASSERT_TRUE(this->database->write(Lane::Batch, "", [](Transaction& transaction) -> Result<void> {
    for (int i = 0; i < 2050; ++i) {
      TALON_DO(
          transaction.post({"insert into idempotency_keys (principal, key, request_hash, at, expires_at)"
                            " values ('usr', ?, 'h', 1, ?)",
                            {std::to_string(i), i < 2040 ? 5 : 50}}));
    }
    return {};
  }));
  const auto deleted = expire_idempotency_keys(*this->database, 5);
  ASSERT_TRUE(deleted) << deleted.error().message;
  EXPECT_EQ(*deleted, 2040);
  EXPECT_EQ(this->number("select count(*) from idempotency_keys"), 10);
}

TYPED_TEST(JobsTest, EventsGoWhenTheyAreOldAndAllSubscribersHaveThem) {
  Delivery delivery = this->subscriber();
  for (int64_t id = 1; id <= 4; ++id) this->emit(id, "invoice.issued");  // all at 7
  const auto trim = [&](int64_t before_us, const std::set<std::string, std::less<>>& subscribers) {
    const auto done = trim_outbox(*this->database, before_us, subscribers);
    EXPECT_TRUE(done) << done.error().message;
    return done ? *done : -1;
  };
  const auto trimmed = [&] {
    storage::OutboxPlace place;
    EXPECT_TRUE(this->database->read([&](storage::Reader& reader) -> Result<void> {
      TALON_TRY(place, storage::trimmed_to(reader));
      return {};
    }));
    return place.id;
  };
  EXPECT_EQ(trim(8, {"notify"}), 0) << "nobody has taken them";
  EXPECT_EQ(trimmed(), 0);
  while (this->step(delivery) == 0) {
  }
  this->emit(5, "invoice.issued");
  EXPECT_EQ(trim(7, {"notify"}), 0) << "they are not older than that";
  EXPECT_EQ(trim(8, {"notify"}), 4) << "the fifth waits for its subscriber";
  EXPECT_EQ(trimmed(), 4);
  this->emit(6, "invoice.issued");
  EXPECT_EQ(trim(8, {"notify"}), 0);
  EXPECT_EQ(trim(8, {}), 1) << "who is not subscribed any more holds nothing back; the newest stays";
  EXPECT_EQ(trimmed(), 5);
  EXPECT_EQ(this->number("select id from outbox"), 6);
  EXPECT_EQ(this->number("select count(*) from outbox"), 1);
}

TYPED_TEST(JobsTest, ManyOldEventsGoInSeveralTransactions) {
  ASSERT_TRUE(this->database->write(Lane::Batch, "", [&](Transaction& transaction) -> Result<void> {
    for (int64_t id = 1; id <= 2050; ++id) TALON_DO(this->emit(transaction, id, "invoice.issued"));
    return {};
  }));
  const auto trimmed = trim_outbox(*this->database, 8, {});
  ASSERT_TRUE(trimmed) << trimmed.error().message;
  EXPECT_EQ(*trimmed, 2049);
  EXPECT_EQ(this->number("select id from outbox"), 2050);
}

}  // namespace talon::jobs
