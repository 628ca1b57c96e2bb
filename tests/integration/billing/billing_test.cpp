/// From time, orders and sales to settled invoices, through the real records: numbers, freezing, keys,
/// events.
#include "tests/integration/billing/house.hpp"

#include <set>
#include <thread>

namespace talon {
namespace {

class Billing : public ::testing::Test, public House {
 protected:
  std::string invoice_body(const std::string& price = "100") const {
    return R"({"company": ")" + company + R"(", "client": ")" + client +
           R"(", "lines": [{"description": "Work", "quantity": "10", "price": ")" + price +
           R"(", "vat_rate": "20"}]})";
  }
  std::string drafted() {
    return std::string(done("invoice", "", "draft", R"({"invoice": )" + invoice_body() + "}")["id"].string());
  }
  std::string issued() {
    const std::string id = drafted();
    done("invoice", id, "issue");
    return id;
  }
};

TEST_F(Billing, IssuesADraftThatWasMadeByTheGenericWay) {
  const std::string id = create("invoice", invoice_body());
  const Json invoice = done("invoice", id, "issue");
  EXPECT_EQ(invoice["number"].string(), "INV-2026-00001");
  EXPECT_EQ(invoice["state"].string(), "issued");
  EXPECT_EQ(invoice["gross_total"]["amount"].string(), "1200.00");
  EXPECT_EQ(invoice["balance"]["amount"].string(), "1200.00");
  EXPECT_EQ(invoice["lines"].items()[0]["net"]["amount"].string(), "1000.00");
  EXPECT_EQ(invoice["taxes"].items()[0]["tax"]["amount"].string(), "200.00");
  const auto snapshot = Json::parse(invoice["snapshot"].string());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ((*snapshot)["number"].string(), "INV-2026-00001");
  std::string found;
  const gate::Call asking = call();
  ASSERT_TRUE(plugins->run_command(&asking, "invoicing", "check", Json::object({{"invoice", id}}),
                                   [&](std::string_view text) -> Result<void> {
                                     found += text;
                                     return {};
                                   }));
  EXPECT_NE(found.find("\"ok\":true"), std::string::npos) << found;
}

TEST_F(Billing, ChangesAnIssuedInvoiceForNobody) {
  const std::string id = issued();
  const auto version = get("invoice", id)["version"].integer();
  EXPECT_EQ(records->change(call(), "invoice", id, version, Json::object({{"note", "x"}})).error().code,
            Code::FailedPrecondition);
  EXPECT_EQ(
      records->change(call(), "invoice", id, version, Json::object({{"lines", Json::array()}})).error().code,
      Code::FailedPrecondition);
  EXPECT_FALSE(records->remove(call(), "invoice", id, version));
  for (const char* statement :
       {"update invoices set note = 'x'", "update invoices set gross_total = 1",
        "update invoice_lines set price = 1", "delete from invoice_lines", "delete from invoices",
        "update invoices set state = 'draft'", "delete from invoice_taxes"}) {
    EXPECT_FALSE(sql(statement)) << statement;
  }
  EXPECT_EQ(get("invoice", id)["gross_total"]["amount"].string(), "1200.00");
}

TEST_F(Billing, NumbersWithoutGapsUnderSixteenWriters) {
  constexpr int kWriters = 16;
  constexpr int kEach = 10;
  std::vector<std::string> drafts;
  for (int i = 0; i < kWriters * kEach; ++i) drafts.push_back(drafted());
  std::vector<std::thread> writers;
  std::atomic<int> failed = 0;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        gate::Call one;
        one.principal.kind = gate::Principal::Kind::User;
        one.principal.user = 100 + w;
        one.channel = "test";
        one.idempotency_key = "w" + std::to_string(w) + "-" + std::to_string(i);
        const auto id = drafts[static_cast<std::size_t>(w * kEach + i)];
        if (!records->act(one, "invoice", id, "issue", -1, Json::object())) ++failed;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(failed, 0);
  std::set<std::string> numbers;
  for (const std::string& id : drafts) numbers.emplace(get("invoice", id)["number"].string());
  EXPECT_EQ(numbers.size(), drafts.size());
  EXPECT_EQ(*numbers.begin(), "INV-2026-00001");
  EXPECT_EQ(*numbers.rbegin(), "INV-2026-00160");
}

TEST_F(Billing, IssuesABlock) {
  Json list = Json::array();
  for (int i = 0; i < 20; ++i) list.push(drafted());
  const Json answer = done("invoice", "", "issue_many", Json::object({{"invoices", list}}).to_string());
  EXPECT_EQ(answer["count"].integer(), 20);
  EXPECT_EQ(get("invoice", list.items().back().string())["number"].string(), "INV-2026-00020");
}

TEST_F(Billing, PaysCreditsAndKeepsTheBalance) {
  const std::string id = issued();
  const std::string pay =
      R"({"client": ")" + client + R"(", "amount": "200.00", "invoice": ")" + id + R"("})";
  EXPECT_EQ(done("payment", "", "record", pay)["allocated"]["amount"].string(), "200.00");
  EXPECT_EQ(get("invoice", id)["settlement"].string(), "partly_paid");
  const Json credit =
      done("invoice", id, "credit", R"({"reason": "damaged", "lines": [{"line": 1, "quantity": "2"}]})");
  const Json note = get("invoice", credit["id"].string());
  EXPECT_EQ(note["number"].string(), "CN-2026-00001");
  EXPECT_EQ(note["state"].string(), "issued");
  EXPECT_EQ(note["gross_total"]["amount"].string(), "240.00");
  EXPECT_EQ(get("invoice", id)["balance"]["amount"].string(), "760.00");
  EXPECT_EQ(act("invoice", id, "credit", R"({"reason": "x", "lines": [{"line": 1, "quantity": "9"}]})")
                .error()
                .code,
            Code::FailedPrecondition);
  done("invoice", id, "write_off", R"({"reason": "insolvent"})");
  EXPECT_EQ(get("invoice", id)["settlement"].string(), "paid");
  EXPECT_EQ(ids("payment_allocation").size(), 2U);
}

TEST_F(Billing, WritesAPaymentByItsActionAlone) {
  gate::Call one = call();
  one.idempotency_key = "by hand";
  const auto made =
      records->create(one, "payment",
                      *Json::parse(R"({"client": ")" + client +
                                   R"(", "date": "2026-10-05", "currency": "EUR", "amount": "-5"})"));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().details.find("not_settable"), std::string::npos) << made.error().details;
  EXPECT_TRUE(ids("payment").empty());
}

TEST_F(Billing, LetsTwoPeoplePayOnlyOnce) {
  const std::string id = issued();
  const std::string pay = R"({"client": ")" + client +
                          R"(", "amount": "1200.00", "allocations": [{"invoice": ")" + id +
                          R"(", "amount": "1200.00"}]})";
  std::atomic<int> accepted = 0;
  std::vector<std::thread> people;
  for (int i = 0; i < 2; ++i) {
    people.emplace_back([&, i] {
      gate::Call one;
      one.principal.kind = gate::Principal::Kind::User;
      one.principal.user = 200 + i;
      one.channel = "test";
      one.idempotency_key = "p" + std::to_string(i);
      if (records->act(one, "payment", "", "record", -1, *Json::parse(pay))) ++accepted;
    });
  }
  for (std::thread& person : people) person.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(get("invoice", id)["paid_total"]["amount"].string(), "1200.00");
}

TEST_F(Billing, BillsTimeAndFreesWhatIsCredited) {
  create("rate", R"({"per_hour": "85", "valid_from": "2026-01-01"})");
  const auto entry = [&](const std::string& activity) {
    const std::string id =
        create("timesheet_entry", R"({"worker": ")" + user + R"(", "client": ")" + client +
                                      R"(", "day": "2026-10-05", "minutes": 90, "activity": ")" + activity +
                                      R"("})");
    done("timesheet_entry", id, "submit");
    done("timesheet_entry", id, "approve");
    return id;
  };
  const std::string dev = entry("dev");
  const std::string test = entry("test");
  const std::string bill = R"({"client": ")" + client + R"(", "company": ")" + company +
                           R"(", "from": "2026-10-01", "to": "2026-10-31"})";
  const std::string invoice(done("timesheet_entry", "", "bill", bill)["invoice"].string());
  EXPECT_EQ(get("timesheet_entry", dev)["state"].string(), "billed");
  EXPECT_EQ(get("invoice", invoice)["net_total"]["amount"].string(), "255.00");
  const auto version = get("timesheet_entry", dev)["version"].integer();
  EXPECT_EQ(
      records->change(call(), "timesheet_entry", dev, version, Json::object({{"note", "x"}})).error().code,
      Code::FailedPrecondition);
  done("invoice", invoice, "issue");
  done("invoice", invoice, "credit", R"({"reason": "wrong", "lines": [{"line": 1}]})");
  deliver("timesheets", "invoice.credited");
  EXPECT_EQ(get("timesheet_entry", dev)["state"].string(), "approved");
  EXPECT_EQ(get("timesheet_entry", test)["state"].string(), "billed");
}

TEST_F(Billing, FreesTheTimeOfACancelledDraft) {
  create("rate", R"({"per_hour": "85", "valid_from": "2026-01-01"})");
  const std::string id = create("timesheet_entry", R"({"worker": ")" + user + R"(", "client": ")" + client +
                                                       R"(", "day": "2026-10-05", "minutes": 90})");
  done("timesheet_entry", id, "submit");
  done("timesheet_entry", id, "approve");
  const Json billed = done("timesheet_entry", "", "bill",
                           R"({"client": ")" + client + R"(", "company": ")" + company +
                               R"(", "from": "2026-10-01", "to": "2026-10-31"})");
  done("invoice", billed["invoice"].string(), "cancel");
  deliver("timesheets", "invoice.cancelled");
  EXPECT_EQ(get("timesheet_entry", id)["state"].string(), "approved");
}

TEST_F(Billing, TurnsAnOrderIntoOneInvoice) {
  const std::string product =
      create("product", R"({"sku": "A1", "name": "Anvil", "price": "12.5", "vat_rate": "20"})");
  const std::string order =
      create("customer_order", R"({"client": ")" + client + R"(", "company": ")" + company +
                                   R"(", "lines": [{"product": ")" + product + R"(", "quantity": "4"}]})");
  done("customer_order", order, "place");
  done("customer_order", order, "accept");
  const Json answer = done("customer_order", order, "invoice");
  EXPECT_EQ(get("invoice", answer["invoice"].string())["gross_total"]["amount"].string(), "60.00");
  EXPECT_FALSE(act("customer_order", order, "invoice"));
  EXPECT_EQ(ids("invoice").size(), 1U);
}

TEST_F(Billing, FollowsADeliveryToItsPayment) {
  const std::string id =
      create("delivery", R"({"supplier": ")" + client +
                             R"(", "lines": [{"description": "Ore", "quantity": "10", "price": "2.5"}]})");
  done("delivery", id, "receive", R"({"lines": [{"line": 1, "received": "8"}]})");
  done("delivery", id, "confirm");
  done("delivery", id, "bill", R"({"bill_number": "B-7", "bill_date": "2026-11-02", "total": "24.00"})");
  done("delivery", id, "pay", R"({"paid_on": "2026-11-20", "payment_reference": "T-1"})");
  const Json delivery = get("delivery", id);
  EXPECT_EQ(delivery["state"].string(), "paid");
  EXPECT_EQ(delivery["net_total"]["amount"].string(), "20.00");
}

TEST_F(Billing, IssuesAFranchiseFeeFromSales) {
  const std::string contract = create(
      "franchise_contract", R"({"number": "F-1", "franchisor": ")" + company + R"(", "franchisee": ")" +
                                client + R"(", "valid_from": "2026-01-01", "percentage": "6.5"})");
  done("franchise_contract", contract, "activate");
  create("sales_record", R"({"franchisee": ")" + client +
                             R"(", "day": "2026-10-05", "category": "food", "net": "10000.00"})");
  create("sales_record",
         R"({"franchisee": ")" + client + R"(", "day": "2026-10-06", "kind": "return", "net": "-500.00"})");
  const Json computed = done("franchise_statement", "", "compute",
                             R"({"contract": ")" + contract + R"(", "date": "2026-10-31"})");
  EXPECT_EQ(computed["fee"]["amount"].string(), "617.50");
  const std::string statement(computed["id"].string());
  done("franchise_statement", "", "compute", R"({"franchisee": ")" + client + R"(", "date": "2026-10-01"})");
  done("franchise_statement", statement, "confirm");
  const Json answer = done("franchise_statement", statement, "invoice");
  const Json invoice = get("invoice", answer["invoice"].string());
  EXPECT_EQ(invoice["state"].string(), "issued");
  EXPECT_EQ(invoice["number"].string(), "INV-2026-00001");
  EXPECT_EQ(invoice["net_total"]["amount"].string(), "617.50");
  EXPECT_EQ(get("franchise_statement", statement)["state"].string(), "invoiced");
}

}  // namespace
}  // namespace talon
