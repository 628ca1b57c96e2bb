/// Orders and deliveries: placing, invoicing once, receiving, billing, and what is refused.
#include "plugins/trade/order.hpp"
#include "tests/support/composed_invoice.hpp"
#include "tests/support/source_model.hpp"

#include <gtest/gtest.h>
#include <talon/id.hpp>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::trade {
namespace {

class Trade : public ::testing::Test {
 protected:
  Trade() : host(model()), plugin(host), composed(host) {
    company = host.add("party", {{"name", "Us"}});
    other = host.add("party", {{"name", "Nordic"}});
    product = host.add("product", {{"sku", "A1"}, {"name", "Anvil"}, {"price", 12500000}, {"unit", "H87"}});
    EXPECT_TRUE(plugin.start());
  }
  static const model::Model& model() {
    static const model::Model model = testing::source_model({"parties", "invoicing", "trade"});
    return model;
  }
  int64_t order(const Json& line) {
    return made("customer_order",
                Json::object({{"client", id_text("pty", other)}, {"company", id_text("pty", company)}}),
                line);
  }
  int64_t delivery(const Json& line) {
    return made("delivery", Json::object({{"supplier", id_text("pty", other)}}), line);
  }
  int64_t made(std::string_view type, const Json& set, const Json& line) {
    const Json op = Json::object({{"op", "create"},
                                  {"type", type},
                                  {"set", set},
                                  {"lists", Json::object({{"lines", Json::array({line})}})}});
    EXPECT_TRUE(host.apply_directly(Json::object({{"operations", Json::array({op})}})));
    return host.ids(type).back();
  }
  Json of_product(std::string_view quantity) const {
    return Json::object({{"product", id_text("prd", product)}, {"quantity", quantity}});
  }

  testing::FakeHost host;
  testing::PluginUnderTest plugin;
  testing::ComposedInvoice composed;
  int64_t company = 0;
  int64_t other = 0;
  int64_t product = 0;
};

TEST_F(Trade, AnAmountBeyondTheMostIsRefusedWithItsPlace) {
  const auto line = [](std::string_view quantity, std::string_view price) {
    return Json::object({{"description", "x"}, {"quantity", quantity}, {"price", price}});
  };
  const auto refusal = [&](std::string_view type, int64_t id, std::string_view action) {
    const auto done = plugin.action(type, id, action);
    EXPECT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::OutOfRange) << done.error().message;
    return done.error().message;
  };
  const std::string much = "line 1: an amount goes up to 100000000000000.00; split the document";
  EXPECT_EQ(refusal("customer_order", order(line("20000", "9000000000")), "place"), much);
  EXPECT_EQ(refusal("customer_order", order(line("20000", "-9000000000")), "place"), much);
  EXPECT_EQ(refusal("customer_order", order(line("900000000000000", "9000000000000")), "place"),
            "line 1: quantity × price is too large; split the line");
  EXPECT_EQ(refusal("delivery", delivery(line("20000", "9000000000")), "receive"), much);
}

TEST_F(Trade, PlacesAnOrderAtTheProductsPrice) {
  const int64_t id = order(of_product("3"));
  ASSERT_TRUE(plugin.action("customer_order", id, "place"));
  EXPECT_EQ(host.text("customer_order", id, "state"), "placed");
  EXPECT_EQ(host.value("customer_order", id, "net_total").integer(), 3750);
  EXPECT_EQ(host.value("customer_order", id, "order_date").integer(), host.clock.today().packed());
  EXPECT_EQ(host.text("customer_order_line", host.ids("customer_order_line").back(), "description"), "Anvil");
  host.change("customer_order", id, {{"state", "rejected"}});
  EXPECT_EQ(plugin.action("customer_order", id, "place").error().code, Code::FailedPrecondition);
}

TEST_F(Trade, MarksAnOrderBelowTheListPrice) {
  Json line = of_product("1");
  line.set("price", "12.49");
  const int64_t id = order(line);
  ASSERT_TRUE(plugin.action("customer_order", id, "place"));
  EXPECT_EQ(host.value("customer_order", id, "is_below_list").integer(), 1);
}

TEST_F(Trade, RefusesLinesThatCannotBePriced) {
  const auto refused = [&](const Json& line) {
    return plugin.action("customer_order", order(line), "place").error().message;
  };
  EXPECT_NE(refused(Json::object({{"description", "Thing"}})).find("no price"), std::string::npos);
  EXPECT_NE(refused(Json::object({{"price", "1"}})).find("description"), std::string::npos);
  EXPECT_NE(refused(of_product("0")).find("quantity"), std::string::npos);
  host.change("product", product, {{"is_active", 0}});
  EXPECT_NE(refused(of_product("1")).find("no longer sold"), std::string::npos);
  host.change("product", product, {{"is_active", 1}, {"currency", "USD"}});
  EXPECT_NE(refused(of_product("1")).find("USD"), std::string::npos);
}

TEST_F(Trade, InvoicesAnAcceptedOrderOnce) {
  const int64_t id = order(of_product("3"));
  ASSERT_TRUE(plugin.action("customer_order", id, "place"));
  EXPECT_EQ(plugin.action("customer_order", id, "invoice").error().code, Code::FailedPrecondition);
  ASSERT_TRUE(plugin.action("customer_order", id, "accept"));
  const auto first = plugin.changes_of("customer_order", id, "invoice");
  const auto second = plugin.changes_of("customer_order", id, "invoice");
  ASSERT_TRUE(first && second) << first.error().message;
  ASSERT_TRUE(host.apply_directly(*first));
  EXPECT_EQ(host.apply_directly(*second).error().code, Code::Aborted);
  EXPECT_EQ(host.text("customer_order", id, "state"), "invoiced");
  EXPECT_EQ(host.value("customer_order", id, "invoice").integer(), host.ids("invoice").front());
  EXPECT_EQ(composed.asked["invoice"]["source_key"].string(), id_text("ord", id));
  EXPECT_EQ(composed.asked["invoice"]["lines"].items()[0]["price"].string(), "12.500000");
}

TEST_F(Trade, AcceptsAndInvoicesOnlyWhatWasPlaced) {
  const int64_t id = order(of_product("3"));
  ASSERT_TRUE(plugin.action("customer_order", id, "place"));
  const int64_t row = host.ids("customer_order_line").back();
  host.change("customer_order_line", row, {{"price", 10000}});  // 0.01
  EXPECT_EQ(plugin.action("customer_order", id, "accept").error().code, Code::FailedPrecondition);
  ASSERT_TRUE(plugin.action("customer_order", id, "place"));
  EXPECT_EQ(host.value("customer_order", id, "is_below_list").integer(), 1) << "accounts is asked now";
  ASSERT_TRUE(plugin.action("customer_order", id, "accept"));
  host.change("customer_order", id, {{"note", "a change of the lines raises the version in the same way"}});
  EXPECT_EQ(plugin.action("customer_order", id, "invoice").error().code, Code::FailedPrecondition);
  ASSERT_TRUE(plugin.action("customer_order", id, "place"));
  ASSERT_TRUE(plugin.action("customer_order", id, "accept"));
  EXPECT_TRUE(plugin.action("customer_order", id, "invoice"));
}

TEST_F(Trade, AnOrderWhoseInvoiceIsGivenBackIsInvoicedAnew) {
  const int64_t id = order(of_product("3"));
  ASSERT_TRUE(plugin.action("customer_order", id, "place"));
  ASSERT_TRUE(plugin.action("customer_order", id, "accept"));
  ASSERT_TRUE(plugin.action("customer_order", id, "invoice"));
  const int64_t first = host.ids("invoice").back();
  const auto happens = [&](const char* event, int64_t invoice) {
    return plugin.handle(Json::object({{"id", "evt_1"},
                                       {"event", event},
                                       {"type", "invoice"},
                                       {"record", id_text("inv", invoice)},
                                       {"version", 2},
                                       {"data", Json::object()}}));
  };
  host.change("invoice", first, {{"payable_total", 4500}, {"credited_total", 4499}});
  ASSERT_TRUE(happens("invoice.credited", first));
  EXPECT_EQ(host.text("customer_order", id, "state"), "invoiced") << "credited in part";
  ASSERT_TRUE(happens("invoice.cancelled", first));
  EXPECT_EQ(host.text("customer_order", id, "state"), "accepted");
  ASSERT_TRUE(plugin.action("customer_order", id, "invoice"));
  const int64_t second = host.ids("invoice").back();
  EXPECT_NE(host.text("invoice", first, "source_key"), host.text("invoice", second, "source_key"));
  ASSERT_TRUE(happens("invoice.cancelled", first)) << "delivered a second time";
  EXPECT_EQ(host.text("customer_order", id, "state"), "invoiced");
  host.change("invoice", second, {{"payable_total", 4500}, {"credited_total", 4500}});
  ASSERT_TRUE(happens("invoice.credited", second));
  EXPECT_EQ(host.text("customer_order", id, "state"), "accepted");
}

TEST_F(Trade, ReceivesADeliveryInPart) {
  const int64_t id = delivery(Json::object({{"description", "Ore"}, {"quantity", "10"}, {"price", "2.5"}}));
  const Json came = Json::object({{"lines", Json::array({Json::object({{"line", 1}, {"received", "8"}})})}});
  ASSERT_TRUE(plugin.action("delivery", id, "receive", came));
  EXPECT_EQ(host.text("delivery", id, "state"), "received");
  EXPECT_EQ(host.value("delivery", id, "net_total").integer(), 2000);
  EXPECT_EQ(host.value("delivery_line", host.ids("delivery_line").back(), "received").integer(), 80000);
}

TEST_F(Trade, RefusesQuantitiesThatWereNeverAnnounced) {
  const int64_t id = delivery(Json::object({{"description", "Ore"}, {"quantity", "10"}}));
  for (const Json& line :
       {Json::object({{"line", 2}, {"received", "1"}}), Json::object({{"line", 1}, {"received", "-1"}}),
        Json::object({{"line", 1}, {"received", "x"}})}) {
    const auto answer =
        plugin.action("delivery", id, "receive", Json::object({{"lines", Json::array({line})}}));
    EXPECT_EQ(answer ? Code::Ok : answer.error().code, Code::InvalidArgument) << line.to_string();
  }
}

TEST_F(Trade, RecordsTheSuppliersBill) {
  const int64_t id = delivery(Json::object({{"description", "Ore"}}));
  Json bill = Json::object({{"bill_number", "B-7"}, {"bill_date", "2026-11-02"}, {"total", "300.00"}});
  EXPECT_EQ(plugin.action("delivery", id, "bill", bill).error().code, Code::FailedPrecondition);
  host.change("delivery", id, {{"state", "confirmed"}});
  ASSERT_TRUE(plugin.action("delivery", id, "bill", bill));
  EXPECT_EQ(host.value("delivery", id, "bill_total").integer(), 30000);
  EXPECT_EQ(host.value("delivery", id, "bill_due_date").integer(), 20261202);
  host.change("delivery", id, {{"state", "confirmed"}});
  EXPECT_EQ(plugin.action("delivery", id, "bill", bill.set("total", "-1")).error().code,
            Code::InvalidArgument);
}

TEST_F(Trade, WritesNothingWhenAnyCallFails) {
  const int64_t id = order(of_product("3"));
  bool has_failed = true;
  for (int64_t n = 1; has_failed; ++n) {
    host.fail_nth(n);
    const auto answer = plugin.changes_of("customer_order", id, "place");
    has_failed = host.has_failed();
    EXPECT_EQ(answer ? Code::Ok : answer.error().code, has_failed ? Code::Unavailable : Code::Ok);
    ASSERT_LT(n, 30);
  }
  EXPECT_EQ(host.text("customer_order", id, "state"), "draft");
}

}  // namespace
}  // namespace talon::trade
