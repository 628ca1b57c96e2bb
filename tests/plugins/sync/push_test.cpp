/// Pushes against a peer that forgets to answer: each document once, in order, and checked.
#include "tests/plugins/sync/harness.hpp"

#include <algorithm>

namespace talon::sync_test {
namespace {

/// An accounting service in memory, behind talon.sink/1.
struct Books {
  std::vector<Json> documents;
  std::vector<std::string> keys;
  int drop_answer_every = 0;  ///< the n-th POST is taken, but its answer is lost
  int posts = 0;
  std::string total_instead;  ///< what it says it booked; empty: what it was sent
  int refuses = 0;            ///< so many requests are answered with `status`, look-ups too
  int64_t status = 401;
  std::string refuses_reference;  ///< this document is refused with 422 and `words`
  std::string words = "no";
  int sent = 0;

  static const talon_sink_v1* table() {
    static const talon_sink_v1 sink = {
        sizeof(talon_sink_v1),
        [](void* self, talon_text, void** handle, const talon_writer*) -> talon_status {
          *handle = self;
          return TALON_OK;
        },
        [](void*, void* handle, talon_text request, const talon_writer* out,
           const talon_writer* error) -> talon_status {
          return boundary::guarded(error, [&]() -> Result<void> {
            TALON_TRY(const Json json, Json::parse(boundary::view(request)));
            TALON_TRY(const Json answer, static_cast<Books*>(handle)->send(json));
            return boundary::give(out, answer.to_string());
          });
        },
        [](void*, void*) {}};
    return &sink;
  }

  Result<Json> send(const Json& request) {
    if (refuses > 0) {
      --refuses;
      return Json::object({{"status", status}, {"body", words}});
    }
    if (request["method"].string() == "GET") {
      Json list = Json::array();
      for (const Json& document : documents) {
        if (document["reference"] == request["query"]["reference"]) list.push(document);
      }
      return Json::object({{"status", 200}, {"body", std::move(list)}});
    }
    Json document = request["body"];
    ++sent;
    if (!refuses_reference.empty() && document["reference"].string() == refuses_reference) {
      return Json::object({{"status", 422}, {"body", words}});
    }
    document.set("id", static_cast<int64_t>(documents.size() + 1));
    if (!total_instead.empty()) document.set("total", Json(Json::Number{total_instead}));
    documents.push_back(document);
    keys.emplace_back(request["headers"]["Idempotency-Key"].string());
    if (drop_answer_every > 0 && ++posts % drop_answer_every == 0) return unavailable("the connection broke");
    return Json::object({{"status", 201}, {"body", document}});
  }
};

constexpr const char* kBooks = R"(connector: books
connection: {type: http, base_url: "http://127.0.0.1:1"}
streams:
  - name: invoices
    direction: out
    events: [invoice.issued, invoice.credited]
    request:
      path: /invoices
      body: {reference: number, customer: client.number, issueDate: issue_date, total: gross_total,
             source: {const: talon}}
      lines: {member: lines, body: {text: description, quantity: quantity}}
    lookup: {path: /invoices, query: reference}
    verify: {member: total, equals: gross_total}
)";

class PushTest : public ::testing::Test {
 protected:
  void SetUp() override {
    harness_.host.on_table("http", TALON_SINK_V1, Books::table(), &books_);
    ASSERT_EQ(harness_.load(kBooks), "");
    client_ = harness_.host.add("party", {{"name", "One"}, {"number", "C-1"}});
  }
  void issue(const std::string& number, int64_t gross, int times = 1, int64_t client = 0) {
    const int64_t id = harness_.host.add("invoice", {{"number", number},
                                                     {"client", client == 0 ? client_ : client},
                                                     {"company", client_},
                                                     {"state", "issued"},
                                                     {"currency", "EUR"},
                                                     {"issue_date", 20260105},
                                                     {"gross_total", gross}});
    const Json event = Json::object({{"id", "1"},
                                     {"event", "invoice.issued"},
                                     {"type", "invoice"},
                                     {"record", harness_.host.id("invoice", id)},
                                     {"version", 2},
                                     {"data", Json::object()}});
    for (int i = 0; i < times; ++i) ASSERT_TRUE(harness_.sync.handle(event));
  }
  void push_until_quiet() {
    for (int i = 0; i < 50; ++i) {
      const Json pushed = harness_.command("push", "books");
      ASSERT_EQ(pushed.find("error"), nullptr) << pushed.to_string();
      harness_.host.clock.advance(std::chrono::hours(2));
    }
  }

  Harness harness_;
  Books books_;
  int64_t client_ = 0;
};

TEST_F(PushTest, AnIssuedInvoiceArrivesOnceWithItsExactDigits) {
  issue("INV-1", 125050, 3);  // the event comes three times
  push_until_quiet();
  ASSERT_EQ(books_.documents.size(), 1u);
  EXPECT_EQ(books_.documents[0]["total"].digits(), "1250.50");
  EXPECT_EQ(books_.documents[0]["customer"].string(), "C-1");
  EXPECT_EQ(books_.documents[0]["issueDate"].string(), "2026-01-05");
  EXPECT_EQ(books_.documents[0]["source"].string(), "talon");
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"done"}));
  EXPECT_EQ(harness_.all("sync_delivery", "remote_id"), (std::vector<std::string>{"1"}));
}

TEST_F(PushTest, LostAnswersLeadToNeitherTwinsNorGaps) {
  books_.drop_answer_every = 3;
  for (int i = 1; i <= 12; ++i) issue("INV-" + std::to_string(i), 100 * i);
  push_until_quiet();
  std::vector<std::string> references;
  for (const Json& document : books_.documents) references.emplace_back(document["reference"].string());
  std::vector<std::string> expected;
  for (int i = 1; i <= 12; ++i) expected.push_back("INV-" + std::to_string(i));
  EXPECT_EQ(references, expected) << "each once, in order";
}

TEST_F(PushTest, AnotherTotalOverThereIsAConflictThatHoldsItsLane) {
  books_.total_instead = "99.99";
  issue("INV-1", 10000);
  issue("INV-2", 20000);
  push_until_quiet();
  EXPECT_EQ(books_.documents.size(), 1u);
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"conflict", "waiting"}));
}

TEST_F(PushTest, AWrongCredentialHoldsDocumentsUntilItIsPutRight) {
  const int64_t other = harness_.host.add("party", {{"name", "Two"}, {"number", "C-2"}});
  issue("INV-1", 100);
  issue("INV-2", 200, 1, other);
  issue("INV-3", 300);
  books_.refuses = 3;
  const Json pushed = harness_.command("push", "books");
  EXPECT_EQ(books_.refuses, 2) << "no other lane is tried while it is wrong";
  EXPECT_EQ(pushed["failed"].integer(), 0);
  EXPECT_EQ(harness_.all("sync_delivery", "state"),
            (std::vector<std::string>{"waiting", "waiting", "waiting"}));
  push_until_quiet();
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"done", "done", "done"}));
  ASSERT_EQ(books_.documents.size(), 3u);
  std::vector<std::string> lane;
  for (const Json& document : books_.documents) {
    if (document["customer"].string() == "C-1") lane.emplace_back(document["reference"].string());
  }
  EXPECT_EQ(lane, (std::vector<std::string>{"INV-1", "INV-3"}));
}

TEST_F(PushTest, ARefusedDocumentHoldsItsLaneUntilAPersonRetriesOrDismissesIt) {
  books_.refuses_reference = "INV-1";
  issue("INV-1", 100);
  issue("INV-2", 200);
  push_until_quiet();
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"failed", "waiting"}));
  const std::vector<int64_t> ids = harness_.host.ids("sync_delivery");
  EXPECT_EQ(harness_.sync.action("sync_delivery", ids[1], "dismiss").error().code, Code::FailedPrecondition);
  ASSERT_TRUE(harness_.sync.action("sync_delivery", ids[0], "dismiss"));
  push_until_quiet();
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"dismissed", "done"}));
  EXPECT_EQ(harness_.sync.action("sync_delivery", ids[0], "retry").error().code, Code::FailedPrecondition);

  books_.refuses_reference = "INV-3";
  issue("INV-3", 300);
  push_until_quiet();
  books_.refuses_reference = "";
  ASSERT_TRUE(harness_.sync.action("sync_delivery", harness_.host.ids("sync_delivery")[2], "retry"));
  push_until_quiet();
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"dismissed", "done", "done"}));
}

TEST_F(PushTest, TheCommandRetryFreesAllLanesOfAConnector) {
  books_.refuses_reference = "INV-1";
  issue("INV-1", 100);
  push_until_quiet();
  books_.refuses_reference = "";
  ASSERT_EQ(harness_.command("retry", "books").find("error"), nullptr);
  push_until_quiet();
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"done"}));
}

TEST_F(PushTest, APeersLongErrorInFrenchIsKeptAndSentForOnce) {
  const int64_t other = harness_.host.add("party", {{"name", "Two"}, {"number", "C-2"}});
  books_.refuses_reference = "INV-1";
  books_.words = std::string(498, 'a') + "é refusé\x85" + std::string(3000, 'e');
  issue("INV-1", 100);
  issue("INV-2", 200, 1, other);
  push_until_quiet();
  EXPECT_EQ(harness_.all("sync_delivery", "state"), (std::vector<std::string>{"failed", "done"}));
  EXPECT_EQ(books_.sent, 2) << "one POST each";
}

}  // namespace
}  // namespace talon::sync_test
