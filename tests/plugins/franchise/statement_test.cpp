/// Statements from contract to fee invoice, and corrections of sales as true-ups.
#include "tests/support/composed_invoice.hpp"
#include "tests/support/source_model.hpp"

#include <gtest/gtest.h>
#include <talon/id.hpp>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::franchise {
namespace {

class StatementTest : public ::testing::Test {
 protected:
  StatementTest() : host(model()), plugin(host), composed(host) {
    franchisor = host.add("party", {{"name", "Head"}, {"is_franchisor", 1}});
    franchisee = host.add("party", {{"name", "Outlet"}, {"franchisor", franchisor}});
    contract = host.add("franchise_contract", {{"number", "F-1"},
                                               {"franchisor", franchisor},
                                               {"franchisee", franchisee},
                                               {"valid_from", 20260101},
                                               {"percentage", 100000},
                                               {"advertising_percentage", 20000}});
    EXPECT_TRUE(plugin.start());
    EXPECT_TRUE(plugin.action("franchise_contract", contract, "activate"));
  }
  static const model::Model& model() {
    static const model::Model model = testing::source_model({"parties", "invoicing", "franchise"});
    return model;
  }
  int64_t sale(int64_t day, int64_t net, std::string_view kind = "sale") {
    return host.add("sales_record", {{"franchisee", franchisee},
                                     {"day", day},
                                     {"category", "food"},
                                     {"kind", kind},
                                     {"net", net},
                                     {"gross", net * 6 / 5}});
  }
  Result<Json> compute(std::string_view date) {
    return plugin.action("franchise_statement", 0, "compute",
                         Json::object({{"franchisee", id_text("pty", franchisee)}, {"date", date}}));
  }
  int64_t computed(std::string_view date) {
    const auto answer = compute(date);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *parse_id((*answer)["id"].string()) : 0;
  }
  void confirm(int64_t id) { host.change("franchise_statement", id, {{"state", "confirmed"}}); }
  int64_t amount(int64_t id, std::string_view field) const {
    return host.value("franchise_statement", id, field).integer();
  }

  testing::FakeHost host;
  testing::PluginUnderTest plugin;
  testing::ComposedInvoice composed;
  int64_t franchisor = 0;
  int64_t franchisee = 0;
  int64_t contract = 0;
};

TEST_F(StatementTest, WorksAPeriodOutFromItsSales) {
  sale(20261001, 500000);
  sale(20261031, 500000);
  sale(20261015, -100000, "return");
  sale(20261101, 999);
  const int64_t id = computed("2026-10-20");
  EXPECT_EQ(amount(id, "counted_total"), 900000);
  EXPECT_EQ(amount(id, "fee"), 90000);
  EXPECT_EQ(amount(id, "advertising"), 18000);
  EXPECT_EQ(amount(id, "total"), 108000);
  EXPECT_EQ(host.ids("franchise_statement_sales").size(), 2U);
}

TEST_F(StatementTest, WorksADraftOutAnewAndLeavesAConfirmedOne) {
  sale(20261001, 500000);
  const int64_t id = computed("2026-10-20");
  sale(20261002, 500000);
  EXPECT_EQ(computed("2026-10-31"), id);
  EXPECT_EQ(amount(id, "fee"), 100000);
  EXPECT_EQ(host.ids("franchise_statement_sales").size(), 1U);
  confirm(id);
  EXPECT_EQ(compute("2026-10-20").error().code, Code::FailedPrecondition);
}

TEST_F(StatementTest, InvoicesAConfirmedStatementOnce) {
  sale(20261001, 500000);
  const int64_t id = computed("2026-10-20");
  EXPECT_EQ(plugin.action("franchise_statement", id, "invoice").error().code, Code::FailedPrecondition);
  confirm(id);
  ASSERT_TRUE(plugin.action("franchise_statement", id, "invoice"));
  EXPECT_EQ(host.text("franchise_statement", id, "state"), "invoiced");
  EXPECT_EQ(composed.asked["issue"].boolean(), true);
  EXPECT_EQ(composed.asked["invoice"]["source_key"].string(), id_text("fst", id));
  EXPECT_EQ(composed.asked["invoice"]["lines"].items()[0]["price"].string(), "500.00");
  EXPECT_EQ(composed.asked["invoice"]["lines"].items()[1]["price"].string(), "100.00");
  EXPECT_EQ(plugin.action("franchise_statement", id, "invoice").error().code, Code::FailedPrecondition);
}

TEST_F(StatementTest, AStatementWhoseInvoiceIsCreditedInWholeIsInvoicedAnew) {
  sale(20261001, 500000);
  const int64_t id = computed("2026-10-20");
  confirm(id);
  ASSERT_TRUE(plugin.action("franchise_statement", id, "invoice"));
  const int64_t first = host.ids("invoice").back();
  const auto credited = [&] {
    return plugin.handle(Json::object({{"id", "evt_1"},
                                       {"event", "invoice.credited"},
                                       {"type", "invoice"},
                                       {"record", id_text("inv", first)},
                                       {"version", 2},
                                       {"data", Json::object()}}));
  };
  host.change("invoice", first, {{"payable_total", 72000}, {"credited_total", 71999}});
  ASSERT_TRUE(credited());
  EXPECT_EQ(host.text("franchise_statement", id, "state"), "invoiced");
  host.change("invoice", first, {{"credited_total", 72000}});
  ASSERT_TRUE(credited());
  EXPECT_EQ(host.text("franchise_statement", id, "state"), "confirmed");
  ASSERT_TRUE(plugin.action("franchise_statement", id, "invoice"));
  EXPECT_NE(host.text("invoice", first, "source_key"),
            host.text("invoice", host.ids("invoice").back(), "source_key"));
}

TEST_F(StatementTest, IsReopenedOnlyWhileNoLaterOneStandsOnIt) {
  sale(20261001, -500000, "return");
  const int64_t october = computed("2026-10-20");
  confirm(october);
  ASSERT_TRUE(plugin.action("franchise_statement", october, "reopen"));
  EXPECT_EQ(host.text("franchise_statement", october, "state"), "draft");
  confirm(october);
  sale(20261110, 100000);
  computed("2026-11-20");
  EXPECT_EQ(plugin.action("franchise_statement", october, "reopen").error().code, Code::FailedPrecondition);
  EXPECT_EQ(host.text("franchise_statement", october, "state"), "confirmed");
}

TEST_F(StatementTest, CorrectsALaterChangeOfSalesOnceInTheNextPeriod) {
  const int64_t october = sale(20261001, 500000);
  const int64_t first = computed("2026-10-20");
  confirm(first);
  host.change("sales_record", october, {{"net", 600000}});
  sale(20261110, 100000);
  const int64_t second = computed("2026-11-20");
  EXPECT_EQ(amount(second, "true_up"), 12000);
  EXPECT_EQ(amount(second, "total"), 12000 + 12000);
  EXPECT_EQ(computed("2026-11-20"), second);
  EXPECT_EQ(amount(second, "true_up"), 12000) << "computing anew doubles nothing";
  confirm(second);
  const int64_t third = computed("2026-12-20");
  EXPECT_EQ(amount(third, "true_up"), 0) << "corrected once";
  confirm(third);
  host.change("sales_record", october, {{"net", 400000}});
  const int64_t fourth = computed("2027-01-20");
  EXPECT_EQ(amount(fourth, "true_up"), -24000);
}

TEST_F(StatementTest, CarriesANegativeTotalOver) {
  const int64_t october = sale(20261001, 500000);
  confirm(computed("2026-10-20"));
  host.change("sales_record", october, {{"net", 0}});
  const int64_t second = computed("2026-11-20");
  EXPECT_EQ(amount(second, "total"), -60000);
  confirm(second);
  const auto settled = plugin.action("franchise_statement", second, "invoice");
  ASSERT_TRUE(settled);
  EXPECT_EQ((*settled)["state"].string(), "settled");
  EXPECT_TRUE(composed.asked.is_null());
  sale(20261205, 1000000);
  const int64_t third = computed("2026-12-20");
  EXPECT_EQ(amount(third, "carried_in"), -60000);
  EXPECT_EQ(amount(third, "total"), 120000 - 60000);
  confirm(third);
  ASSERT_TRUE(plugin.action("franchise_statement", third, "invoice"));
  EXPECT_EQ(composed.asked["invoice"]["lines"].items().back()["price"].string(), "-600.00");
}

TEST_F(StatementTest, RefusesWhatCannotBeWorkedOut) {
  EXPECT_EQ(compute("2025-12-31").error().code, Code::FailedPrecondition);
  computed("2026-10-20");
  EXPECT_NE(compute("2026-11-20").error().message.find("still a draft"), std::string::npos);
  host.add("sales_record", {{"franchisee", franchisee}, {"day", 20261003}, {"net", 1}, {"currency", "USD"}});
  EXPECT_NE(compute("2026-10-20").error().message.find("USD"), std::string::npos);
  const auto none =
      plugin.action("franchise_statement", 0, "compute", Json::object({{"date", "2026-10-20"}}));
  EXPECT_EQ(none.error().code, Code::InvalidArgument);
}

TEST_F(StatementTest, BindsOnlyTermsThatMakeSense) {
  const int64_t bad = host.add("franchise_contract", {{"number", "F-2"},
                                                      {"franchisor", franchisor},
                                                      {"franchisee", franchisee},
                                                      {"valid_from", 20260101},
                                                      {"fee", "tiers"}});
  EXPECT_EQ(plugin.action("franchise_contract", bad, "activate").error().code, Code::InvalidArgument);
}

TEST_F(StatementTest, WritesNothingWhenAnyCallFails) {
  sale(20261001, 500000);
  const int64_t id = computed("2026-10-20");
  confirm(id);
  bool has_failed = true;
  for (int64_t n = 1; has_failed; ++n) {
    host.fail_nth(n);
    const auto answer = plugin.changes_of("franchise_statement", id, "invoice");
    has_failed = host.has_failed();
    EXPECT_EQ(answer ? Code::Ok : answer.error().code, has_failed ? Code::Unavailable : Code::Ok);
    ASSERT_LT(n, 30);
  }
  EXPECT_EQ(host.text("franchise_statement", id, "state"), "confirmed");
}

}  // namespace
}  // namespace talon::franchise
