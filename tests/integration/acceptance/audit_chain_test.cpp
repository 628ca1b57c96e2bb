/// One chain holds what happens by every path: reads, rights, plugins, settings, documents.
#include "tests/integration/acceptance.hpp"

#include <talon/id.hpp>

namespace talon::acceptance {
namespace {

using support::RunningTalon;

class AuditChain : public ::testing::Test {
 protected:
  void SetUp() override { business_.open(); }

  std::string sql(const std::string& statement) {
    const auto run = support::run_program({"sqlite3", business_.talon.data("talon.db"), statement});
    if (!run) return run.error().message;
    std::string out = run->output.empty() ? run->errors : run->output;
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
  }
  /// principal|on_behalf_of|channel|kind|content of the last entry of an action; waits until there is one.
  std::string entry(const std::string& action, const std::string& more = "") {
    std::string found;
    for (int tries = 0; tries < 400; ++tries) {
      found =
          sql("select principal, coalesce(on_behalf_of, ''), channel, kind, content from audit_entries "
              "where action = '" +
              action + "' " + more + " order by id desc limit 1");
      if (!found.empty()) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return found;
  }
  int count(const std::string& action) {
    return std::stoi(sql("select count(*) from audit_entries where action = '" + action + "'"));
  }

  Business business_;
};

TEST_F(AuditChain, TheStartNamesEveryPluginAndItsState) {
  const std::string started = entry("host.started");
  EXPECT_THAT(started, HasSubstr("system||host|system|"));
  EXPECT_THAT(started, HasSubstr(R"("invoicing":{"state":"ready")"));
}

TEST_F(AuditChain, SettingsAreNotedWhenTheyChangeWithTheirValuesBefore) {
  EXPECT_EQ(count("settings.loaded"), 1);
  business_.talon.stop();
  ASSERT_TRUE(business_.talon.start());
  EXPECT_EQ(count("settings.loaded"), 1) << "nothing was changed";
  EXPECT_EQ(count("host.started"), 2);
  EXPECT_EQ(count("host.stopped"), 1);
  business_.talon.stop();
  std::ofstream(business_.talon.directory().file("config/talon.yaml"), std::ios::app) << "\n# another word\n";
  ASSERT_TRUE(business_.talon.start());
  EXPECT_EQ(count("settings.loaded"), 2);
  const std::string changed = entry("settings.loaded");
  EXPECT_THAT(changed, HasSubstr(R"("before":{"file")"));
  EXPECT_THAT(changed, HasSubstr(R"("after":{"file")"));
}

TEST_F(AuditChain, RulesThatComeIntoForceAreNotedByTheHashThatEntriesName) {
  const std::string activated = entry("documents.loaded", "and type = 'host_documents_access'");
  const std::string set =
      sql("select json_extract(content, '$.after.set') from audit_entries where action = "
          "'documents.loaded' and type = 'host_documents_access'");
  EXPECT_EQ(set.size(), 64U) << activated;
  // Who changed a party was judged by this very set.
  EXPECT_EQ(sql("select distinct policy_set from audit_entries where type = 'party' and action = 'create'"),
            set);
  EXPECT_THAT(activated, HasSubstr(R"("owner")"));

  business_.talon.directory().write("config/policies/rules/zz.yaml", "nonsense: 3\n");
  EXPECT_THAT(entry("documents.refused"), HasSubstr("zz.yaml"));
}

TEST_F(AuditChain, PluginsStoppedStartedAndRefusedAreNotedWithWhoDidIt) {
  const std::string admin =
      sql("select principal from audit_entries where type = 'party' and action = 'create' limit 1");
  ASSERT_EQ(business_.admin->post("/api/v1/plugins/hello/stop", Json::object()).status, 200);
  EXPECT_THAT(entry("plugin.stop"), HasSubstr(admin + "||api|system|"));
  EXPECT_THAT(entry("plugin.stop"), HasSubstr(R"("after":{"state":"stopped")"));
  ASSERT_EQ(business_.admin->post("/api/v1/plugins/hello/start", Json::object()).status, 200);
  EXPECT_THAT(entry("plugin.start"), HasSubstr(R"("ok":true)"));
  EXPECT_NE(business_.admin->post("/api/v1/plugins/parties/stop", Json::object()).status, 200);
  EXPECT_THAT(entry("plugin.stop"), HasSubstr(R"("ok":false)"));
}

TEST_F(AuditChain, WhatAPluginWritesIsSignedByItAndByWhoItWorkedFor) {
  business_.person("ann", "accountant");
  const std::string made = entry("create", "and type = 'user' and principal = 'plugin:access'");
  EXPECT_THAT(made, HasSubstr("plugin:access|usr_"));
  EXPECT_THAT(made, HasSubstr("|access|"));
}

TEST_F(AuditChain, AReadNamesTheRulesThatAllowedItAndAHeaderChangesNobody) {
  const std::string invoice = business_.draft(*business_.admin, business_.acme);
  const Answer read = business_.admin->call("GET", "/api/v1/invoices/" + invoice, "",
                                            "X-User: usr_0000000000000\r\nX-Forwarded-For: 9.9.9.9\r\n");
  ASSERT_EQ(read.status, 200);
  ASSERT_NE(entry("view", "and kind = 'read' and content like '%" + invoice + "%'"), "");
  EXPECT_EQ(sql("select count(*) from audit_entries where kind = 'read' and coalesce(policy_set, '') = ''"),
            "0");
  EXPECT_EQ(
      sql("select count(*) from audit_entries where principal = 'usr_0000000000000' or address = '9.9.9.9'"),
      "0");
}

TEST_F(AuditChain, SignInsGoodAndRefusedAreInItWithTheirAddress) {
  const std::string good = "select count(*) from audit_entries where type = 'session' and action = 'create'";
  const int before = std::stoi(sql(good));
  EXPECT_EQ(business_.talon.sign_in(RunningTalon::kAdminEmail, "a wrong passphrase 1"), "");
  EXPECT_NE(business_.talon.sign_in(RunningTalon::kAdminEmail), "");
  EXPECT_NE(entry("sign_in_refused"), "");
  EXPECT_EQ(sql("select distinct address from audit_entries where action = 'sign_in_refused'"), "127.0.0.1");
  EXPECT_EQ(std::stoi(sql(good)), before + 1);
  EXPECT_THAT(sql("select * from audit_entries"), Not(HasSubstr("a wrong passphrase 1")));
}

TEST_F(AuditChain, NoEntryHoldsASecret) {
  business_.person("bea", "accountant");
  const std::string token = business_.talon.sign_in("bea@talon.test");
  const Answer issued = business_.admin->post("/api/v1/me/tokens", Json::object({{"name", "nightly"}}));
  ASSERT_LT(issued.status, 300) << issued.text;
  const std::string everything = sql("select * from audit_entries");
  for (const std::string& secret : {token, std::string(issued.json["token"].string())}) {
    ASSERT_FALSE(secret.empty());
    EXPECT_THAT(everything, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(everything, Not(HasSubstr("$argon2")));
}

TEST_F(AuditChain, ForgettingSomebodyLeavesTheChainWholeAndTellsWhoDidIt) {
  const Answer made = business_.admin->post(
      "/api/v1/parties",
      Json::object({{"number", "P-1"}, {"name", "Zoe Ltd"}, {"email", "zoe.private@example.org"}}),
      business_.key());
  ASSERT_EQ(made.status, 201) << made.text;
  const std::string party(made.json["id"].string());
  const std::string entry_of_it = "type = 'party' and content like '%P-1%'";
  EXPECT_EQ(sql("select count(*) from audit_entries where content like '%zoe.private%'"), "0");
  EXPECT_THAT(sql("select content from audit_entries where " + entry_of_it),
              HasSubstr(R"("email":{"$personal":")"));
  const auto command = [&](const std::string& name, const Json& args) {
    return business_.admin->post("/api/v1/plugins/audit/commands/" + name, args);
  };
  // Reports are of sealed entries; sealing comes within a second or two.
  const auto report = [&](const std::string& record, const std::string& expected) {
    std::string text;
    for (int tries = 0; tries < 400 && text.find(expected) == std::string::npos; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      text = command("report", Json::object({{"record", record}, {"field", "email"}})).text;
    }
    return text;
  };
  EXPECT_THAT(report("party/" + party, "zoe.private"), HasSubstr("zoe.private@example.org"));
  EXPECT_THAT(business_.admin->get("/api/v1/parties/" + party + "/history").text,
              HasSubstr("zoe.private@example.org"));

  const Json subject = Json::object({{"subject", "party/" + party}, {"why", "letter of 21 November"}});
  const Answer hold = business_.admin->post(
      "/api/v1/audit_holds", Json::object({{"reason", "Case 9"}, {"type", "party"}, {"record", party}}),
      business_.key());
  ASSERT_EQ(hold.status, 201) << hold.text;
  EXPECT_THAT(command("erase", subject).text, HasSubstr("Case 9"));
  const std::string hold_path = "/api/v1/audit_holds/" + std::string(hold.json["id"].string());
  const Answer released =
      business_.admin->call("PATCH", hold_path, R"({"released":true})",
                            "If-Match: " + business_.admin->get(hold_path).headers["etag"] + "\r\n");
  ASSERT_EQ(released.status, 200) << released.text;
  const Answer erased = command("erase", subject);
  ASSERT_EQ(erased.status, 200) << erased.text;
  EXPECT_GE(erased.json["erased"].integer(), 1) << erased.text;

  EXPECT_EQ(sql("select count(*) from audit_values where value like '%zoe.private%'"), "0");
  const Answer verified = command("verify", Json::object());
  EXPECT_EQ(verified.status, 200) << verified.text;
  EXPECT_THAT(verified.text, HasSubstr("(plugin:audit)"));
  EXPECT_THAT(verified.text, HasSubstr(party));
  EXPECT_THAT(report(party, "erased_by"), HasSubstr("erased_by"));
}

TEST_F(AuditChain, WhoSawARecordIsAnsweredAndTheLogObeysTheRightsOfWhoAsks) {
  const std::string invoice = business_.draft(*business_.admin, business_.acme);
  business_.person("vic", "viewer");
  business_.person("otto", "auditor");
  ASSERT_EQ(business_.as("vic")->get("/api/v1/invoices/" + invoice).status, 200);
  ASSERT_NE(entry("view", "and kind = 'read' and content like '%" + invoice + "%'"), "");
  const auto ask = [&](const std::string& who, const std::string& name, const Json& args) {
    return business_.as(who)->post("/api/v1/plugins/audit/commands/" + name, args);
  };
  const std::string vic = sql("select id from users where email = 'vic@talon.test'");
  const std::string vic_id = id_text("usr", std::stoll(vic));
  const Json record = Json::object({{"record", "invoice/" + invoice}});
  EXPECT_THAT(ask("otto", "who_saw", record).text, HasSubstr(vic_id));
  EXPECT_THAT(ask("otto", "seen_by", Json::object({{"user", vic_id}})).text, HasSubstr(invoice));
  EXPECT_EQ(ask("vic", "who_saw", record).status, 403);
  // Both questions are reads of the log, and stand in it by what was asked.
  const std::string otto_id =
      id_text("usr", std::stoll(sql("select id from users where email = 'otto@talon.test'")));
  const auto asked = [&](const std::string& what) {
    return entry("view", "and kind = 'read' and type = 'audit_entry' and principal = '" + otto_id +
                             "' and content like '%" + what + "%'");
  };
  EXPECT_NE(asked("record is " + std::to_string(*parse_id(invoice, "inv"))), "");
  EXPECT_NE(asked("principal is %" + vic_id), "");
  // An auditor who may not see notes sees none in the log either, by any path, and cannot search for them.
  business_.talon.directory().write("config/policies/rules/zz_audit.yaml", R"(plugin: invoicing
invoice:
  fields:
    - hide: [note, gross_total]
      from: [auditor]
)");
  ASSERT_NE(entry("documents.loaded", "and content like '%zz_audit%'"), "") << business_.talon.log();
  const auto otto = business_.as("otto");
  const std::string path = "/api/v1/audit_entries?fields=type,content&limit=500";
  const Answer entries = otto->get(path);
  ASSERT_EQ(entries.status, 200) << entries.text;
  EXPECT_THAT(entries.text, Not(HasSubstr("gross_total\\\":")));
  EXPECT_THAT(entries.text, HasSubstr("$withheld"));
  EXPECT_THAT(business_.admin->get(path).text, HasSubstr("gross_total\\\":"));
  for (const char* name : {"log", "report", "export"}) {
    const Answer shown = ask("otto", name, Json::object());
    EXPECT_EQ(shown.status, 200) << name;
    EXPECT_THAT(shown.text, Not(HasSubstr("gross_total\\\":"))) << name;
  }
  EXPECT_EQ(
      otto->get("/api/v1/audit_entries?where=" + support::percent_encoded("content contains \"120\"")).status,
      400);
}

TEST_F(AuditChain, AnEntryIsProvedWithNothingButTheKey) {
  business_.draft(*business_.admin, business_.acme);
  std::string proof;
  for (int tries = 0; tries < 200 && proof.empty(); ++tries) {
    const std::string id = sql("select min(id) from audit_entries where seq > 0");
    const Answer answer =
        business_.admin->post("/api/v1/plugins/audit/commands/prove",
                              Json::object({{"entry", id_text("aud", std::atoll(id.c_str()))}}));
    if (answer.status == 200) proof = answer.text;
    if (proof.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const std::string file = business_.talon.directory().write("proof.json", proof);
  const auto check = [&] {
    return support::run_program({std::string(TALON_BUILD_DIR) + "/bin/talon", "audit", "verify-proof", file,
                                 "--key", business_.talon.data("audit/audit.pub"), "--config",
                                 business_.talon.config("talon.yaml")});
  };
  auto checked = check();
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->code, 0) << checked->output << checked->errors << proof;
  proof.replace(proof.find("system"), 6, "nobody");
  business_.talon.directory().write("proof.json", proof);
  checked = check();
  EXPECT_EQ(checked->code, 1) << checked->output;
}

}  // namespace
}  // namespace talon::acceptance
