/// Plans: what a run would do, exactly that on apply, a refusal when anything moved.
#include "tests/plugins/sync/harness.hpp"

namespace talon::sync_test {
namespace {

void fill(const Harness& harness) {
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1','One',NULL,'EUR','10.00','2026-01-01 10:00:00'),"
              "(2,'C-2','Two',NULL,'XQQ',NULL,'2026-01-01 10:00:01')");
}

TEST(Plan, TellsEachFieldAndWritesNothing) {
  Harness harness;
  fill(harness);
  ASSERT_EQ(harness.load(kCustomers), "");
  const Json plan = harness.command("plan", "erp");
  ASSERT_EQ(plan["items"].items().size(), 2u) << plan.to_string();
  const Json& create = plan["items"].items()[0];
  EXPECT_EQ(create["action"].string(), "create");
  bool has_limit = false;
  for (const Json& change : create["changes"].items()) {
    if (change["field"].string() != "credit_limit") continue;
    has_limit = true;
    EXPECT_EQ(change["old"].string(), "");
    EXPECT_EQ(change["new"].string(), "10.00 EUR");
  }
  EXPECT_TRUE(has_limit);
  EXPECT_EQ(plan["items"].items()[1]["action"].string(), "reject");
  EXPECT_TRUE(harness.host.ids("party").empty());
  EXPECT_TRUE(harness.host.ids("sync_ref").empty());
  EXPECT_TRUE(harness.host.ids("sync_reject").empty());
}

TEST(Plan, ApplyDoesExactlyThatAndASecondApplyRefuses) {
  Harness harness;
  fill(harness);
  ASSERT_EQ(harness.load(kCustomers), "");
  const std::string id(harness.command("plan", "erp")["plan"].string());
  const Json applied = harness.command("apply", "erp", id);
  EXPECT_EQ(applied["counts"]["created"].integer(), 1) << applied.to_string();
  EXPECT_EQ(applied["counts"]["rejected"].integer(), 1);
  EXPECT_TRUE(applied["partial"].boolean());
  EXPECT_EQ(harness.command("apply", "erp", id)["code"].integer(), TALON_FAILED_PRECONDITION);
  const Json again = harness.command("plan", "erp");
  ASSERT_EQ(again["items"].items().size(), 1u) << "only the reject is left: " << again.to_string();
}

TEST(Plan, AStalePlanIsRefusedAndWritesNothing) {
  Harness harness;
  fill(harness);
  ASSERT_EQ(harness.load(kCustomers), "");
  const std::string id(harness.command("plan", "erp")["plan"].string());
  harness.sql("update customers set credit_limit = '10.01' where id = 1");
  const Json refused = harness.command("apply", "erp", id);
  EXPECT_EQ(refused["code"].integer(), TALON_FAILED_PRECONDITION);
  EXPECT_NE(refused["error"].string().find("stale"), std::string_view::npos);
  EXPECT_TRUE(harness.host.ids("party").empty());
  EXPECT_EQ(harness.all("sync_plan", "state"), (std::vector<std::string>{"stale"}));
}

TEST(Plan, ReferencesToRecordsOfTheSamePlanAreThere) {
  Harness harness;
  fill(harness);
  harness.sql(
      "create table people (id integer primary key, company integer, name text);"
      "insert into people values (1, 1, 'Ana'), (2, 99, 'Nobody')");
  ASSERT_EQ(harness.load(std::string(kCustomers) + R"(  - name: people
    source: {table: people, key: id}
    target: {type: contact}
    map:
      external_system: {const: erp}
      external_id: id
      last_name: name
      party: {ref: customers, from: company, missing: defer}
)"),
            "");
  const Json plan = harness.command("plan", "erp");
  EXPECT_EQ(plan["streams"]["people"]["created"].integer(), 1) << plan.to_string();
  EXPECT_EQ(plan["streams"]["people"]["deferred"].integer(), 1);
  const Json applied = harness.command("apply", "erp", std::string(plan["plan"].string()));
  EXPECT_EQ(applied["counts"]["created"].integer(), 2) << applied.to_string();
  EXPECT_EQ(applied["counts"]["deferred"].integer(), 1);
}

/// Everything that a run left, but for ids and times.
std::string left_by(Harness& harness) {
  std::string text;
  for (const char* field : {"name", "number", "credit_limit", "currency", "email"}) {
    std::vector<std::string> values = harness.all("party", field);
    std::sort(values.begin(), values.end());
    for (const std::string& value : values) text += value + ",";
    text += ";";
  }
  for (const char* field : {"external_id", "reason"}) {
    for (const std::string& value : harness.all("sync_reject", field)) text += value + ",";
  }
  text += std::to_string(harness.host.ids("sync_ref").size());
  return text + "/" +
         (harness.all("sync_state", "position").empty() ? "" : harness.all("sync_state", "position")[0]);
}

TEST(Resume, WhicheverCallFailsTheNextRunEndsAsAnUndisturbedOne) {
  std::string rows;
  for (int i = 1; i <= 8; ++i) {
    rows += (i > 1 ? ",(" : "(") + std::to_string(i) + ",'C-" + std::to_string(i) + "','N" +
            std::to_string(i) + "',NULL,'" + (i == 5 ? "XQQ" : "EUR") + "','1.50','2026-01-01 10:00:0" +
            std::to_string(i / 3) + "')";
  }
  const std::string sql = std::string(kCustomerTable) + "insert into customers values " + rows;
  Harness undisturbed;
  undisturbed.sql(sql);
  ASSERT_EQ(undisturbed.load(kCustomers), "");
  ASSERT_EQ(undisturbed.run(), "created 7, rejected 1");
  const std::string expected = left_by(undisturbed);
  for (int64_t n = 1;; ++n) {
    Harness harness;
    harness.host.secrets["erp/database"] = undisturbed.folder.file("erp.db");
    ASSERT_EQ(harness.load(kCustomers), "");
    harness.host.fail_nth(n);
    harness.run();
    const bool has_failed = harness.host.has_failed();
    harness.host.fail_nth(0);
    const std::string second = harness.run();
    EXPECT_EQ(second.find("error"), std::string::npos) << "n=" << n << ": " << second;
    EXPECT_EQ(left_by(harness), expected) << "n=" << n;
    if (!has_failed || n > 200) break;
  }
}

TEST(Mistakes, AreNamedWithTheirPlaceAndASuggestion) {
  Harness harness;
  const std::pair<const char*, const char*> cases[] = {
      {"credit_limit: credit_limit", "crdit_limit: credit_limit"},
      {"name: {from: name, transform: trim, required: yes}", "name: {frm: name}"},
      {"target: {type: party}", "target: {type: partyy}"},
      {"target: {type: party}", "target: {type: party, key: [name]}"},
      {"as: currency", "as: curency"},
      {"database: !secret erp/database", "database: x, password: hunter2"},
      {"lookback: 10m", "lookback: ten"},
      {"is_client: {const: yes}", "partner: code"},
      {"page_rows: 3", "filter: codee is x and status is y z"},
      {"driver: sqlite", "typ: odbc"},
  };
  const char* expected[] = {"Did you mean \"credit_limit\"",
                            "Did you mean \"from\"",
                            "Did you mean \"party\"",
                            "not a unique key",
                            "Did you mean \"currency\"",
                            "must not stand in a file",
                            "must be a time",
                            "say which by `ref",
                            "test.yaml:7:",
                            "test.yaml"};
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    if (i == 9) continue;  // a driver's own keys go to the driver
    std::string mapping = kCustomers;
    const std::size_t at = mapping.find(cases[i].first);
    ASSERT_NE(at, std::string::npos) << cases[i].first;
    mapping.replace(at, std::string_view(cases[i].first).size(), cases[i].second);
    const std::string mistakes = harness.load(mapping);
    EXPECT_NE(mistakes.find(expected[i]), std::string::npos) << cases[i].second << "\n" << mistakes;
    EXPECT_NE(mistakes.find("config/connectors/test.yaml:"), std::string::npos);
  }
}

TEST(Secrets, OneThatIsMissingFailsTheRunByName) {
  Harness harness;
  harness.host.secrets.clear();
  ASSERT_EQ(harness.load(kCustomers), "");
  EXPECT_NE(harness.run().find("erp/database"), std::string::npos);
}

}  // namespace
}  // namespace talon::sync_test
