/// `talon policy diff` over the people and records of a running installation.
#include "tests/integration/policy/office.hpp"

#include <fstream>

namespace talon::acceptance {
namespace {

class PolicyDiff : public Office {
 protected:
  /// The one change of that kind; null where there is none.
  static Json change(const Json& answer, const char* effect, const char* action, const char* field = "") {
    for (const Json& one : answer["changes"].items()) {
      if (one["effect"].string() == effect && one["action"].string() == action &&
          one["field"].string() == field)
        return one;
    }
    return {};
  }
};

TEST_F(PolicyDiff, SaysWhoGainsWhatOnHowManyRecords) {
  // Clients would see drafts too.
  const std::string folder =
      changed_copy("invoicing.yaml", "      when:\n        - state is issued\n    - allow: [view, export]\n",
                   "    - allow: [view, export]\n");
  const auto done = talon({"policy", "diff", "current", folder, "--json"}, business_.admin->token());
  ASSERT_EQ(done.code, 0) << done.errors;
  const Json answer = *Json::parse(done.output);
  EXPECT_TRUE(answer["widens"].boolean());
  int64_t records = 0;
  for (const Json& one : answer["changes"].items()) {
    if (one["action"].string() != "view") continue;
    EXPECT_EQ(one["effect"].string(), "gains") << one.to_string();
    EXPECT_EQ(one["type"].string(), "invoice");
    EXPECT_EQ(one["people"].items().size(), 1U) << "each client has a residual of their own";
    EXPECT_THAT(one["rules"].to_string(), HasSubstr("client-invoices"));
    EXPECT_EQ(one["examples"].items().size(), 1U);
    records += one["records"].integer();
  }
  EXPECT_EQ(records, 2) << "one draft of each client\n" << done.output;
  EXPECT_EQ(answer.find("shown"), nullptr) << "it is for the host alone";
  const std::string clio(business_.as("clio")->get("/api/v1/me").json["user"]["id"].string());
  for (const std::string& record : {"invoice/" + drafts_[1], "user/" + clio}) {
    const Answer who =
        business_.admin->post("/api/v1/plugins/audit/commands/who_saw", Json::object({{"record", record}}));
    EXPECT_THAT(who.text, HasSubstr("\"diff\""))
        << record << ": whatever the asker may see, they were told of it";
  }
  const Answer counted = business_.admin->get(
      "/api/v1/audit_entries?where=kind%20is%20read%20and%20action%20is%20diff%20and%20type%20is%20invoice"
      "&fields=content&limit=100");
  EXPECT_THAT(counted.text, HasSubstr(R"(\"fields\":[\"count\"])"))
      << "what is counted by is asked, whatever comes out";
  EXPECT_THAT(counted.text, HasSubstr(R"(\"where\":)"));
  const auto words =
      talon({"policy", "diff", "current", folder, "--users", "clio@talon.test"}, business_.admin->token());
  EXPECT_THAT(words.output, HasSubstr(drafts_[1]));
  EXPECT_THAT(words.errors, HasSubstr("for 1 person"));
}

TEST_F(PolicyDiff, GivesACopyOfThoseInForceNoNameOfItsOwn) {
  const std::string folder = business_.talon.directory().file("copy");
  std::filesystem::copy(business_.talon.config("policies"), folder, std::filesystem::copy_options::recursive);
  const auto done = talon({"policy", "diff", folder, "current"}, business_.admin->token());
  EXPECT_EQ(done.code, 0) << done.errors;
  EXPECT_THAT(done.errors, ::testing::ContainsRegex("^0 changes for [0-9]+ people; compared " + folder +
                                                    " with the policy set in force, [0-9a-f]{64}\n$"));
}

TEST_F(PolicyDiff, NobodyLearnsByCountingWhatNobodyIsShown) {
  const std::string folder =
      changed_copy("invoicing.yaml", "    - allow: [view, export]\n", "    - allow: [view, export]\n");
  std::ofstream(folder + "/rules/guess.yaml")
      << "user:\n  rules:\n    - deny: view\n      to: auditor\n      id: guess\n"
         "      when:\n        - password_hash starts with \"$argon2id$\"\n";
  const auto guessed = talon({"policy", "diff", "current", folder}, business_.admin->token());
  EXPECT_NE(guessed.code, 0);
  EXPECT_THAT(guessed.output + guessed.errors, HasSubstr("never shown to anybody"));
  const Answer modelled =
      business_.admin->post("/api/v1/plugins/access/commands/diff",
                            Json::object({{"model", Json::object({{"types", Json::array()}})}}));
  EXPECT_EQ(modelled.status, 400) << modelled.text;
  EXPECT_THAT(modelled.text, HasSubstr("leave it out"));
}

TEST_F(PolicyDiff, CountsLossesAndFields) {
  const std::string folder =
      changed_copy("invoicing.yaml", "    - hide: snapshot\n", "    - hide: [snapshot, net_total]\n");
  const auto done = talon({"policy", "diff", "current", folder, "--users", "clio@talon.test", "--json"},
                          business_.admin->token());
  ASSERT_EQ(done.code, 0) << done.errors;
  const Json answer = *Json::parse(done.output);
  EXPECT_FALSE(answer["widens"].boolean());
  const Json lost = change(answer, "loses", "see", "net_total");
  EXPECT_EQ(lost["records"].integer(), 1) << "the one issued invoice of Acme, which Clio sees\n"
                                          << done.output;
}

TEST_F(PolicyDiff, TestsThatFailStandBelowTheDifference) {
  const std::string folder =
      changed_copy("invoicing.yaml", "    - allow: [issue, issue_many, send, credit]\n",
                   "    - allow: [issue, issue_many, send]\n");
  std::filesystem::create_directories(folder + "/tests");
  std::ofstream(folder + "/tests/invoicing.yaml")
      << "plugin: invoicing\nnow: 2026-12-10 09:00\nusers:\n  ann: {roles: [accountant], approval_limit: "
         "1000 EUR}\n"
         "records:\n  sent: {invoice: {state: issued, balance: 900}}\n"
         "tests:\n  - {as: ann, on: sent, can: credit}\n";
  const std::string current = business_.talon.config("policies");
  const auto by_server = talon({"policy", "diff", "current", folder}, business_.admin->token());
  const auto by_files = talon(
      {"policy", "diff", current, folder, "--offline", "--config", business_.talon.config("talon.yaml")},
      "x");
  for (const auto& done : {by_server, by_files}) {
    EXPECT_EQ(done.code, 3) << "it cannot be activated";
    const std::size_t change = done.output.find("loses");
    const std::size_t failed = done.output.find("tests/invoicing.yaml:");
    EXPECT_NE(change, std::string::npos) << done.output << done.errors;
    ASSERT_NE(failed, std::string::npos) << done.output << done.errors;
    EXPECT_LT(change, failed);
    EXPECT_THAT(done.output.substr(failed), HasSubstr("FAILED ann can"));
    EXPECT_THAT(done.errors, HasSubstr("of the new set failed: it cannot be put in force as it is"));
  }
  const auto json = talon({"policy", "diff", "current", folder, "--json"}, business_.admin->token());
  EXPECT_EQ(json.code, 3);
  const Json answer = *Json::parse(json.output);
  EXPECT_GE(answer["failed_tests"].items().size(), 1U);
  EXPECT_EQ(change(answer, "loses", "credit")["people"].to_string(), "[\"ann@talon.test\"]");
  const auto fine = talon({"policy", "diff", folder, "current", "--json"}, business_.admin->token());
  EXPECT_EQ(fine.code, 0) << "what the old set's tests say is of no matter: " << fine.errors;
}

TEST_F(PolicyDiff, ASetWithMistakesIsRefusedAndNothingElseChanges) {
  const std::string folder = changed_copy("invoicing.yaml", "    - allow: view\n", "    - allwo: view\n");
  const auto done = talon({"policy", "diff", "current", folder}, business_.admin->token());
  EXPECT_EQ(done.code, 3);
  EXPECT_THAT(done.output, HasSubstr("Did you mean \"allow\"?"));
  const auto refused = talon({"policy", "diff", "current", folder}, business_.as("clio")->token());
  EXPECT_EQ(refused.code, 5) << refused.errors;
}

TEST_F(PolicyDiff, WithoutAServerPeopleOfUsersYamlAreComparedToo) {
  const std::string folder = changed_copy("invoicing.yaml", "    - allow: view\n", "    - allow: view\n");
  std::ofstream(folder + "/users.yaml") << "users:\n  ann@talon.test:\n    approval_limit: 5000 EUR\n"
                                           "    deny:\n      - export: invoice\n";
  const auto compare = [&](const std::string& before) {
    // Nobody is signed in, and no server is asked.
    return talon({"policy", "diff", before, folder, "--offline", "--config",
                  business_.talon.config("talon.yaml"), "--json"},
                 "x");
  };
  const auto done = compare(business_.talon.config("policies"));
  ASSERT_EQ(done.code, 0) << done.errors;
  EXPECT_EQ(change(*Json::parse(done.output), "loses", "export")["people"].to_string(),
            "[\"ann@talon.test\"]")
      << done.output;
  const auto current = compare("current");
  ASSERT_EQ(current.code, 0) << current.errors;
  EXPECT_EQ(current.output, done.output) << "offline, those in force are the installation's files";
}

TEST_F(PolicyDiff, WithoutAServerRolesStandForPeople) {
  const std::string folder = changed_copy("invoicing.yaml", "    - allow: write_off\n      to: accountant\n",
                                          "    - allow: write_off\n      to: sales\n");
  const auto done = talon({"policy", "diff", business_.talon.config("policies"), folder, "--offline",
                           "--config", business_.talon.config("talon.yaml"), "--json"},
                          "x");
  ASSERT_EQ(done.code, 0) << done.errors;
  const Json answer = *Json::parse(done.output);
  EXPECT_EQ(change(answer, "gains", "write_off")["people"].to_string(), "[\"role sales\"]") << done.output;
  EXPECT_EQ(change(answer, "loses", "write_off")["people"].to_string(), "[\"role accountant\"]");
  EXPECT_TRUE(change(answer, "gains", "write_off")["records"].is_null());
}

}  // namespace
}  // namespace talon::acceptance
