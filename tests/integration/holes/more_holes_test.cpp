/// More holes that other products had: rights of makers that outlive them, mass assignment, formulas in
/// cells.
#include "tests/integration/acceptance.hpp"

namespace talon::acceptance {
namespace {

class MoreHoles : public ::testing::Test {
 protected:
  void SetUp() override { business_.open(); }

  Answer post(const std::string& path, const Json& body) {
    Answer answer = business_.admin->post("/api/v1/" + path, body, business_.key());
    EXPECT_EQ(answer.status / 100, 2) << path << ": " << answer.text;
    return answer;
  }

  Business business_;
};

TEST_F(MoreHoles, ATokenHasItsMakersRightsOfTodayAndNotOfTheDayItWasMade) {
  const std::string ann_id = business_.person("ann", "accountant");
  const Answer issued =
      business_.as("ann")->post("/api/v1/me/tokens", Json::object({{"name", "nightly export"}}));
  ASSERT_EQ(issued.status, 201) << issued.text;
  ApiClient nightly(business_.talon.port(), std::string(issued.json["token"].string()));
  ASSERT_EQ(nightly.get("/api/v1/invoices").status, 200);
  const std::string path = "/api/v1/users/" + ann_id;
  const std::string match = "If-Match: " + business_.admin->get(path).headers.at("etag") + "\r\n";
  const Answer changed = business_.admin->call("PATCH", path, R"({"roles":[{"role":"time_only"}]})", match);
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_TRUE(soon([&] { return nightly.get("/api/v1/invoices").status == 403; }));
}

TEST_F(MoreHoles, WhatRunsByItselfRunsAsItsPluginAndNotAsWhoeverSetItOff) {
  const std::string worker = business_.person("wes", "time_only");
  post("rates", Json::object({{"client", business_.acme}, {"per_hour", "80"}, {"valid_from", "2026-01-01"}}));
  const Answer made = post(
      "timesheet_entries",
      Json::object({{"worker", worker}, {"client", business_.acme}, {"day", "2026-11-02"}, {"minutes", 60}}));
  const std::string entry = "timesheet_entries/" + std::string(made.json["id"].string());
  post(entry + "/submit", Json::object());
  post(entry + "/approve", Json::object());
  const Answer billed = post("timesheet_entries/actions/bill", Json::object({{"client", business_.acme},
                                                                             {"company", business_.company},
                                                                             {"from", "2026-11-01"},
                                                                             {"to", "2026-11-30"}}));
  const std::string invoice(billed.json["invoice"].string());
  ASSERT_EQ(business_.issue(*business_.admin, invoice).status, 200) << billed.text;
  post("invoices/" + invoice + "/credit", Json::object({{"reason", "all of it"}}));
  // The credit note's event opens the entries again, later and by itself.
  ASSERT_TRUE(soon([&] {
    return business_.admin->get("/api/v1/" + entry).json["state"].string() == "approved";
  })) << business_.admin->get("/api/v1/" + entry).text;
  const Answer log =
      business_.admin->get("/api/v1/audit_entries?fields=principal,on_behalf_of,content&order=-id&where=" +
                           percent_encoded("type is timesheet_entry and principal is \"plugin:timesheets\""));
  ASSERT_EQ(log.json["items"].items().size(), 1U) << log.text;
  const Json& reopened = log.json["items"].items()[0];
  EXPECT_TRUE(reopened["on_behalf_of"].string().empty()) << log.text;
  EXPECT_THAT(std::string(reopened["content"].string()), HasSubstr("timesheet_entry.edit"))
      << "by the right that its manifest names";
}

TEST_F(MoreHoles, FieldsThatAreNotTheCallersToSetAreRefusedByName) {
  business_.person("clio", "client", Json::object({{"client", Json::array({business_.acme})}}));
  const auto clio = business_.as("clio");
  const Json fine = Json::object({{"client", business_.acme}, {"note", "mine"}});
  const std::vector<std::pair<std::string, Json>> others = {
      {"state", "accepted"},       {"net_total", Json::object({{"amount", "0.01"}, {"currency", "EUR"}})},
      {"is_below_list", false},    {"version", 7},
      {"id", "ord_0000000000001"}, {"created_by", "usr_0000000000001"},
      {"external_id", "x"},        {"rejection", "x"},
      {"no_such_field", 1}};
  for (const auto& [name, value] : others) {
    Json body = fine;
    const Answer refused = clio->post("/api/v1/customer_orders", body.set(name, value), business_.key());
    EXPECT_TRUE(refused.status == 422 || refused.status == 403) << name << ": " << refused.text;
    EXPECT_THAT(refused.text, HasSubstr("\"/" + name + "\"")) << "the pointer names it";
  }
  EXPECT_THAT(business_.admin->get("/api/v1/customer_orders").json["items"].items(), ::testing::IsEmpty());
  const Answer made = clio->post("/api/v1/customer_orders", fine, business_.key());
  ASSERT_EQ(made.status, 201) << made.text;
  const std::string path = "/api/v1/customer_orders/" + std::string(made.json["id"].string());
  const Answer line =
      clio->call("PATCH", path, R"({"lines":[{"description":"x","price":"0.01"}]})", "If-Match: \"v1\"\r\n");
  EXPECT_EQ(line.status, 403) << line.text;
  EXPECT_THAT(line.text, HasSubstr("/lines/0/price"));
  // Nobody makes more of themselves.
  const Answer self = clio->get("/api/v1/users");
  const std::string own = "/api/v1/users/" + std::string(self.json["items"].items().at(0)["id"].string());
  const Answer more = clio->call("PATCH", own, R"({"roles":[{"role":"admin"}]})",
                                 "If-Match: " + clio->get(own).headers.at("etag") + "\r\n");
  EXPECT_EQ(more.status, 403) << more.text;
}

TEST_F(MoreHoles, WhoMayNotExportTakesNoFileHomeFromAReport) {
  ASSERT_EQ(business_.issue(*business_.admin, business_.draft(*business_.admin, business_.acme)).status, 200);
  business_.person("sam", "sales");
  business_.person("ann", "accountant");
  const auto sam = business_.as("sam");
  const auto ann = business_.as("ann");
  const std::string report = "/api/v1/reports/client_statement";
  EXPECT_EQ(sam->get(report).status, 200) << "looking is not taking";
  const Answer refused = sam->get(report + "?format=csv");
  EXPECT_EQ(refused.status, 403) << refused.text;
  EXPECT_THAT(refused.text, HasSubstr("invoice.export"));
  const Answer file = ann->get(report + "?format=csv");
  EXPECT_EQ(file.status, 200) << file.text;
  EXPECT_THAT(file.text, HasSubstr("INV-"));
  business_.talon.directory().write("config/policies/users.yaml",
                                    "users:\n  ann@talon.test:\n    deny:\n      - export: invoice\n");
  EXPECT_TRUE(soon([&] { return ann->get(report + "?format=csv").status == 403; }));
  EXPECT_EQ(ann->get(report).status, 200);
}

TEST_F(MoreHoles, WhoSeesNoTurnoverAddsNoneUp) {
  ASSERT_EQ(business_.issue(*business_.admin, business_.draft(*business_.admin, business_.acme)).status, 200);
  business_.person("fay", "front_office");
  const auto fay = business_.as("fay");
  EXPECT_EQ(fay->get("/api/v1/invoices?fields=number,settlement").status, 200);
  for (const char* amount : {"net_total", "gross_total", "balance", "turnover", "payable_total"}) {
    const Answer sum = fay->get("/api/v1/invoices?group=currency&aggregates=" +
                                percent_encoded("sum " + std::string(amount)));
    EXPECT_EQ(sum.status / 100, 4) << amount << sum.text;
  }
  EXPECT_EQ(
      fay->get("/api/v1/invoices?group=currency&aggregates=" + percent_encoded("sum lines.net")).status / 100,
      4);
  const Answer card = fay->get("/api/v1/invoices");
  EXPECT_THAT(card.text, Not(HasSubstr("total")));
}

TEST_F(MoreHoles, ADigestOfWhatIsHiddenIsHidden) {
  ASSERT_EQ(business_.issue(*business_.admin, business_.draft(*business_.admin, business_.acme)).status, 200);
  business_.person("sam", "sales");
  const auto sam = business_.as("sam");
  EXPECT_THAT(sam->get("/api/v1/invoices").text, Not(HasSubstr("snapshot")));
  EXPECT_EQ(sam->get("/api/v1/invoices?fields=snapshot_sha256").status / 100, 4);
  EXPECT_THAT(business_.admin->get("/api/v1/invoices").text, HasSubstr("snapshot_sha256"));
}

TEST_F(MoreHoles, ACellThatWouldBeAFormulaIsText) {
  const std::string worker = business_.person("wes", "time_only");
  const std::vector<std::string> formulas = {"=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-1+1", "@SUM(A1)",
                                             "\t=1"};
  for (const std::string& text : formulas) {
    post("timesheet_entries", Json::object({{"worker", worker},
                                            {"client", business_.acme},
                                            {"day", "2026-11-02"},
                                            {"minutes", 60},
                                            {"note", text}}));
  }
  const Answer report = business_.admin->get("/api/v1/reports/timesheets?format=csv");
  ASSERT_EQ(report.status, 200) << report.text;
  for (const std::string& text : formulas) {
    const std::string start = text.substr(0, 3);
    EXPECT_THAT(report.text, HasSubstr("'" + text.substr(0, 1))) << text;
    EXPECT_THAT(report.text, Not(HasSubstr("," + start))) << text;
    EXPECT_THAT(report.text, Not(HasSubstr("\"" + start))) << text;
  }
}

}  // namespace
}  // namespace talon::acceptance
