/// Rules that wait: judged beside those in force, put in force on command, by two people where they widen.
#include "tests/integration/policy/office.hpp"

namespace talon::acceptance {
namespace {

class Activation : public Office {
 protected:
  Activation() : Office("  settings: {access: {activate: on_command, second_person: yes}}\n") {}

  void SetUp() override {
    Office::SetUp();
    business_.person("eve", "admin");
    path_ = business_.talon.config("policies/rules/invoicing.yaml");
  }

  std::size_t invoices_of_clio() {
    return business_.as("clio")->get("/api/v1/invoices").json["items"].items().size();
  }
  /// Clients would see drafts too.
  void widen() {
    edit(path_, "      when:\n        - state is issued\n    - allow: [view, export]\n",
         "    - allow: [view, export]\n");
    ASSERT_TRUE(waits(1));
  }
  /// Accountants would lose a right.
  void narrow() {
    edit(path_, "    - allow: [issue, issue_many, send, credit]\n",
         "    - allow: [issue, issue_many, send]\n");
    ASSERT_TRUE(waits(1));
  }
  bool waits(std::size_t times) const {
    return soon([&] {
      std::size_t seen = 0;
      const std::string log = business_.talon.log();
      for (std::size_t at = log.find("access.policy_staged"); at != std::string::npos;
           at = log.find("access.policy_staged", at + 1))
        ++seen;
      return seen >= times;
    });
  }
  /// How many entries say that of the policies.
  std::size_t noted(const std::string& action) const {
    const std::string where =
        percent_encoded("action is \"" + action + "\" and type is host_documents_access");
    return business_.admin->get("/api/v1/audit_entries?where=" + where).json["items"].items().size();
  }
  Answer activate(ApiClient& who) const {
    return who.post("/api/v1/plugins/access/commands/activate", Json::object());
  }

  std::string path_;
};

TEST_F(Activation, WhatIsSavedWaitsAndIsOnlyComparedUntilItIsActivated) {
  EXPECT_EQ(activate(*business_.admin).status, 409) << "nothing waits";
  narrow();
  const auto ann = business_.as("ann");
  const Answer may =
      ann->post("/api/v1/access/check",
                Json::array({Json::object({{"action", "credit"}, {"type", "invoice"}, {"id", drafts_[0]}})}));
  EXPECT_THAT(may.text, HasSubstr("true")) << "the old rules are in force";
  EXPECT_TRUE(soon([&] { return noted("documents.waiting") == 1U; }));
  EXPECT_EQ(noted("documents.loaded"), 1U) << "at the start; what waits is not in force";
  const auto shadow = talon({"policy", "shadow", "--json"}, business_.admin->token());
  ASSERT_EQ(shadow.code, 0) << shadow.errors;
  const Json answer = *Json::parse(shadow.output);
  ASSERT_GE(answer["differences"].items().size(), 1U) << shadow.output;
  const Json& difference = answer["differences"].items()[0];
  EXPECT_EQ(difference["effect"].string(), "loses");
  EXPECT_EQ(difference["action"].string(), "credit");
  EXPECT_EQ(difference["people"].to_string(), "[\"ann@talon.test\"]");
  EXPECT_GE(difference["times"].integer(), 1);
  const Answer done = activate(*business_.admin);
  ASSERT_EQ(done.status, 200) << done.text;
  EXPECT_EQ(done.json["state"].string(), "active") << "it widens nothing: one person is enough";
  EXPECT_TRUE(soon([&] {
    return ann->post("/api/v1/access/check",
                     Json::array(
                         {Json::object({{"action", "credit"}, {"type", "invoice"}, {"id", drafts_[0]}})}))
               .text.find("true") == std::string::npos;
  }));
  EXPECT_TRUE(soon([&] { return noted("documents.loaded") == 2U; })) << "it has taken effect";
  const Json entries = business_.admin
                           ->get("/api/v1/audit_entries?order=-id&where=" +
                                 percent_encoded("type is host_documents_access and kind is access"))
                           .json["items"];
  ASSERT_EQ(entries.items().size(), 3U);
  const auto content = [&](std::size_t i) {
    const auto parsed = Json::parse(entries.items()[i]["content"].string());
    return parsed ? *parsed : Json();
  };
  EXPECT_EQ(content(0)["after"].to_string(), content(1)["after"].to_string()) << "what waited is in force";
  EXPECT_EQ(content(1)["before"].to_string(), content(2)["after"].to_string());
  EXPECT_EQ(content(0)["after"]["set"].string(), done.json["policy_set"].string());
}

TEST_F(Activation, WhatWidensRightsNeedsASecondPersonAndBothAreInTheLog) {
  widen();
  EXPECT_EQ(invoices_of_clio(), 1U);
  const Answer asked = activate(*business_.admin);
  ASSERT_EQ(asked.status, 200) << asked.text;
  EXPECT_EQ(asked.json["state"].string(), "asked");
  EXPECT_TRUE(asked.json["widens"].boolean());
  EXPECT_EQ(activate(*business_.admin).status, 403) << "the same person";
  EXPECT_EQ(activate(*business_.as("ann")).status, 403) << "no right to";
  EXPECT_EQ(invoices_of_clio(), 1U);
  const Answer done = activate(*business_.as("eve"));
  ASSERT_EQ(done.status, 200) << done.text;
  EXPECT_EQ(done.json["state"].string(), "active");
  EXPECT_NE(done.json["requested_by"].string(), done.json["approved_by"].string());
  EXPECT_TRUE(soon([&] { return invoices_of_clio() == 2U; }));
  const Answer log = business_.admin->get(
      "/api/v1/audit_entries?where=" + percent_encoded("type is policy_activation") + "&order=-id&limit=5");
  EXPECT_THAT(log.text, HasSubstr(std::string(done.json["requested_by"].string())));
  EXPECT_THAT(log.text, HasSubstr(std::string(done.json["approved_by"].string())));
}

TEST_F(Activation, ARestartTakesUpWhatWasInForceAndNotWhatWaits) {
  widen();
  ASSERT_EQ(business_.talon.stop(), 0);
  const auto started = business_.talon.start();
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(invoices_of_clio(), 1U);
  business_.admin = std::make_unique<ApiClient>(business_.talon.port(), business_.talon.admin());
  EXPECT_EQ(activate(*business_.admin).json["state"].string(), "asked") << "it still waits";
  EXPECT_EQ(noted("documents.loaded"), 1U) << "it was never in force";
  EXPECT_EQ(noted("documents.waiting"), 1U) << "and is the one that the log knows";
}

}  // namespace
}  // namespace talon::acceptance
