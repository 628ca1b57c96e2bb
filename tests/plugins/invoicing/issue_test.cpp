/// Drafts, approval, and issuing: number, date, snapshot, digest, and every refusal.
#include "tests/plugins/invoicing/fixture.hpp"

#include <talon/id.hpp>
#include <talon/testing/sha256.hpp>

namespace talon::invoicing {
namespace {

class Issue : public InvoicingTest {};

TEST_F(Issue, DraftsAnInvoiceWithItsTotalsInOneGo) {
  const auto answer = draft(content(Json::array({line("10", "100"), line("1", "9.99", "5.5")})));
  ASSERT_TRUE(answer) << answer.error().message;
  const int64_t id = *parse_id((*answer)["id"].string());
  EXPECT_EQ(text(id, "state"), "draft");
  EXPECT_EQ(amount(id, "net_total"), 100999);
  EXPECT_EQ(amount(id, "tax_total"), 20055);
  EXPECT_EQ((*answer)["gross_total"]["amount"].string(), "1210.54");
  EXPECT_TRUE(text(id, "number").empty());
  EXPECT_EQ(host.ids("invoice_line").size(), 2U);
  EXPECT_EQ(host.ids("invoice_tax").size(), 2U);
}

TEST_F(Issue, NamesEveryMistakeOfADraftAtOnce) {
  Json bad = line("x", "100");
  bad.set("price", 100).set("number", "INV-1");
  const auto answer = draft(content(Json::array({bad})).set("state", "issued"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::InvalidArgument);
  for (const char* pointer : {"/state", "/lines/0/quantity", "/lines/0/price", "/lines/0/number"}) {
    EXPECT_NE(answer.error().details.find(std::string("\"") + pointer + "\""), std::string::npos) << pointer;
  }
}

TEST_F(Issue, GivesNumberDateSnapshotAndDigest) {
  const int64_t id = issued();
  const std::string year = std::to_string(host.clock.today().year());
  EXPECT_EQ(text(id, "state"), "issued");
  EXPECT_EQ(text(id, "number"), "INV-" + year + "-00001");
  EXPECT_EQ(text(id, "settlement"), "open");
  EXPECT_EQ(amount(id, "balance"), 120000);
  EXPECT_EQ(amount(id, "issue_date"), host.clock.today().packed());
  EXPECT_EQ(amount(id, "due_date"), host.clock.today().plus_days(45).packed());
  const std::string snapshot = text(id, "snapshot");
  EXPECT_EQ(text(id, "snapshot_sha256"), testing::sha256_hex(snapshot));
  const auto json = Json::parse(snapshot);
  ASSERT_TRUE(json) << snapshot;
  EXPECT_EQ((*json)["number"].string(), text(id, "number"));
  EXPECT_EQ((*json)["seller"]["name"].string(), "Talon Services");
  EXPECT_EQ((*json)["totals"]["gross_total"].string(), "1200.00");
  EXPECT_EQ(host.events().back()["event"].string(), "invoice.issued");
}

TEST_F(Issue, CountsWithoutGapsAndPerYear) {
  const int64_t first = issued();
  const int64_t second = issued();
  EXPECT_EQ(text(first, "number").substr(9), "00001");
  EXPECT_EQ(text(second, "number").substr(9), "00002");
  host.clock.set(*Date::of(host.clock.today().year() + 1, 1, 2));
  const int64_t next_year = issued();
  EXPECT_EQ(text(next_year, "number"), "INV-" + std::to_string(host.clock.today().year()) + "-00001");
}

TEST_F(Issue, RefusesADateBeforeTheLastNumber) {
  issued();
  const int64_t id = drafted();
  const std::string before = host.clock.today().plus_days(-1).to_string();
  const auto answer = plugin.action("invoice", id, "issue", Json::object({{"issue_date", before}}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::FailedPrecondition);
  EXPECT_NE(answer.error().message.find("numbers follow their dates"), std::string::npos);
  EXPECT_TRUE(text(id, "number").empty());
}

TEST_F(Issue, RefusesADateAheadForEveryWayToANumber) {
  const int64_t id = issued();
  const std::string tomorrow = host.clock.today().plus_days(1).to_string();
  const Json ahead = Json::object({{"issue_date", tomorrow}});
  const int64_t other = drafted();
  EXPECT_EQ(plugin.action("invoice", other, "issue", ahead).error().code, Code::FailedPrecondition);
  EXPECT_EQ(
      plugin
          .action("invoice", 0, "issue_many",
                  Json::object({{"invoices", Json::array({invoice_id(other)})}, {"issue_date", tomorrow}}))
          .error()
          .code,
      Code::FailedPrecondition);
  EXPECT_EQ(
      plugin.action("invoice", id, "credit", Json::object({{"reason", "agreed"}, {"issue_date", tomorrow}}))
          .error()
          .code,
      Code::FailedPrecondition);
  EXPECT_EQ(plugin
                .command("compose", Json::object({{"invoice", content(Json::array({line("1", "1")}))},
                                                  {"as", "invoice"},
                                                  {"issue", true},
                                                  {"issue_date", tomorrow}}))
                .error()
                .code,
            Code::FailedPrecondition);
  EXPECT_EQ(host.value("number_series", host.ids("number_series").front(), "next").integer(), 2);
  EXPECT_TRUE(plugin.action("invoice", other, "issue")) << "today still works";
}

TEST_F(Issue, TakesNumbersOfASecondSeriesThatHasAFormOfItsOwn) {
  issued();
  const int64_t id = drafted();
  host.change("invoice", id, {{"series", "export"}});
  const auto unknown = plugin.action("invoice", id, "issue");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::FailedPrecondition);
  EXPECT_EQ(host.ids("number_series").size(), 1U) << "nothing is made for a typing mistake";
  const int64_t series = host.add("number_series", {{"company", seller},
                                                    {"kind", "invoice"},
                                                    {"code", "export"},
                                                    {"year", int64_t{host.clock.today().year()}},
                                                    {"format", "INV-{year}-{n:6}"},
                                                    {"next", 1}});
  const auto same = plugin.action("invoice", id, "issue");
  ASSERT_FALSE(same);
  EXPECT_NE(same.error().message.find("same numbers"), std::string::npos) << same.error().message;
  host.change("number_series", series, {{"format", "EXP-{year}-{n:5}"}});
  ASSERT_TRUE(plugin.action("invoice", id, "issue"));
  EXPECT_EQ(text(id, "number"), "EXP-" + std::to_string(host.clock.today().year()) + "-00001");
}

TEST_F(Issue, KeepsPlaceholdersInTextsAsTheyWereWritten) {
  Json tricky = line("1", "1");
  tricky.set("description", "100%{n1} of \"it\" \\%{n1} %{field:note}");
  const auto answer = draft(content(Json::array({tricky})));
  ASSERT_TRUE(answer);
  const int64_t id = *parse_id((*answer)["id"].string());
  ASSERT_TRUE(plugin.action("invoice", id, "issue"));
  const auto json = Json::parse(text(id, "snapshot"));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["lines"].items()[0]["description"].string(), "100%{n1} of \"it\" \\%{n1} %{field:note}");
}

TEST_F(Issue, AsksForARateInCategoryS) {
  const auto answer = draft(content(Json::array({line("1", "1", "0")})));
  ASSERT_TRUE(answer);
  const auto refused = plugin.action("invoice", *parse_id((*answer)["id"].string()), "issue");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::FailedPrecondition);
  EXPECT_NE(refused.error().details.find("/lines/0/vat_rate"), std::string::npos);
}

TEST_F(Issue, AsksForWholeAddressesWhereTheSettingsSaySo) {
  host.settings.set("complete_parties", true);
  const auto refused = plugin.action("invoice", drafted(), "issue");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().details.find("/client/city"), std::string::npos);
}

TEST_F(Issue, RefusesAnIssuedOneASecondTime) {
  const int64_t id = issued();
  const auto again = plugin.action("invoice", id, "issue");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::FailedPrecondition);
  EXPECT_EQ(host.value("number_series", host.ids("number_series").front(), "next").integer(), 2);
}

TEST_F(Issue, VoidsAnApprovalByALaterEdit) {
  const int64_t id = drafted();
  ASSERT_TRUE(plugin.action("invoice", id, "approve"));
  EXPECT_EQ(text(id, "state"), "approved");
  host.change("invoice", id, {{"note", "something else"}});
  const auto refused = plugin.action("invoice", id, "issue");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("approved again"), std::string::npos);
}

TEST_F(Issue, IssuesAnApprovedOne) {
  const int64_t id = drafted();
  ASSERT_TRUE(plugin.action("invoice", id, "approve"));
  const auto answer = plugin.action("invoice", id, "issue");
  EXPECT_TRUE(answer) << answer.error().message;
}

TEST_F(Issue, DoesNotTrustStaleTotals) {
  const int64_t id = drafted();
  host.change("invoice", id, {{"gross_total", 1}});
  for (const char* action : {"approve", "issue"}) {
    const auto refused = plugin.action("invoice", id, action);
    ASSERT_FALSE(refused) << action;
    EXPECT_NE(refused.error().message.find("run calculate"), std::string::npos) << action;
  }
  ASSERT_TRUE(plugin.action("invoice", id, "calculate"));
  EXPECT_EQ(amount(id, "gross_total"), 120000);
  EXPECT_TRUE(plugin.action("invoice", id, "issue"));
}

TEST_F(Issue, RunsABlockInOneTransaction) {
  Json ids = Json::array();
  for (int i = 0; i < 100; ++i) ids.push(invoice_id(drafted()));
  const auto answer = plugin.action("invoice", 0, "issue_many", Json::object({{"invoices", ids}}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ((*answer)["count"].integer(), 100);
  std::set<std::string> numbers;
  for (const int64_t id : host.ids("invoice")) numbers.insert(text(id, "number"));
  EXPECT_EQ(numbers.size(), 100U);
  EXPECT_EQ(numbers.rbegin()->substr(9), "00100");
  ids.push(ids.items().front());
  EXPECT_EQ(plugin.action("invoice", 0, "issue_many", Json::object({{"invoices", ids}})).error().code,
            Code::InvalidArgument);
}

TEST_F(Issue, RunsTheApprovedOnesOfACompany) {
  const int64_t approved = drafted();
  ASSERT_TRUE(plugin.action("invoice", approved, "approve"));
  const int64_t other = drafted();
  ASSERT_TRUE(plugin.action("invoice", 0, "issue_many", Json::object({{"company", party(seller)}})));
  EXPECT_EQ(text(approved, "state"), "issued");
  EXPECT_EQ(text(other, "state"), "draft");
}

TEST_F(Issue, LeavesNothingBehindWhenAnyCallFails) {
  const int64_t id = drafted();
  bool has_failed = true;
  for (int64_t n = 1; has_failed; ++n) {
    host.fail_nth(n);
    const auto answer = plugin.changes_of("invoice", id, "issue");
    has_failed = host.has_failed();
    EXPECT_EQ(answer ? Code::Ok : answer.error().code, has_failed ? Code::Unavailable : Code::Ok);
    EXPECT_EQ(text(id, "state"), "draft");
    ASSERT_LT(n, 50);
  }
}

TEST_F(Issue, HidesWhatTheCallerMayNotSee) {
  const int64_t id = drafted();
  host.deny("invoice.view");
  EXPECT_FALSE(plugin.changes_of("invoice", id, "issue"));
}

TEST_F(Issue, NotesWhenItWentOut) {
  const int64_t id = drafted();
  EXPECT_EQ(plugin.action("invoice", id, "send").error().code, Code::FailedPrecondition);
  ASSERT_TRUE(plugin.action("invoice", id, "issue"));
  ASSERT_TRUE(plugin.action("invoice", id, "send"));
  EXPECT_EQ(amount(id, "sent_at"), host.clock.now_us());
}

TEST_F(Issue, ChecksAnIssuedInvoiceFromItsSnapshot) {
  const int64_t id = issued();
  const auto sound = plugin.command("check", Json::object({{"invoice", invoice_id(id)}}));
  ASSERT_TRUE(sound) << sound.error().message;
  EXPECT_NE(sound->find("\"ok\":true"), std::string::npos) << *sound;
  host.change("invoice", id, {{"tax_total", 19999}});
  const auto bad = plugin.command("check", Json::object({{"invoice", invoice_id(id)}}));
  ASSERT_TRUE(bad);
  EXPECT_NE(bad->find("tax_total"), std::string::npos) << *bad;
}

TEST_F(Issue, FindsAForgedSnapshotThatAddsUpElsewhere) {
  const int64_t id = issued();
  std::string snapshot = text(id, "snapshot");
  snapshot.replace(snapshot.find("1200.00"), 7, "1200.01");
  host.change("invoice", id, {{"snapshot", snapshot}, {"snapshot_sha256", testing::sha256_hex(snapshot)}});
  const auto found = plugin.command("check", Json::object({{"invoice", invoice_id(id)}}));
  ASSERT_TRUE(found);
  EXPECT_NE(found->find("\"ok\":false"), std::string::npos) << *found;
}

}  // namespace
}  // namespace talon::invoicing
