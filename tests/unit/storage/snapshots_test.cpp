/// Snapshots that the embedded database's idle readers keep: never old, and in nobody's way.
#include "host/storage/sqlite/connection.hpp"
#include "tests/unit/storage/fixture.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace talon::storage {

class SnapshotsTest : public EachDatabase<SqliteKind> {
 protected:
  void SetUp() override {
    EachDatabase::SetUp();
    auto outside = sqlite::Connection::open(folder.file("talon.db"), sqlite::Access::Write);
    ASSERT_TRUE(outside) << outside.error().message;
    outside_ = *std::move(outside);
    make_items();
    ASSERT_TRUE(change("insert into items values (1, 'a', 0)"));
  }

  Result<void> add_one() { return change("update items set amount = amount + 1 where id = 1"); }
  int64_t amount() { return number("select amount from items where id = 1"); }

  /// Reads `depth` times inside each other, so that as many connections are used, and twice, so that the
  /// second one follows closely.
  void read_nested(int depth) {
    const std::function<void(int)> nested = [&](int left) {
      const auto done = database->read([&](Reader& reader) -> Result<void> {
        TALON_DO(reader.rows({"select amount from items", {}}, [](Row) { return Result<void>(); }));
        if (left > 1) nested(left - 1);
        return {};
      });
      EXPECT_TRUE(done) << done.error().message;
    };
    for (int time = 0; time < 2; ++time) nested(depth);
  }

  /// Whether a reader's snapshot stands in the way of another program that wants the log empty.
  bool is_in_the_way() {
    int64_t is_busy = -1;
    const RowSink sink = [&](Row row) -> Result<void> {
      is_busy = row[0].integer();
      return {};
    };
    EXPECT_TRUE(outside_->script("pragma busy_timeout = 0"));
    EXPECT_TRUE(outside_->run({"pragma wal_checkpoint(truncate)", {}}, &sink));
    return is_busy != 0;
  }
  /// Reads until a snapshot is kept: it is not where a slow machine had a pause between two reads.
  void keep_snapshots(int depth) {
    for (int time = 0; time < 1000; ++time) {
      ASSERT_TRUE(add_one());  // or the log is empty, and nobody in the way of emptying it
      read_nested(depth);
      if (is_in_the_way()) return;
    }
    FAIL() << "no reader kept its snapshot";
  }
  std::uintmax_t log_bytes() const { return std::filesystem::file_size(folder.file("talon.db-wal")); }

  std::unique_ptr<sqlite::Connection> outside_;
};

TEST_F(SnapshotsTest, AReadIsNeverOlderThanAnAnsweredWrite) {
  constexpr std::size_t kThreads = 6;
  constexpr int kTurns = 150;
  for (std::size_t i = 0; i < kThreads; ++i) {
    ASSERT_TRUE(change("insert into items values (?, ?, 0)", {100 + int64_t(i), "t" + std::to_string(i)}));
  }
  std::array<std::atomic<int64_t>, kThreads> answered{};
  std::atomic<int> older{0};
  std::vector<std::jthread> threads;
  for (std::size_t own = 0; own < kThreads; ++own) {
    threads.emplace_back([&, own] {
      for (int turn = 0; turn < kTurns; ++turn) {
        if (!change("update items set amount = amount + 1 where id = ?", {100 + int64_t(own)})) ++older;
        ++answered[own];
        for (std::size_t step = 0; step < 2 * kThreads; ++step) {
          const std::size_t whose = (own + step) % kThreads;
          const int64_t at_least = answered[whose];
          if (number("select amount from items where id = ?", {100 + int64_t(whose)}) < at_least) ++older;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(older, 0);
  EXPECT_EQ(number("select sum(amount) from items where id >= 100"), int64_t(kThreads) * kTurns);
}

TEST_F(SnapshotsTest, AWriteOfAnotherProgramIsSeenByTheNextRead) {
  for (int64_t turn = 1; turn <= 300; ++turn) {
    read_nested(2);
    ASSERT_TRUE(outside_->run({"update items set amount = ? where id = 1", {turn}}, nullptr));
    EXPECT_EQ(amount(), turn);
  }
}

TEST_F(SnapshotsTest, ATableThatAnotherProgramChangedIsReadAsItIs) {
  read_nested(1);
  ASSERT_TRUE(outside_->script("alter table items add column note text default 'new'"));
  EXPECT_EQ(rows("select * from items")[0].size(), 4U);
}

TEST_F(SnapshotsTest, ReadsInsideEachOtherHaveTheirOwn) {
  read_nested(2);
  const int64_t before = amount();
  const auto done = database->read([&](Reader& reader) -> Result<void> {
    const auto outer = [&] {
      int64_t seen = -1;
      EXPECT_TRUE(reader.rows({"select amount from items where id = 1", {}}, [&](Row row) -> Result<void> {
        seen = row[0].integer();
        return {};
      }));
      return seen;
    };
    EXPECT_EQ(outer(), before);
    TALON_DO(add_one());
    EXPECT_EQ(amount(), before + 1);
    EXPECT_EQ(outer(), before);
    return {};
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(amount(), before + 1);
}

TEST_F(SnapshotsTest, IdleReadersDoNotHoldUpTheLog) {
  const std::string page(100'000, 'x');
  std::uintmax_t largest = 0;
  for (int64_t id = 1000; id < 1600; ++id) {  // 60 MB
    read_nested(options.readers);
    ASSERT_TRUE(change("insert into items values (?, ?, 0)", {id, page + std::to_string(id)}));
    largest = std::max(largest, log_bytes());
  }
  // A checkpoint is due at 4000 pages of 4 KiB; the log starts afresh with the next write.
  EXPECT_LT(largest, 20'000'000U);
}

TEST_F(SnapshotsTest, BusyReadersDoNotHoldUpTheLogForGood) {
  std::atomic<bool> is_over{false};
  std::vector<std::jthread> threads;
  for (int reader = 0; reader < 3; ++reader) {
    threads.emplace_back([&] {
      while (!is_over) amount();
    });
  }
  const std::string page(100'000, 'x');
  for (int64_t id = 1000; id < 2000; ++id) {  // 100 MB
    EXPECT_TRUE(change("insert into items values (?, ?, 0)", {id, page + std::to_string(id)}));
  }
  is_over = true;
  threads.clear();
  RecordProperty("log_bytes", static_cast<int>(log_bytes()));
  EXPECT_LT(log_bytes(), 50'000'000U);
}

TEST_F(SnapshotsTest, AFailedReadKeepsNone) {
  const std::vector<ReadWork> works = {
      [](Reader&) { return not_found("nothing there"); },
      [](Reader& reader) {
        return reader.rows({"select nothing from items", {}}, [](Row) { return Result<void>(); });
      },
      [](Reader& reader) {
        return reader.rows({"select amount from items", {}}, [](Row) -> Result<void> {
          return Error{Code::Cancelled, "enough"};
        });
      },
      [](Reader&) -> Result<void> { throw std::runtime_error("oops"); },
      // As some failures do, it ends the transaction without asking.
      [](Reader& reader) {
        return reader.rows({"rollback", {}}, [](Row) { return Result<void>(); });
      },
  };
  for (std::size_t i = 0; i < works.size(); ++i) {
    ASSERT_NO_FATAL_FAILURE(keep_snapshots(1));
    try {
      EXPECT_EQ(static_cast<bool>(database->read(works[i])), i == 4) << i;
    } catch (const std::runtime_error&) {
      EXPECT_EQ(i, 3U);
    }
    EXPECT_FALSE(is_in_the_way()) << i;
    const int64_t before = amount();
    EXPECT_TRUE(add_one());
    EXPECT_EQ(amount(), before + 1) << i;
  }
}

TEST_F(SnapshotsTest, TheNthReadFailsAndTheNextSeesAll) {
  bool has_failed = true;
  int64_t n = 0;
  while (has_failed) {
    ASSERT_TRUE(add_one());
    const int64_t before = amount();
    const auto failing = failing_nth(*database, ++n);
    const Sql sql{"select amount from items where id = 1", {}};
    const auto ignore = [](Row) { return Result<void>(); };
    has_failed = !failing->read([&](Reader& reader) -> Result<void> {
      TALON_DO(reader.rows(sql, ignore));
      TALON_DO(failing->read([&](Reader& inner) { return inner.rows(sql, ignore); }));
      return reader.rows(sql, ignore);
    });
    ASSERT_TRUE(outside_->run({"update items set amount = amount + 1 where id = 1", {}}, nullptr));
    EXPECT_EQ(amount(), before + 1) << n;
  }
  EXPECT_EQ(n, 4);
}

TEST_F(SnapshotsTest, OldOnesAreGivenUpByWhoeverReads) {
  ASSERT_NO_FATAL_FAILURE(keep_snapshots(options.readers));
  // One thread reads on through one connection; the others' snapshots must not wait for their turn.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (is_in_the_way()) {
    ASSERT_LT(std::chrono::steady_clock::now(), patience);
    amount();
  }
}

TEST_F(SnapshotsTest, ClosingEndsThem) {
  ASSERT_NO_FATAL_FAILURE(keep_snapshots(options.readers));
  database.reset();
  EXPECT_FALSE(is_in_the_way());
  outside_.reset();
  EXPECT_FALSE(std::filesystem::exists(folder.file("talon.db-wal")));
  reopen();
  EXPECT_GT(amount(), 0);
}

}  // namespace talon::storage
