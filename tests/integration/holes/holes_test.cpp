/// Holes that other products had, each tried here by its name against the running daemon.
#include "tests/integration/acceptance.hpp"

namespace talon::acceptance {
namespace {

class Holes : public ::testing::Test {
 protected:
  void SetUp() override {
    open_for_changes(business_);
    business_.person("clio", "client", Json::object({{"client", Json::array({business_.acme})}}));
    worker_ = business_.person("wes", "time_only");
    clio_ = business_.as("clio");
  }

  void rules(const std::string& name, const std::string& text) const {
    business_.talon.directory().write("config/policies/rules/" + name, text);
  }
  std::string order(const std::string& client) {
    const Json line = Json::object({{"description", "Anvil"}, {"quantity", "1"}, {"price", "9"}});
    const Answer made = business_.admin->post(
        "/api/v1/customer_orders", Json::object({{"client", client}, {"lines", Json::array({line})}}),
        business_.key());
    EXPECT_EQ(made.status, 201) << made.text;
    return "/api/v1/customer_orders/" + std::string(made.json["id"].string());
  }

  /// A submitted entry of acme's. @return its path.
  std::string entry(const Json& more) {
    Json body = Json::object(
        {{"worker", worker_}, {"client", business_.acme}, {"day", "2026-11-02"}, {"minutes", 60}});
    for (const auto& [name, value] : more.members()) body.set(name, value);
    const Answer made = business_.admin->post("/api/v1/timesheet_entries", body);
    EXPECT_EQ(made.status, 201) << made.text;
    const std::string path = "/api/v1/timesheet_entries/" + std::string(made.json["id"].string());
    EXPECT_EQ(business_.admin->post(path + "/submit", Json::object()).status, 200);
    return path;
  }

  std::size_t count(ApiClient& who, const std::string& path) const {
    const Answer answer = who.get("/api/v1/" + path);
    return answer.status == 200 ? answer.json["items"].items().size() : 0;
  }

  Business business_;
  std::unique_ptr<ApiClient> clio_;
  std::string worker_;
};

TEST_F(Holes, TheRoleIsCheckedAndTheObjectToo) {
  const std::string ours = order(business_.acme);
  const std::string theirs = order(business_.bolt);
  const std::string match = "If-Match: \"v1\"\r\n";
  EXPECT_EQ(clio_->call("PATCH", theirs, R"({"note":"x"})", match).status, 404);
  EXPECT_EQ(clio_->post(theirs + "/place", Json::object()).status, 404);
  EXPECT_EQ(
      clio_->post("/api/v1/customer_orders", Json::object({{"client", business_.bolt}}), business_.key())
          .status,
      422);
  EXPECT_EQ(clio_->call("PATCH", ours, R"({"note":"x"})", match).status, 200)
      << "the same role, its own object";
  // Nor is it moved to somebody else's side.
  const std::string away = Json::object({{"client", business_.bolt}}).to_string();
  EXPECT_EQ(clio_->call("PATCH", ours, away, "If-Match: \"v2\"\r\n").status / 100, 4);
  EXPECT_EQ(business_.admin->get(theirs).json["version"].integer(), 1);
}

TEST_F(Holes, ARecordWhoseRelatedRecordIsHiddenIsGivenWithoutItAndNotAsAnError) {
  const std::string path = entry(Json::object({{"activity", "Forging"}}));
  ASSERT_EQ(business_.admin->get(path + "?fields=worker.name").json["worker.name"].string(),
            "wes@talon.test");
  const Answer one = clio_->get(path + "?fields=activity,worker.name");
  ASSERT_EQ(one.status, 200) << one.text;
  EXPECT_EQ(one.json["activity"].string(), "Forging");
  EXPECT_TRUE(one.json["worker.name"].is_null()) << one.text;
  const Answer list = clio_->get("/api/v1/timesheet_entries?fields=activity,worker.name&order=worker.name");
  ASSERT_EQ(list.status, 200) << list.text;
  EXPECT_EQ(list.json["items"].items().size(), 1U);
  const Answer report = clio_->get("/api/v1/reports/timesheets?format=csv");
  ASSERT_EQ(report.status, 200) << report.text;
  for (const std::string& text : {one.text, list.text, report.text}) {
    EXPECT_THAT(text, HasSubstr("Forging"));
    EXPECT_THAT(text, Not(HasSubstr("wes@talon.test")));
  }
}

TEST_F(Holes, WhatWasHeldBeforeARightWasWithdrawnFetchesNothingAfterIt) {
  for (int i = 0; i < 3; ++i) {
    const std::string id = business_.draft(*business_.admin, business_.acme);
    ASSERT_EQ(business_.issue(*business_.admin, id).status, 200);
  }
  const std::string list = "/api/v1/invoices?limit=1";
  const Answer page = clio_->get(list);
  const std::string path = "/api/v1/invoices/" + std::string(page.json["items"].items().at(0)["id"].string());
  const std::string seen = "If-None-Match: " + clio_->get(path).headers.at("etag") + "\r\n";
  const std::string next = list + "&cursor=" + std::string(page.json["next"].string());
  const std::string feed =
      "/api/v1/changes?after=" + std::string(clio_->get("/api/v1/changes").json["next"].string());
  ASSERT_EQ(clio_->call("GET", path, "", seen).status, 304);
  ASSERT_EQ(clio_->get(next).json["items"].items().size(), 1U);
  ASSERT_EQ(clio_->get("/api/v1/reports/client_statement?format=csv").status, 200);
  const std::string draft = business_.draft(*business_.admin, business_.acme);
  ASSERT_EQ(business_.issue(*business_.admin, draft).status, 200);
  ASSERT_THAT(clio_->get(feed).text, HasSubstr(draft));
  edit_rules(business_, "invoicing.yaml", "      to: client\n      id: client-invoices",
             "      to: supplier\n      id: client-invoices");
  ASSERT_TRUE(soon([&] { return clio_->get(path).status == 404; }));
  EXPECT_EQ(clio_->call("GET", path, "", seen).status, 404) << "not 304: that would say that it is there";
  EXPECT_EQ(clio_->get(next).status, 403);
  EXPECT_EQ(clio_->get("/api/v1/reports/client_statement?format=csv").status, 404);
  EXPECT_THAT(clio_->get(feed).text, Not(HasSubstr(draft)));
}

TEST_F(Holes, ARepeatedRequestGivesNoMoreThanTodaysRights) {
  const std::string key = business_.key();
  const Json body = Json::object({{"client", business_.acme}, {"note", "from Clio"}, {"reference", "R1"}});
  const auto create = [&] { return clio_->post("/api/v1/customer_orders", body, key); };
  const Answer first = create();
  ASSERT_EQ(first.status, 201) << first.text;
  const Answer again = create();
  EXPECT_EQ(again.text, first.text) << "the same answer under the same rights";
  EXPECT_EQ(again.headers.at("idempotent-replayed"), "true");
  rules("zz_note.yaml", "plugin: trade\ncustomer_order:\n  fields:\n    - hide: note\n      from: client\n");
  const std::string path = "/api/v1/customer_orders/" + std::string(first.json["id"].string());
  ASSERT_TRUE(soon([&] { return clio_->get(path).text.find("from Clio") == std::string::npos; }));
  const Answer less = create();
  EXPECT_EQ(less.status, 201);
  EXPECT_EQ(less.json["id"].string(), first.json["id"].string());
  EXPECT_THAT(less.text, Not(HasSubstr("from Clio")));
  edit_rules(business_, "trade.yaml", "      to: client\n      id: client-open-order",
             "      to: supplier\n      id: client-open-order");
  EXPECT_TRUE(soon([&] { return create().status == 403; })) << create().text;
  EXPECT_EQ(count(*business_.admin, "customer_orders"), 1U) << "and nothing was made twice";
}

TEST_F(Holes, ADenyWithAMisspeltFieldIsRefusedAndOneOnAnEmptyFieldHolds) {
  const std::string open = entry(Json::object({{"project", "open"}}));
  const std::string unnamed = entry(Json::object());
  const std::string deny =
      "plugin: timesheets\ntimesheet_entry:\n  rules:\n    - deny: view\n      to: client\n"
      "      id: no-secrets\n      when:\n        - FIELD is secret\n";
  const auto with = [&](const std::string& field) {
    std::string text = deny;
    return text.replace(text.find("FIELD"), 5, field);
  };
  ASSERT_EQ(count(*clio_, "timesheet_entries"), 2U);
  rules("zz_deny.yaml", with("projct"));
  EXPECT_TRUE(soon([&] { return business_.talon.log().find("documents.refused") != std::string::npos; }));
  EXPECT_THAT(business_.talon.log(),
              ::testing::ContainsRegex("zz_deny.yaml:[0-9]+:[0-9]+: .*projct.*project"));
  EXPECT_EQ(count(*clio_, "timesheet_entries"), 2U) << "the rules before it stay in force";
  rules("zz_deny.yaml", with("project"));
  ASSERT_TRUE(soon([&] { return count(*clio_, "timesheet_entries") == 1; }));
  EXPECT_EQ(clio_->get(open).status, 200);
  EXPECT_EQ(clio_->get(unnamed).status, 404) << "whether an empty project is the secret one is not known";
}

}  // namespace
}  // namespace talon::acceptance
