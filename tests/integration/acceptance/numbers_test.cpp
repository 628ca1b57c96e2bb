/// Numbers without gaps: 16 writers, roll-backs after a number was taken, a kill -9, on both databases.
#include "tests/support/business.hpp"
#include "tests/support/postgres_server.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>

namespace talon::acceptance {
namespace {

using support::Answer;
using support::ApiClient;
using support::Business;
using support::percent_encoded;

constexpr int kWriters = 16;

/// Issues per writer; a shorter run is for a quick look.
int issues_per_writer() {
  const char* given = std::getenv("TALON_ISSUES_PER_WRITER");
  return given == nullptr ? 500 : std::atoi(given);
}

/// Drafts and issues in a loop. Each tenth invoice is issued twice at once: both take a number, one is rolled
/// back.
void write_invoices(uint16_t port, const std::string& token, const Business& business, int writer,
                    int count) {
  ApiClient client(port, token);
  for (int i = 0; i < count; ++i) {
    const std::string mark = std::to_string(writer) + "-" + std::to_string(i);
    const Json line = Json::object({{"description", "Work " + mark},
                                    {"quantity", "1"},
                                    {"price", "10.00"},
                                    {"vat_category", "S"},
                                    {"vat_rate", "20.00"}});
    const Json invoice = Json::object({{"client", business.acme},
                                       {"company", business.company},
                                       {"currency", "EUR"},
                                       {"lines", Json::array({line})}});
    const Answer draft = client.post("/api/v1/invoices/actions/draft", Json::object({{"invoice", invoice}}),
                                     "Idempotency-Key: draft-" + mark + "\r\n");
    if (draft.status == 0) return;  // killed
    const std::string path = "/api/v1/invoices/" + std::string(draft.json["id"].string()) + "/issue";
    std::thread twin;
    if (i % 10 == 0) {
      twin = std::thread([&] {
        ApiClient other(port, token);
        other.post(path, Json::object(), "Idempotency-Key: twin-" + mark + "\r\n");
      });
    }
    client.post(path, Json::object(), "Idempotency-Key: issue-" + mark + "\r\n");
    if (twin.joinable()) twin.join();
  }
}

void run_writers(Business& business, int count, bool kills) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer, port = business.talon.port(), token = business.admin->token()] {
      write_invoices(port, token, business, kills ? writer : writer + kWriters, count);
    });
  }
  if (kills) {
    // In the middle of it: when some hundred numbers are out.
    ApiClient watcher(business.talon.port(), business.admin->token());
    const auto issued = [&] {
      return watcher.get("/api/v1/invoices?limit=1&include=total&where=" + percent_encoded("state is issued"))
          .json["total"]
          .integer();
    };
    while (issued() < kWriters * count / 4) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    business.talon.kill();
  }
  for (std::thread& writer : writers) writer.join();
}

/// The numbers are 1…n, each once.
void expect_gap_free(Business& business) {
  std::set<int64_t> numbers;
  std::string cursor;
  int64_t count = 0;
  do {
    const Answer page = business.admin->get(
        "/api/v1/invoices?limit=500&fields=number&where=" + percent_encoded("state is issued") + cursor);
    ASSERT_EQ(page.status, 200) << page.text;
    for (const Json& item : page.json["items"].items()) {
      const std::string number(item["number"].string());
      numbers.insert(std::atoll(number.c_str() + number.rfind('-') + 1));
      ++count;
    }
    cursor = page.json["next"].is_string() ? "&cursor=" + std::string(page.json["next"].string()) : "";
  } while (!cursor.empty());
  ASSERT_GT(count, kWriters);
  EXPECT_EQ(static_cast<int64_t>(numbers.size()), count) << "a number stands twice";
  EXPECT_EQ(*numbers.begin(), 1);
  EXPECT_EQ(*numbers.rbegin(), count) << "there is a gap";
}

void prove(support::TalonOptions options) {
  Business business(std::move(options));
  business.open();
  run_writers(business, issues_per_writer() / 2, true);
  const auto started = business.talon.start();
  ASSERT_TRUE(started) << started.error().message;
  business.admin = std::make_unique<ApiClient>(business.talon.port(), business.talon.admin());
  run_writers(business, issues_per_writer() - issues_per_writer() / 2, false);
  expect_gap_free(business);
}

TEST(Numbers, HaveNoGapAndNoDoubleOnSqlite) { prove({}); }

TEST(Numbers, HaveNoGapAndNoDoubleOnPostgresql) {
  support::TalonOptions options;
  options.storage_url = support::PostgresServer::shared().new_database();
  prove(std::move(options));
}

}  // namespace
}  // namespace talon::acceptance
