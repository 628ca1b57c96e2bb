/// kill -9 in the middle: what was answered is there, and nothing is there by halves.
#include "tests/support/process.hpp"
#include "tests/unit/storage/fixture.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace talon::storage {

namespace {

constexpr const char* kVictimUrl = "TALON_TEST_VICTIM_URL";

/// One record with three lines; both tables or none.
Result<void> write_record(Database& database, int64_t id) {
  return database.write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
    TALON_DO(transaction.post({"insert into records values (?, 3)", {id}}, 1));
    for (int line = 0; line < 3; ++line) {
      TALON_DO(transaction.post({"insert into lines values (?, ?)", {id, line}}, 1));
    }
    return {};
  });
}

}  // namespace

/// Not a test: the program that the others kill. It prints each id after its commit.
TEST(Victim, DISABLED_WritesUntilItIsKilled) {
  const auto opened = open({.url = std::getenv(kVictimUrl)});
  ASSERT_TRUE(opened);
  std::vector<std::jthread> threads;
  for (int writer = 0; writer < 8; ++writer) {
    threads.emplace_back([&, writer] {
      for (int64_t i = 0; i < 1'000'000; ++i) {
        const int64_t id = writer * 1'000'000 + i;
        if (!write_record(**opened, id)) std::abort();
        std::printf("%ld\n", static_cast<long>(id));
        std::fflush(stdout);
      }
    });
  }
}

template <typename Kind>
class CrashTest : public EachDatabase<Kind> {
 protected:
  void SetUp() override {
    EachDatabase<Kind>::SetUp();
    ASSERT_TRUE(this->change("create table records (id bigint primary key, lines bigint)"));
    ASSERT_TRUE(this->change("create table lines (record bigint, line bigint, primary key (record, line))"));
  }

  void expect_whole(int64_t answered) {
    EXPECT_GE(this->number("select count(*) from records"), answered);
    EXPECT_EQ(this->number("select count(*) from lines"), 3 * this->number("select count(*) from records"));
    EXPECT_EQ(this->number("select count(*) from records where lines <>"
                           " (select count(*) from lines where lines.record = records.id)"),
              0);
  }
};
TALON_EACH_DATABASE(CrashTest);

TYPED_TEST(CrashTest, AKilledWriterLeavesWholeRecordsOnly) {
  this->database.reset();
  for (const int answers : {1, 150, 400}) {
    auto victim = support::Child::start(
        {"/proc/self/exe", "--gtest_filter=Victim.*", "--gtest_also_run_disabled_tests"},
        {.environment = {std::string(kVictimUrl) + "=" + this->options.url}});
    ASSERT_TRUE(victim);
    const auto lines = [&] {
      const std::string all = victim->output();
      return std::count(all.begin(), all.end(), '\n');
    };
    while (victim->is_running() && lines() < answers + 10)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    victim->signal(SIGKILL);
    EXPECT_EQ(victim->wait(), 128 + SIGKILL) << victim->output() << victim->errors();
    this->reopen();
    std::string output = victim->output();
    output.resize(output.rfind('\n') + 1);
    int64_t answered = 0;
    for (std::size_t at = 0; at < output.size(); at = output.find('\n', at) + 1) {
      char* end = nullptr;
      const int64_t id = std::strtol(output.c_str() + at, &end, 10);
      if (end == output.c_str() + at) continue;  // the test runner's own lines
      EXPECT_EQ(this->number("select count(*) from records where id = ?", {id}), 1) << id;
      ++answered;
    }
    EXPECT_GE(answered, answers);
    this->expect_whole(answered);
    ASSERT_TRUE(this->change("delete from lines"));
    ASSERT_TRUE(this->change("delete from records"));
    this->database.reset();
  }
}

using ServerCrashTest = CrashTest<PostgresqlKind>;

TEST_F(ServerCrashTest, WritersAndReadersComeBackAfterTheServer) {
  std::atomic<int64_t> answered = 0;
  std::atomic<int64_t> refused = 0;
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> threads;
  for (int writer = 0; writer < 4; ++writer) {
    threads.emplace_back([&, writer] {
      for (int64_t i = 0; !is_over; ++i) {
        const auto outcome = write_record(*database, writer * 1'000'000 + i);
        if (!outcome) {
          // Unknown: while committing.
          const Code code = outcome.error().code;
          EXPECT_TRUE(code == Code::Unavailable || code == Code::Unknown) << outcome.error().message;
        }
        ++(outcome ? answered : refused);
      }
    });
  }
  while (answered < 200) std::this_thread::yield();
  EXPECT_GE(number("select count(*) from records"), 200);  // and leaves a kept connection behind
  ASSERT_TRUE(support::PostgresServer::shared().crash_and_restart());
  EXPECT_GE(number("select count(*) from records"), 200);
  const int64_t before = answered;
  while (answered < before + 200) std::this_thread::yield();
  is_over = true;
  threads.clear();
  EXPECT_GT(refused, 0);
  expect_whole(answered);
}

}  // namespace talon::storage
