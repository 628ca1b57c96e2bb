/// Credits, payments and write-offs: the balance holds at all times, and nobody pays or credits twice.
#include "tests/plugins/invoicing/fixture.hpp"

#include <talon/id.hpp>

namespace talon::invoicing {
namespace {

class Settle : public InvoicingTest {
 protected:
  void TearDown() override { expect_balanced(); }

  Result<Json> credit(int64_t id, Json more = Json::object()) {
    return plugin.action("invoice", id, "credit", more.set("reason", "agreed"));
  }
};

TEST_F(Settle, PaysInParts) {
  const int64_t id = issued();
  ASSERT_TRUE(pay("200.00", Json::object({{"invoice", invoice_id(id)}})));
  EXPECT_EQ(text(id, "settlement"), "partly_paid");
  EXPECT_EQ(amount(id, "balance"), 100000);
  ASSERT_TRUE(pay("1000.00", Json::object({{"invoice", invoice_id(id)}})));
  EXPECT_EQ(text(id, "settlement"), "paid");
  EXPECT_EQ(amount(id, "balance"), 0);
}

TEST_F(Settle, KeepsAnOverpaymentUnallocated) {
  const int64_t id = issued();
  const auto answer = pay("1500.00", Json::object({{"invoice", invoice_id(id)}}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ((*answer)["unallocated"]["amount"].string(), "300.00");
  const int64_t other = issued();
  const int64_t payment = host.ids("payment").front();
  ASSERT_TRUE(plugin.action("payment", payment, "allocate", Json::object({{"invoice", invoice_id(other)}})));
  EXPECT_EQ(amount(other, "balance"), 90000);
  EXPECT_EQ(host.value("payment", payment, "unallocated").integer(), 0);
}

TEST_F(Settle, SpreadsOnePaymentOverSeveralInvoices) {
  const int64_t first = issued();
  const int64_t second = issued();
  const Json allocations =
      Json::array({Json::object({{"invoice", invoice_id(first)}, {"amount", "1200.00"}}),
                   Json::object({{"invoice", invoice_id(second)}, {"amount", "300.00"}})});
  ASSERT_TRUE(pay("1500.00", Json::object({{"allocations", allocations}})));
  EXPECT_EQ(text(first, "settlement"), "paid");
  EXPECT_EQ(amount(second, "balance"), 90000);
}

TEST_F(Settle, LetsNobodyPayTwice) {
  const int64_t id = issued();
  const Json input =
      Json::object({{"client", party(client)}, {"amount", "1200.00"}, {"invoice", invoice_id(id)}});
  const auto first = plugin.changes_of("payment", 0, "record", input);
  const auto second = plugin.changes_of("payment", 0, "record", input);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(host.apply_directly(*first));
  const auto stale = host.apply_directly(*second);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Code::Aborted);
  EXPECT_EQ(plugin.action("payment", 0, "record", input).error().code, Code::FailedPrecondition);
  EXPECT_EQ(host.ids("payment").size(), 1U);
}

TEST_F(Settle, RefusesPaymentsThatDoNotFit) {
  const int64_t id = issued();
  const auto refused = [&](std::string_view amount, const Json& more) {
    return pay(amount, more).error().code;
  };
  const auto part = [&](int64_t invoice, std::string_view amount) {
    return Json::object(
        {{"allocations",
          Json::array({Json::object({{"invoice", invoice_id(invoice)}, {"amount", amount}})})}});
  };
  EXPECT_EQ(refused("-5.00", Json::object()), Code::InvalidArgument);
  EXPECT_EQ(refused("0.001", Json::object()), Code::InvalidArgument);
  EXPECT_EQ(refused("2000.00", part(id, "1200.01")), Code::FailedPrecondition);
  EXPECT_EQ(refused("10.00", part(id, "10.01")), Code::FailedPrecondition);
  EXPECT_EQ(refused("10.00", part(drafted(), "10.00")), Code::FailedPrecondition);
  EXPECT_EQ(refused("10.00", Json::object({{"currency", "USD"}, {"invoice", invoice_id(id)}})),
            Code::FailedPrecondition);
  Json doubled = part(id, "1.00");
  doubled.set("invoice", invoice_id(id));
  EXPECT_EQ(refused("10.00", doubled), Code::InvalidArgument);
  const int64_t other = host.add("party", {{"name", "Other"}});
  const auto theirs = plugin.action(
      "payment", 0, "record",
      Json::object({{"client", party(other)}, {"amount", "5.00"}, {"invoice", invoice_id(id)}}));
  EXPECT_EQ(theirs.error().code, Code::FailedPrecondition);
}

TEST_F(Settle, TakesAPaymentBackAndGivesItElsewhere) {
  const int64_t id = issued();
  ASSERT_TRUE(pay("1200.00", Json::object({{"invoice", invoice_id(id)}})));
  const int64_t payment = host.ids("payment").front();
  const Json input =
      Json::object({{"invoice", invoice_id(id)}, {"amount", "200.00"}, {"reason", "wrong one"}});
  ASSERT_TRUE(plugin.action("payment", payment, "unallocate", input));
  EXPECT_EQ(amount(id, "balance"), 20000);
  EXPECT_EQ(host.value("payment", payment, "unallocated").integer(), 20000);
  Json too_much = input;
  too_much.set("amount", "1000.01");
  EXPECT_EQ(plugin.action("payment", payment, "unallocate", too_much).error().code, Code::FailedPrecondition);
}

TEST_F(Settle, KeepsThePaymentsOfCompaniesApart) {
  const int64_t id = issued();
  const int64_t elsewhere = host.add("party", {{"name", "Talon Two"}, {"is_company", 1}});
  EXPECT_EQ(
      pay("100.00", Json::object({{"company", party(elsewhere)}, {"invoice", invoice_id(id)}})).error().code,
      Code::FailedPrecondition);
  ASSERT_TRUE(pay("100.00", Json::object({{"company", party(elsewhere)}})));
  EXPECT_EQ(plugin
                .action("payment", host.ids("payment").front(), "allocate",
                        Json::object({{"invoice", invoice_id(id)}}))
                .error()
                .code,
            Code::FailedPrecondition);
  EXPECT_TRUE(pay("100.00", Json::object({{"company", party(seller)}, {"invoice", invoice_id(id)}})));
}

TEST_F(Settle, TakesAPaymentBackToday) {
  const int64_t id = issued();
  const std::string paid = host.clock.today().plus_days(-40).to_string();
  ASSERT_TRUE(pay("100.00", Json::object({{"invoice", invoice_id(id)}, {"date", paid}})));
  const int64_t payment = host.ids("payment").front();
  Json input = Json::object({{"invoice", invoice_id(id)}, {"amount", "40.00"}, {"reason", "wrong one"}});
  ASSERT_TRUE(plugin.action("payment", payment, "unallocate", input));
  EXPECT_EQ(host.value("payment_allocation", host.ids("payment_allocation").back(), "date").integer(),
            host.clock.today().packed());
  input.set("date", host.clock.today().plus_days(-41).to_string());
  EXPECT_EQ(plugin.action("payment", payment, "unallocate", input).error().code, Code::FailedPrecondition);
}

TEST_F(Settle, CreditsTheWhole) {
  const int64_t id = issued();
  const auto answer = credit(id);
  ASSERT_TRUE(answer) << answer.error().message;
  const int64_t note = *parse_id((*answer)["id"].string());
  EXPECT_EQ(text(note, "kind"), "credit_note");
  EXPECT_EQ(text(note, "number"), "CN-" + std::to_string(host.clock.today().year()) + "-00001");
  EXPECT_EQ(text(note, "state"), "issued");
  EXPECT_EQ(amount(note, "gross_total"), 120000);
  EXPECT_EQ(amount(note, "turnover"), -100000);
  EXPECT_EQ(amount(note, "corrects"), id);
  EXPECT_EQ(text(id, "settlement"), "credited");
  EXPECT_EQ(amount(id, "balance"), 0);
  EXPECT_EQ(credit(id).error().code, Code::FailedPrecondition);
  EXPECT_EQ(credit(note).error().code, Code::FailedPrecondition);
}

TEST_F(Settle, CreditsByLineUpToWhatIsLeft) {
  const int64_t id = issued();
  const auto lines = [](std::string_view quantity) {
    return Json::object({{"lines", Json::array({Json::object({{"line", 1}, {"quantity", quantity}})})}});
  };
  const auto answer = credit(id, lines("4"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(amount(id, "balance"), 72000);
  EXPECT_EQ(text(id, "settlement"), "partly_paid");
  EXPECT_EQ(credit(id, lines("6.0001")).error().code, Code::FailedPrecondition);
  EXPECT_EQ(credit(id, lines("-1")).error().code, Code::InvalidArgument);
  EXPECT_EQ(credit(id, lines("0")).error().code, Code::InvalidArgument);
  EXPECT_EQ(credit(id).error().code, Code::FailedPrecondition);
  ASSERT_TRUE(credit(id, Json::object({{"lines", Json::array({Json::object({{"line", 1}})})}})));
  EXPECT_EQ(text(id, "settlement"), "credited");
  EXPECT_EQ(credit(id, lines("1")).error().code, Code::FailedPrecondition);
}

TEST_F(Settle, CreditsAnAmountToTheCent) {
  const auto answer = draft(content(Json::array({line("1", "33.33"), line("1", "66.67", "5.5")})));
  ASSERT_TRUE(answer);
  const int64_t id = *parse_id((*answer)["id"].string());
  ASSERT_TRUE(plugin.action("invoice", id, "issue"));
  const auto credited = credit(id, Json::object({{"amount", "10.01"}}));
  ASSERT_TRUE(credited) << credited.error().message;
  EXPECT_EQ(amount(*parse_id((*credited)["id"].string()), "gross_total"), 1001);
  EXPECT_EQ(amount(id, "credited_total"), 1001);
  EXPECT_EQ(credit(id, Json::object({{"amount", "500.00"}})).error().code, Code::FailedPrecondition);
}

TEST_F(Settle, CreditsNoMoreThanWasChargedWhateverWasPrepaid) {
  Json prepaid = content(Json::array({line("10", "100")}));
  prepaid.set("prepaid_total", "1200.00");
  const auto drafted = draft(prepaid);
  ASSERT_TRUE(drafted) << drafted.error().message;
  const int64_t id = *parse_id((*drafted)["id"].string());
  ASSERT_TRUE(plugin.action("invoice", id, "issue"));
  EXPECT_EQ(amount(id, "payable_total"), 0);
  ASSERT_TRUE(credit(id));
  EXPECT_EQ(credit(id).error().code, Code::FailedPrecondition);
  EXPECT_EQ(credit(id, Json::object({{"amount", "0.01"}})).error().code, Code::FailedPrecondition);
}

TEST_F(Settle, PrepaidIsNeverBelowZero) {
  Json more = content(Json::array({line("10", "100")}));
  more.set("prepaid_total", "-50.00");
  const auto refused = draft(more);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("prepaid_total"), std::string::npos) << refused.error().message;
}

TEST_F(Settle, IssuesNothingWhosePayableWasChangedAfterItsCalculation) {
  const int64_t id = drafted();
  host.change("invoice", id, {{"prepaid_total", int64_t{120000}}});
  EXPECT_EQ(plugin.action("invoice", id, "issue").error().code, Code::FailedPrecondition);
}

TEST_F(Settle, OnlyOurCompaniesIssue) {
  Json own = content(Json::array({line("1", "10")}));
  own.set("company", party(client));
  const auto drafted = draft(own);
  ASSERT_TRUE(drafted) << drafted.error().message;
  const auto refused = plugin.action("invoice", *parse_id((*drafted)["id"].string()), "issue");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("is_company"), std::string::npos) << refused.error().message;
}

TEST_F(Settle, NeedsThePaymentBackBeforeItCreditsAPaidInvoice) {
  const int64_t id = issued();
  ASSERT_TRUE(pay("1200.00", Json::object({{"invoice", invoice_id(id)}})));
  const auto refused = credit(id);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("unallocate"), std::string::npos);
  host.settings.set("allow_credit_balance", true);
  ASSERT_TRUE(credit(id));
  EXPECT_EQ(amount(id, "balance"), -120000);
}

TEST_F(Settle, SaysWhichWorkACreditFrees) {
  const int64_t id = issued();
  const int64_t row = host.ids("invoice_line").front();
  host.change("invoice_line", row, {{"source", "timesheets/development"}});
  ASSERT_TRUE(
      credit(id, Json::object({{"lines", Json::array({Json::object({{"line", 1}, {"quantity", "1"}})})}})));
  const Json* event = nullptr;
  for (const Json& one : host.events()) event = one["event"].string() == "invoice.credited" ? &one : event;
  ASSERT_NE(event, nullptr);
  EXPECT_TRUE((*event)["data"]["sources"].items().empty());
  ASSERT_TRUE(credit(id, Json::object({{"lines", Json::array({Json::object({{"line", 1}})})}})));
  for (const Json& one : host.events()) event = one["event"].string() == "invoice.credited" ? &one : event;
  ASSERT_EQ((*event)["data"]["sources"].items().size(), 1U);
  EXPECT_EQ((*event)["data"]["sources"].items()[0].string(), "timesheets/development");
}

TEST_F(Settle, WritesOffWhatIsOpen) {
  const int64_t id = issued();
  const Json discount =
      Json::object({{"reason", "2 % for early payment"}, {"kind", "discount"}, {"amount", "24.00"}});
  ASSERT_TRUE(plugin.action("invoice", id, "write_off", discount));
  EXPECT_EQ(amount(id, "balance"), 117600);
  ASSERT_TRUE(plugin.action("invoice", id, "write_off", Json::object({{"reason", "insolvent"}})));
  EXPECT_EQ(text(id, "settlement"), "paid");
  EXPECT_EQ(plugin.action("invoice", id, "write_off", Json::object({{"reason", "again"}})).error().code,
            Code::FailedPrecondition);
}

TEST_F(Settle, WritesNothingWhenAnyCallFails) {
  const int64_t id = issued();
  const Json input =
      Json::object({{"client", party(client)}, {"amount", "5.00"}, {"invoice", invoice_id(id)}});
  const Json reason = Json::object({{"reason", "agreed"}});
  for (const auto& [type, record, action, body] :
       std::vector<std::tuple<std::string, int64_t, std::string, Json>>{
           {"payment", 0, "record", input},
           {"invoice", id, "credit", reason},
           {"invoice", id, "write_off", reason}}) {
    bool has_failed = true;
    for (int64_t n = 1; has_failed; ++n) {
      host.fail_nth(n);
      const auto answer = plugin.changes_of(type, record, action, body);
      has_failed = host.has_failed();
      EXPECT_EQ(answer ? Code::Ok : answer.error().code, has_failed ? Code::Unavailable : Code::Ok) << action;
      ASSERT_LT(n, 50);
    }
    host.fail_nth(0);
  }
  EXPECT_EQ(amount(id, "balance"), 120000);
}

}  // namespace
}  // namespace talon::invoicing
