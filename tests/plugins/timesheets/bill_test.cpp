/// Billing approved time into a draft, and freeing exactly the entries of what was credited.
#include "tests/support/composed_invoice.hpp"
#include "tests/support/source_model.hpp"

#include <gtest/gtest.h>
#include <talon/id.hpp>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::timesheets {
namespace {

class Bill : public ::testing::Test {
 protected:
  Bill() : host(model()), plugin(host), composed(host) {
    company = host.add("party", {{"name", "Us"}});
    client = host.add("party", {{"name", "Nordic"}});
    worker = host.add("user", {{"name", "Wim"}, {"email", "wim@example.org"}});
    host.add("rate", {{"currency", "EUR"}, {"per_hour", 850000}, {"valid_from", 20260101}});
    EXPECT_TRUE(plugin.start());
  }
  static const model::Model& model() {
    static const model::Model model = testing::source_model({"parties", "invoicing", "timesheets"});
    return model;
  }
  int64_t entry(int64_t day, int64_t minutes, std::string_view activity,
                std::string_view state = "approved") {
    return host.add("timesheet_entry", {{"worker", worker},
                                        {"client", client},
                                        {"day", day},
                                        {"minutes", minutes},
                                        {"activity", activity},
                                        {"state", state}});
  }
  Json input() const {
    return Json::object({{"client", id_text("pty", client)},
                         {"company", id_text("pty", company)},
                         {"from", "2026-10-01"},
                         {"to", "2026-10-31"}});
  }
  std::string state(int64_t id) const { return host.text("timesheet_entry", id, "state"); }
  Result<void> handle(std::string_view event, int64_t invoice, Json data = Json::object()) {
    return plugin.handle(Json::object({{"id", "evt_1"},
                                       {"event", event},
                                       {"type", "invoice"},
                                       {"record", id_text("inv", invoice)},
                                       {"version", 2},
                                       {"data", std::move(data)}}));
  }

  testing::FakeHost host;
  testing::PluginUnderTest plugin;
  testing::ComposedInvoice composed;
  int64_t company = 0;
  int64_t client = 0;
  int64_t worker = 0;
};

TEST_F(Bill, BillsTheApprovedTimeOfThePeriod) {
  const int64_t first = entry(20261005, 90, "dev");
  const int64_t second = entry(20261006, 30, "dev");
  const int64_t other = entry(20261007, 60, "test");
  const int64_t late = entry(20261101, 60, "dev");
  const int64_t open = entry(20261008, 60, "dev", "submitted");
  const auto answer = plugin.action("timesheet_entry", 0, "bill", input());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ((*answer)["entries"].integer(), 3);
  EXPECT_EQ((*answer)["lines"].integer(), 2);
  for (const int64_t id : {first, second, other}) EXPECT_EQ(state(id), "billed");
  EXPECT_EQ(state(late), "approved");
  EXPECT_EQ(state(open), "submitted");
  EXPECT_EQ(host.value("timesheet_entry", first, "invoice").integer(), host.ids("invoice").front());
  EXPECT_EQ(host.text("timesheet_entry", first, "billed_as"),
            host.text("timesheet_entry", second, "billed_as"));
  EXPECT_NE(host.text("timesheet_entry", first, "billed_as"),
            host.text("timesheet_entry", other, "billed_as"));
  EXPECT_EQ(composed.asked["invoice"]["lines"].items()[0]["quantity"].string(), "2.0000");
  EXPECT_EQ(plugin.action("timesheet_entry", 0, "bill", input()).error().code, Code::FailedPrecondition);
}

TEST_F(Bill, SaysWhichEntryHasNoRate) {
  host.change("rate", host.ids("rate").front(), {{"valid_from", 20261010}});
  entry(20261005, 60, "dev");
  const auto answer = plugin.action("timesheet_entry", 0, "bill", input());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::FailedPrecondition);
  EXPECT_NE(answer.error().message.find("no rate fits tse_"), std::string::npos);
}

TEST_F(Bill, RefusesAPeriodThatEndsBeforeItBegins) {
  Json wrong = input();
  wrong.set("to", "2026-09-30");
  EXPECT_EQ(plugin.action("timesheet_entry", 0, "bill", wrong).error().code, Code::InvalidArgument);
}

TEST_F(Bill, BillsAnEntryOnceWhenTwoPeopleBillAtOnce) {
  entry(20261005, 60, "dev");
  const auto first = plugin.changes_of("timesheet_entry", 0, "bill", input());
  const auto second = plugin.changes_of("timesheet_entry", 0, "bill", input());
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(host.apply_directly(*first));
  EXPECT_EQ(host.apply_directly(*second).error().code, Code::Aborted);
  EXPECT_EQ(host.ids("invoice").size(), 1U);
}

TEST_F(Bill, FreesOnlyTheEntriesOfCreditedLinesAndOnlyOnce) {
  const int64_t dev = entry(20261005, 90, "dev");
  const int64_t test = entry(20261007, 60, "test");
  ASSERT_TRUE(plugin.action("timesheet_entry", 0, "bill", input()));
  const int64_t invoice = host.ids("invoice").front();
  const Json credited =
      Json::object({{"sources", Json::array({host.text("timesheet_entry", dev, "billed_as")})}});
  ASSERT_TRUE(handle("invoice.credited", invoice, credited));
  EXPECT_EQ(state(dev), "approved");
  EXPECT_EQ(state(test), "billed");
  EXPECT_TRUE(host.value("timesheet_entry", dev, "invoice").is_null());
  ASSERT_TRUE(plugin.action("timesheet_entry", 0, "bill", input()));
  ASSERT_TRUE(handle("invoice.credited", invoice, credited)) << "delivered a second time";
  EXPECT_EQ(state(dev), "billed") << "it is on another invoice now";
}

TEST_F(Bill, FreesNothingWhenNoLineWasCreditedInFull) {
  const int64_t id = entry(20261005, 90, "dev");
  ASSERT_TRUE(plugin.action("timesheet_entry", 0, "bill", input()));
  ASSERT_TRUE(
      handle("invoice.credited", host.ids("invoice").front(), Json::object({{"sources", Json::array()}})));
  EXPECT_EQ(state(id), "billed");
}

TEST_F(Bill, FreesEverythingOfACancelledDraft) {
  const int64_t id = entry(20261005, 90, "dev");
  ASSERT_TRUE(plugin.action("timesheet_entry", 0, "bill", input()));
  ASSERT_TRUE(handle("invoice.cancelled", host.ids("invoice").front()));
  EXPECT_EQ(state(id), "approved");
}

TEST_F(Bill, WritesNothingWhenAnyCallFails) {
  const int64_t id = entry(20261005, 90, "dev");
  bool has_failed = true;
  for (int64_t n = 1; has_failed; ++n) {
    host.fail_nth(n);
    const auto answer = plugin.changes_of("timesheet_entry", 0, "bill", input());
    has_failed = host.has_failed();
    EXPECT_EQ(answer ? Code::Ok : answer.error().code, has_failed ? Code::Unavailable : Code::Ok);
    ASSERT_LT(n, 30);
  }
  host.fail_nth(0);
  composed.fails = true;
  EXPECT_EQ(plugin.action("timesheet_entry", 0, "bill", input()).error().code, Code::FailedPrecondition);
  EXPECT_EQ(state(id), "approved");
}

}  // namespace
}  // namespace talon::timesheets
