/// Numbers under stress: many writers, writes undone at commit, and a process killed in the middle; on both
/// databases.
#include "tests/integration/billing/house.hpp"
#include "tests/support/postgres_server.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <set>
#include <thread>

namespace talon {
namespace {

constexpr int kWriters = 16;

/// Invoices per writer: few in the suite, 500 in the long run (TALON_ISSUES=500).
int issues_each() {
  const char* given = std::getenv("TALON_ISSUES");
  return given != nullptr ? std::atoi(given) : 8;
}

void issue_by_all(House& house, int each, const std::string& round) {
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < each; ++i) {
        house.issue_one(1000 + w, round + "-" + std::to_string(w) + "-" + std::to_string(i) + "-");
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
}

/// The numbers of all issued invoices, which must be 1…n without gap or double.
void expect_gapless(House& house, std::size_t at_least) {
  std::set<std::string> numbers;
  const std::vector<std::string> issued = house.ids("invoice", "state is issued");
  for (const std::string& id : issued) {
    const Json invoice = house.get("invoice", id);
    numbers.emplace(invoice["number"].string());
    const auto snapshot = Json::parse(invoice["snapshot"].string());
    EXPECT_EQ((*snapshot)["number"].string(), invoice["number"].string());
  }
  ASSERT_GE(issued.size(), at_least);
  ASSERT_EQ(numbers.size(), issued.size()) << "a number stands twice";
  std::string last = std::to_string(issued.size());
  last.insert(0, 5 - last.size(), '0');
  EXPECT_EQ(*numbers.begin(), "INV-2026-00001");
  EXPECT_EQ(*numbers.rbegin(), "INV-2026-" + last);
}

class Numbers : public ::testing::TestWithParam<std::string> {
 protected:
  std::string new_url() {
    if (GetParam() == "postgresql") return support::PostgresServer::shared().new_database();
    return "sqlite:" + (directory_.path() / "numbers.db").string();
  }

 private:
  support::TemporaryDirectory directory_;
};

TEST_P(Numbers, AreGaplessWhenEveryTenthWriteIsUndone) {
  House house({new_url(), 10});
  issue_by_all(house, issues_each(), "a");
  EXPECT_GT(static_cast<RollingBack&>(*house.database).undone(), 0);
  expect_gapless(house, static_cast<std::size_t>(kWriters * issues_each()));
}

TEST_P(Numbers, AreGaplessAfterAKill) {
  const std::string url = new_url();
  int progress[2];
  ASSERT_EQ(pipe(progress), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    House house({url, 10});
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        for (int i = 0;; ++i) {
          house.issue_one(1000 + w, "child-" + std::to_string(w) + "-" + std::to_string(i) + "-");
          if (write(progress[1], "i", 1) != 1) _exit(1);
        }
      });
    }
    pause();
    _exit(1);
  }
  close(progress[1]);
  char byte = 0;
  int issued = 0;
  while (issued < 40 && read(progress[0], &byte, 1) == 1) ++issued;
  ASSERT_EQ(kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  close(progress[0]);
  House house({url, 10, 60'000'000});
  issue_by_all(house, 3, "after");
  expect_gapless(house, static_cast<std::size_t>(issued + 3 * kWriters));
}

INSTANTIATE_TEST_SUITE_P(OnBothDatabases, Numbers, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& suite) { return suite.param; });

}  // namespace
}  // namespace talon
