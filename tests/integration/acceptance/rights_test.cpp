/// Who sees and changes what, by the API alone: own records, the switch for timesheets, users and rules that
/// change.
#include "tests/integration/acceptance.hpp"

namespace talon::acceptance {
namespace {

bool within_a_second(const std::function<bool()>& holds) { return soon(holds, std::chrono::seconds(1)); }

class Rights : public ::testing::Test {
 protected:
  void SetUp() override {
    open_for_changes(business_);
    business_.person("clio", "client", Json::object({{"client", Json::array({business_.acme})}}));
    clio_ = business_.as("clio");
    ours_ = business_.draft(*business_.admin, business_.acme);
    theirs_ = business_.draft(*business_.admin, business_.bolt);
    for (const std::string& id : {ours_, theirs_})
      ASSERT_EQ(business_.issue(*business_.admin, id).status, 200);
  }

  Business business_;
  std::unique_ptr<ApiClient> clio_;
  std::string ours_;
  std::string theirs_;
};

TEST_F(Rights, AClientListsTheirOwnInvoicesWithoutTheFieldsOutsideTheirRights) {
  const Answer list = clio_->get("/api/v1/invoices?include=total");
  ASSERT_EQ(list.status, 200) << list.text;
  ASSERT_EQ(list.json["items"].items().size(), 1U);
  const Json& invoice = list.json["items"].items()[0];
  EXPECT_EQ(invoice["id"].string(), ours_);
  EXPECT_EQ(invoice["gross_total"]["amount"].string(), "120.00");
  for (const char* hidden : {"snapshot", "created_by", "updated_by"})
    EXPECT_EQ(invoice.find(hidden), nullptr) << hidden;
  EXPECT_THAT(list.text, Not(HasSubstr(theirs_)));
  const Answer foreign = clio_->get("/api/v1/invoices/" + theirs_);
  std::string missing_id = theirs_;
  missing_id.back() = missing_id.back() == '1' ? '2' : '1';
  const Answer missing = clio_->get("/api/v1/invoices/" + missing_id);
  EXPECT_EQ(foreign.status, 404);
  // Byte for byte the same, but for the request's own id.
  Json a = foreign.json;
  Json b = missing.json;
  for (Json* answer : {&a, &b}) answer->set("request_id", Json()).set("instance", Json());
  EXPECT_EQ(a.to_string(), b.to_string());
  EXPECT_EQ(clio_->get("/api/v1/invoices?where=" + percent_encoded("snapshot contains x")).status / 100, 4);
}

TEST_F(Rights, AnActionsInputReachesOnlyWhatItsCallerSees) {
  edit_rules(business_, "invoicing.yaml", "payment:\n  rules:\n",
             "payment:\n  rules:\n    - allow: record\n      to: client\n");
  const auto record = [&](const std::string& invoice) {
    return clio_->post("/api/v1/payments/actions/record",
                       Json::object({{"client", business_.acme}, {"amount", "10.00"}, {"invoice", invoice}}),
                       business_.key());
  };
  EXPECT_TRUE(within_a_second([&] { return record(ours_).status == 200; }));
  std::string missing_id = theirs_;
  missing_id.back() = missing_id.back() == '1' ? '2' : '1';
  const Answer foreign = record(theirs_);
  const Answer missing = record(missing_id);
  EXPECT_EQ(foreign.status, 422) << foreign.text;
  EXPECT_THAT(foreign.text, HasSubstr("/invoice"));
  Json a = foreign.json;
  Json b = missing.json;
  for (Json* answer : {&a, &b}) answer->set("request_id", Json());
  EXPECT_EQ(a.to_string(), b.to_string());
  const Answer deeper = clio_->post(
      "/api/v1/payments/actions/record",
      Json::object(
          {{"client", business_.acme},
           {"amount", "10.00"},
           {"allocations", Json::array({Json::object({{"invoice", theirs_}, {"amount", "1.00"}})})}}),
      business_.key());
  EXPECT_EQ(deeper.status, 422) << deeper.text;
  EXPECT_THAT(deeper.text, HasSubstr("/allocations/0/invoice"));
}

TEST_F(Rights, AClientCannotDropALineToLoseItsPrice) {
  const Json line = Json::object({{"description", "Anvil"}, {"quantity", "1"}, {"price", "120"}});
  const Answer made = business_.admin->post(
      "/api/v1/customer_orders", Json::object({{"client", business_.acme}, {"lines", Json::array({line})}}),
      business_.key());
  ASSERT_EQ(made.status, 201) << made.text;
  const std::string path = "/api/v1/customer_orders/" + std::string(made.json["id"].string());
  const Answer again = clio_->call("PATCH", path, R"({"lines":[{"description":"Anvil","quantity":"1"}]})",
                                   "If-Match: \"v1\"\r\n");
  EXPECT_EQ(again.status, 403) << again.text;
  const std::string id(made.json["lines"].items().at(0)["id"].string());
  EXPECT_THAT(again.text, HasSubstr(id));
  const Answer kept = clio_->call("PATCH", path, R"({"lines":[{"id":")" + id + R"(","quantity":"2"}]})",
                                  "If-Match: \"v1\"\r\n");
  EXPECT_EQ(kept.status, 200) << kept.text;
  EXPECT_EQ(business_.admin->get(path).json["lines"].items().at(0)["price"].string(), "120.000000");
}

TEST_F(Rights, TheSwitchForTimesheetsTakesEffectOnTheNextRequest) {
  const std::string worker = business_.person("wes", "time_only");
  const Answer entry = business_.admin->post(
      "/api/v1/timesheet_entries",
      Json::object({{"worker", worker}, {"client", business_.acme}, {"day", "2026-11-02"}, {"minutes", 60}}),
      business_.key());
  ASSERT_EQ(entry.status, 201) << entry.text;
  const std::string path = "/api/v1/timesheet_entries/" + std::string(entry.json["id"].string());
  ASSERT_EQ(business_.admin->post(path + "/submit", Json::object()).status, 200);
  EXPECT_EQ(clio_->get("/api/v1/timesheet_entries").json["items"].items().size(), 1U);
  const Answer card = business_.admin->get("/api/v1/parties/" + business_.acme);
  const Answer off = business_.admin->call("PATCH", "/api/v1/parties/" + business_.acme,
                                           R"({"allow_timesheet_access":false})",
                                           "If-Match: " + card.headers.at("etag") + "\r\n");
  ASSERT_EQ(off.status, 200) << off.text;
  const Answer after = clio_->get("/api/v1/timesheet_entries");
  EXPECT_EQ(after.status, 200);
  EXPECT_TRUE(after.json["items"].items().empty()) << after.text;
  EXPECT_EQ(clio_->get(path).status, 404);
}

TEST_F(Rights, ADisabledUserIsOutWithinASecondOnAnOpenSession) {
  const Answer me = clio_->get("/api/v1/me");
  ASSERT_EQ(me.status, 200) << me.text;
  const Answer users =
      business_.admin->get("/api/v1/users?where=" + percent_encoded("email is \"clio@talon.test\""));
  const std::string user(users.json["items"].items().at(0)["id"].string());
  ASSERT_EQ(business_.admin->post("/api/v1/users/" + user + "/disable", Json::object()).status, 200);
  EXPECT_TRUE(within_a_second([&] { return clio_->get("/api/v1/invoices").status == 401; }));
  EXPECT_EQ(business_.talon.sign_in("clio@talon.test"), "");
}

TEST_F(Rights, AChangedRuleIsInForceWithinASecondAndABrokenOneIsRefusedWithItsPlace) {
  edit_rules(business_, "invoicing.yaml", "      to: client\n", "      to: supplier\n");
  EXPECT_TRUE(within_a_second([&] { return clio_->get("/api/v1/invoices").json["items"].items().empty(); }));
  edit_rules(business_, "invoicing.yaml", "      to: supplier\n", "      to: client\n");
  EXPECT_TRUE(
      within_a_second([&] { return clio_->get("/api/v1/invoices").json["items"].items().size() == 1; }));
  edit_rules(business_, "invoicing.yaml", "    - allow: view\n", "    - allwo: view\n");
  EXPECT_TRUE(
      within_a_second([&] { return business_.talon.log().find("documents.refused") != std::string::npos; }));
  EXPECT_THAT(business_.talon.log(),
              ::testing::ContainsRegex("rules/invoicing.yaml:[0-9]+:[0-9]+: .*allwo.*allow"));
  EXPECT_EQ(clio_->get("/api/v1/invoices").json["items"].items().size(), 1U) << "the old rules stay in force";
}

TEST_F(Rights, ExplainNamesTheFileAndTheLine) {
  const Answer why = business_.admin->post(
      "/api/v1/plugins/access/commands/explain",
      Json::object(
          {{"user", "clio@talon.test"}, {"action", "view"}, {"type", "invoice"}, {"record", theirs_}}));
  ASSERT_EQ(why.status, 200) << why.text;
  EXPECT_THAT(why.text, HasSubstr("rules/invoicing.yaml:"));
}

TEST_F(Rights, TheSecondEditorGetsBaseTheirsAndMine) {
  business_.person("ann", "accountant");
  business_.person("bob", "accountant");
  const auto ann = business_.as("ann");
  const auto bob = business_.as("bob");
  const std::string draft = business_.draft(*ann, business_.acme);
  const std::string path = "/api/v1/invoices/" + draft;
  const std::string seen = "If-Match: " + ann->get(path).headers["etag"] + "\r\n";
  EXPECT_EQ(ann->call("PATCH", path, R"({"note":"x"})").status, 428);
  ASSERT_EQ(ann->call("PATCH", path, R"({"note":"from Ann"})", seen).status, 200);
  const Answer second = bob->call("PATCH", path, R"({"note":"from Bob"})", seen);
  ASSERT_EQ(second.status, 412) << second.text;
  EXPECT_THAT(second.text, HasSubstr("base"));
  EXPECT_THAT(second.text, HasSubstr("from Ann"));
  EXPECT_THAT(second.text, HasSubstr("from Bob"));
}

TEST_F(Rights, NobodyEditsAnIssuedInvoice) {
  business_.person("ann", "accountant");
  const auto ann = business_.as("ann");
  const std::string path = "/api/v1/invoices/" + ours_;
  const Answer before = business_.admin->get(path);
  const std::string match = "If-Match: " + before.headers.at("etag") + "\r\n";
  for (ApiClient* who : {business_.admin.get(), ann.get(), clio_.get()}) {
    EXPECT_EQ(who->call("PATCH", path, R"({"note":"changed"})", match).status / 100, 4);
    EXPECT_EQ(who->call("DELETE", path, "", match).status / 100, 4);
    EXPECT_EQ(who->post(path + "/cancel", Json::object()).status / 100, 4);
  }
  const auto sql = support::run_program({"sqlite3", business_.talon.data("talon.db"),
                                         "update invoices set note = 'changed' where state = 'issued'"});
  ASSERT_TRUE(sql);
  EXPECT_NE(sql->code, 0) << "the trigger refuses it too";
  const auto lines = support::run_program(
      {"sqlite3", business_.talon.data("talon.db"), "update invoice_lines set price = 1"});
  ASSERT_TRUE(lines);
  EXPECT_NE(lines->code, 0);
  EXPECT_EQ(business_.admin->get(path).json["note"], before.json["note"]);
}

TEST_F(Rights, AReportIsHeadedInTheLanguageOfWhoReadsIt) {
  business_.person("eve", "admin");
  const auto eve = business_.as("eve");
  const auto asked = [&](const char* format, std::string_view header) {
    const Answer report =
        eve->call("GET", std::string("/api/v1/reports/turnover?format=") + format, {}, header);
    EXPECT_EQ(report.status, 200) << report.text;
    return report.text;
  };
  EXPECT_THAT(asked("csv", ""), HasSubstr("Net turnover"));
  EXPECT_THAT(asked("csv", "Accept-Language: fr-FR,fr;q=0.9\r\n"), HasSubstr("Chiffre d'affaires net"));
  EXPECT_THAT(asked("json", "Accept-Language: fr\r\n"), HasSubstr("Chiffre d'affaires net"));
  const std::string own = "/api/v1/users/" + std::string(eve->get("/api/v1/me").json["user"]["id"].string());
  const std::string etag = business_.admin->get(own).headers.at("etag");
  const Answer changed =
      business_.admin->call("PATCH", own, R"({"language":"fr"})", "If-Match: " + etag + "\r\n");
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_THAT(asked("csv", ""), HasSubstr("Chiffre d'affaires net"))
      << "their own, where the request says none";
  EXPECT_THAT(asked("csv", "Accept-Language: en\r\n"), HasSubstr("Net turnover"));
}

}  // namespace
}  // namespace talon::acceptance
