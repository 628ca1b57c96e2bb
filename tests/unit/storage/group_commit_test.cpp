/// Group commit under many writers, on both databases: no gap, no neighbour harmed, nothing half written.
#include "host/storage/errors.hpp"
#include "tests/unit/storage/fixture.hpp"

#include <atomic>
#include <random>
#include <set>
#include <thread>

namespace talon::storage {

template <typename Kind>
class GroupCommitTest : public EachDatabase<Kind> {
 protected:
  void SetUp() override {
    EachDatabase<Kind>::SetUp();
    this->make_items();
    ASSERT_TRUE(this->change("create table counters (id bigint primary key, n bigint)"));
    ASSERT_TRUE(this->change("insert into counters values (1, 0), (2, 0)"));
    ASSERT_TRUE(this->change("create table numbers (series bigint, n bigint, primary key (series, n))"));
  }

  /// Takes the next number of a series and writes it down; then fails if `fails`.
  Result<void> take_number(int64_t series, const std::string& group, bool fails) {
    return this->database->write(Lane::Interactive, group, [&](Transaction& transaction) -> Result<void> {
      int64_t n = 0;
      TALON_DO(transaction.rows({"update counters set n = n + 1 where id = ? returning n", {series}},
                                [&](Row row) -> Result<void> {
                                  n = row[0].integer();
                                  return {};
                                }));
      TALON_DO(transaction.post({"insert into numbers values (?, ?)", {series, n}}, 1));
      if (fails) return denied("on purpose");
      return {};
    });
  }

  /// `writers` threads, each running `run(writer, i)` for i below `times`.
  template <typename Run>
  void in_parallel(int writers, int times, const Run& run) {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer) {
      threads.emplace_back([=, &run] {
        for (int i = 0; i < times; ++i) run(writer, i);
      });
    }
  }
};
TALON_EACH_DATABASE(GroupCommitTest);

TYPED_TEST(GroupCommitTest, NumbersHaveNoGapUnderSixteenWritersAndRollBacks) {
  std::atomic<int64_t> taken = 0;
  this->in_parallel(16, 500, [&](int writer, int i) {
    const bool fails = (writer * 500 + i) % 10 == 3;
    const auto outcome = this->take_number(1, "series/1", fails);
    EXPECT_EQ(static_cast<bool>(outcome), !fails);
    taken += outcome ? 1 : 0;
  });
  EXPECT_EQ(taken, 7200);
  EXPECT_EQ(this->number("select n from counters where id = 1"), taken);
  EXPECT_EQ(this->number("select count(*) from numbers"), taken);
  EXPECT_EQ(this->number("select max(n) from numbers"), taken);
}

TYPED_TEST(GroupCommitTest, NumbersHaveNoGapWithoutGroupsOnSeveralConnections) {
  this->options.writers = 4;
  this->reopen();
  this->in_parallel(8, 50,
                    [&](int writer, int) { EXPECT_TRUE(this->take_number(1 + writer % 2, "", false)); });
  EXPECT_EQ(this->number("select sum(n) from counters"), 400);
  EXPECT_EQ(this->number("select count(*) from numbers"), 400);
}

TYPED_TEST(GroupCommitTest, AFailedPostHarmsOnlyItsOwnWrite) {
  std::atomic<int64_t> kept = 0;
  this->in_parallel(16, 60, [&](int writer, int i) {
    // Every third one posts a name that another has, and nobody waits for the answer.
    const bool is_twin = (writer + i) % 3 == 0;
    const std::string name = is_twin ? "twin" : std::to_string(writer) + "/" + std::to_string(i);
    const auto outcome =
        this->database->write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
          TALON_DO(transaction.post({"insert into items values (?, ?, 0)", {writer * 1000 + i, name}}, 1));
          return transaction.post({"update items set amount = 1 where name = ?", {name}}, 1);
        });
    if (outcome) {
      ++kept;
    } else {
      EXPECT_TRUE(is_twin) << outcome.error().message;
      EXPECT_EQ(constraint_of(outcome.error()), "items_name_key") << outcome.error().message;
    }
  });
  EXPECT_EQ(this->number("select count(*) from items"), kept);
  EXPECT_EQ(this->number("select count(*) from items where amount = 1"), kept);
  EXPECT_EQ(this->number("select count(*) from items where name = 'twin'"), 1);
  EXPECT_EQ(kept, 641);
}

TYPED_TEST(GroupCommitTest, AStaleVersionHarmsOnlyItsOwnWrite) {
  ASSERT_TRUE(this->change("insert into items values (1, 'shared', 0)"));
  std::atomic<int64_t> changed = 0;
  std::atomic<int64_t> stale = 0;
  this->in_parallel(16, 40, [&](int, int) {
    const int64_t seen = this->number("select amount from items where id = 1");
    const auto outcome = this->database->write(Lane::Interactive, "", [&](Transaction& transaction) {
      return transaction.post({"update items set amount = ? where id = 1 and amount = ?", {seen + 1, seen}},
                              1);
    });
    if (!outcome) {
      EXPECT_EQ(outcome.error().code, Code::Aborted) << outcome.error().message;
    }
    ++(outcome ? changed : stale);
  });
  EXPECT_EQ(changed + stale, 640);
  EXPECT_EQ(this->number("select amount from items where id = 1"), changed);
}

TYPED_TEST(GroupCommitTest, DeadLocksAreRunAgain) {
  ASSERT_TRUE(this->change("insert into items values (1, 'a', 0), (2, 'b', 0)"));
  this->in_parallel(4, 4, [&](int writer, int) {
    const int64_t first = 1 + writer % 2;
    const auto outcome =
        this->database->write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
          TALON_DO(transaction.run({"update items set amount = amount + 1 where id = ?", {first}}));
          TALON_DO(transaction.run({"update items set amount = amount + 1 where id = ?", {3 - first}}));
          return {};
        });
    EXPECT_TRUE(outcome) << outcome.error().message;
  });
  EXPECT_EQ(this->number("select sum(amount) from items"), 32);
}

TYPED_TEST(GroupCommitTest, InteractiveWritesGoBeforeBatches) {
  this->options.writers = 1;
  this->reopen();
  std::vector<std::string> order;
  std::atomic<int> waiting = 0;
  std::vector<std::jthread> threads;
  const auto add = [&](Lane lane, const char* name) {
    threads.emplace_back([&, lane, name] {
      ++waiting;
      EXPECT_TRUE(this->database->write(lane, "", [&](Transaction&) -> Result<void> {
        order.emplace_back(name);
        return {};
      }));
    });
  };
  ASSERT_TRUE(this->database->write(Lane::Interactive, "", [&](Transaction&) -> Result<void> {
    add(Lane::Batch, "batch");
    while (waiting < 1) std::this_thread::yield();
    std::this_thread::sleep_for(
        std::chrono::milliseconds(50));  // lets it reach the queue; the order is the point
    add(Lane::Interactive, "interactive");
    while (waiting < 2) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return {};
  }));
  threads.clear();
  EXPECT_EQ(order, (std::vector<std::string>{"interactive", "batch"}));
}

TYPED_TEST(GroupCommitTest, ClosingServesWhatWaits) {
  std::atomic<int64_t> kept = 0;
  std::atomic<bool> has_begun = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto outcome =
            this->database->write(Lane::Batch, "", [&](Transaction& transaction) -> Result<void> {
              has_begun = true;
              TALON_DO(transaction.run({"insert into items values (?, ?, 0)", {i, std::to_string(i)}}));
              return {};
            });
        kept += outcome ? 1 : 0;
      });
    }
    while (!has_begun) std::this_thread::yield();
  }
  this->reopen();
  EXPECT_EQ(kept, 8);
  EXPECT_EQ(this->number("select count(*) from items"), kept);
}

}  // namespace talon::storage
