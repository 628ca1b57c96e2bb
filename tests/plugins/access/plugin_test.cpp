/// The plugin through its C tables: loading policies, plans, explanations, who can.
#include "tests/plugins/access/plugin_fixture.hpp"

#include <talon/id.hpp>

#include <map>

namespace talon::access {
namespace {

TEST_F(AccessPlugin, WithoutAPolicySetNothingIsPlanned) {
  const int64_t sam = add_user("sam@example.com", "sales");
  EXPECT_EQ(plan(sam, "view").error().code, Code::Unavailable);
}

TEST_F(AccessPlugin, APlanHasTheUserFoldedInAndNamesItsRules) {
  load();
  const int64_t sam = add_user("sam@example.com", "sales");
  add_fact(sam, "partners", "N1");
  const auto json = plan(sam, "view");
  ASSERT_TRUE(json) << json.error().message;
  ASSERT_EQ((*json)["allow"].items().size(), 1U);
  const Json& allow = (*json)["allow"].items()[0];
  EXPECT_EQ(allow["rule"].string(), "invoice-1");
  EXPECT_EQ(allow["place"].string(), "rules/i.yaml:3");
  EXPECT_EQ(allow["where"].string(), "partner in [" + id_text("par", partner) + "]")
      << "by the partner's number";
  EXPECT_THAT((*json)["deny"].items(), IsEmpty());
  EXPECT_EQ((*json)["policy_set"].string().size(), 64U) << "a part of it can be made to fit another set";
  EXPECT_EQ((*json)["valid_until"].integer(-1), 0);
  EXPECT_TRUE((*json)["columns"].is_null());
  std::string fields;
  for (const Json& field : (*json)["fields"].items()) {
    fields += std::string(field["field"].string()) + ":" + std::string(field["level"].string()) + ":" +
              std::string(field["as"].string()) + ":" + std::string(field["where"].string()) + " ";
  }
  EXPECT_EQ(fields, "cost:hidden:: margin:hidden:: lines.cost:hidden:: number:masked:last 4:state is sent ");
}

TEST_F(AccessPlugin, AUserThatChangesIsReadAgain) {
  load();
  const int64_t sam = add_user("sam@example.com", "sales");
  add_fact(sam, "partners", id_text("par", partner));
  EXPECT_EQ((*plan(sam, "view"))["allow"].items().size(), 1U);
  host.change("user", sam, {{"state", "disabled"}});
  EXPECT_THAT((*plan(sam, "view"))["allow"].items(), IsEmpty());
  host.change("user", sam, {{"state", "active"}});
  EXPECT_EQ((*plan(sam, "view"))["allow"].items().size(), 1U);
  EXPECT_THAT((*plan(sam, "view", "invoice", Json::array({"viewer"})))["allow"].items(), IsEmpty())
      << "a narrow token";
}

TEST_F(AccessPlugin, WhoIsNoUserMayNothing) {
  load();
  EXPECT_THAT((*plan(12345, "view"))["allow"].items(), IsEmpty());
  const int64_t ivy = add_user("ivy@example.com", "sales", "invited");
  EXPECT_THAT((*plan(ivy, "view"))["allow"].items(), IsEmpty());
}

TEST_F(AccessPlugin, AnExplanationOfWhoIsNotThereYetBlamesNoRule) {
  load();
  add_user("ivy@example.com", "sales", "invited");
  const Json answer =
      run("explain", Json::object({{"user", "ivy@example.com"}, {"action", "view"}, {"type", "invoice"}}));
  EXPECT_FALSE(answer["allowed"].boolean());
  EXPECT_THAT(std::string(answer["text"].string()),
              ::testing::AllOf(HasSubstr("invitation is not taken up"),
                               ::testing::Not(HasSubstr("no rule allows it"))));
}

TEST_F(AccessPlugin, ABrokenSetIsRefusedAndTheOldOneStays) {
  load();
  const int64_t ann = add_user("ann@example.com", "accountant");
  const std::string before((*plan(ann, "approve"))["policy_set"].string());
  const auto mistakes =
      plugin.load(example_with({{"rules/i.yaml", "invoice: {rules: [{allow: aprove, to: accountant}]}\n"}}),
                  *example_model());
  ASSERT_TRUE(mistakes);
  EXPECT_THAT(lines_of(*mistakes),
              ElementsAre("rules/i.yaml:1:27: invoice has no action \"aprove\". Did you mean \"approve\"?"));
  EXPECT_EQ((*plan(ann, "approve"))["policy_set"].string(), before);
  EXPECT_EQ((*plan(ann, "approve"))["allow"].items().size(), 1U);
  EXPECT_EQ(host.log().back().event, "access.policy_refused");
  load("invoice: {rules: []}\n");
  EXPECT_NE((*plan(ann, "approve"))["policy_set"].string(), before);
  EXPECT_THAT((*plan(ann, "approve"))["allow"].items(), IsEmpty());
}

TEST_F(AccessPlugin, AFailingTestOfTheSetKeepsTheOldOneToo) {
  load();
  auto documents =
      example_with({{"rules/i.yaml", kRules},
                    {"tests/t.yaml",
                     "now: 2026-12-10\nusers: {sam: {roles: [sales]}}\nrecords: {inv: {invoice: {}}}\n"
                     "tests:\n  - {as: sam, on: inv, can: approve}\n"}});
  const auto mistakes = plugin.check(documents, *example_model());
  ASSERT_TRUE(mistakes);
  EXPECT_THAT(lines_of(*mistakes),
              ElementsAre("tests/t.yaml:5:5: FAILED sam cannot approve (rule limit-5000)"));
}

TEST_F(AccessPlugin, AnExplanationNamesRuleFileLineValueAndWhoMay) {
  load();
  const int64_t ann = add_user("ann@example.com", "accountant");
  const int64_t cleo = add_user("cleo@example.com", "chief_accountant");
  const int64_t invoice = host.add("invoice", {{"amount", 720000}, {"currency", "EUR"}});
  const Json answer = run("explain", Json::object({{"user", "ann@example.com"},
                                                   {"action", "approve"},
                                                   {"record", "invoice/" + host.id("invoice", invoice)}}));
  EXPECT_FALSE(answer["allowed"].boolean());
  EXPECT_EQ(answer["user"].string(), id_text("usr", ann));
  EXPECT_EQ(answer["decided_by"]["rule"].string(), "limit-5000");
  EXPECT_EQ(answer["decided_by"]["place"].string(), "rules/i.yaml:6");
  const Json& line = answer["decided_by"]["lines"].items().at(0);
  EXPECT_EQ(line["line"].string(), "amount > 5000 EUR");
  EXPECT_EQ(line["value"].string(), "7200.00 EUR");
  EXPECT_EQ(line["truth"].string(), "true");
  EXPECT_TRUE(answer["without"]["allowed"].boolean());
  EXPECT_EQ(answer["without"]["place"].string(), "rules/i.yaml:4");
  ASSERT_EQ(answer["who_may"].items().size(), 1U);
  EXPECT_EQ(answer["who_may"].items()[0].string(), "cleo@example.com");
  const std::string text(answer["text"].string());
  EXPECT_THAT(text,
              HasSubstr("NO  rule limit-5000, rules/i.yaml:6 (deny, everyone except chief_accountant)\n"));
  EXPECT_THAT(text, HasSubstr("amount > 5000 EUR     amount = 7200.00 EUR     true\n"));
  EXPECT_THAT(text, HasSubstr("\"A chief accountant approves above 5 000.\"\n"));
  EXPECT_THAT(text,
              HasSubstr("without that rule it would be: YES, rules/i.yaml:4.   Who may: cleo@example.com."));
  EXPECT_EQ(answer["shown"].to_string(),
            R"([{"type":"user","records":[")" + id_text("usr", ann) + "\",\"" + id_text("usr", cleo) +
                R"("],"fields":["email"]},{"type":"invoice","records":[")" + host.id("invoice", invoice) +
                R"("],"fields":["amount","currency","id","partner","state"]}])")
      << "the people that it names, and all that the verdict hangs on";
  const Json of_any =
      run("explain", Json::object({{"user", "ann@example.com"}, {"action", "approve"}, {"type", "invoice"}}));
  EXPECT_EQ(of_any["shown"].items().size(), 1U) << "of no invoice";
}

TEST_F(AccessPlugin, AnExplanationAgreesWithThePlanAndTellsAFieldsLevel) {
  load();
  const int64_t sam = add_user("sam@example.com", "sales");
  add_fact(sam, "partners", id_text("par", partner));
  const int64_t invoice = host.add("invoice", {{"partner", partner}, {"state", "sent"}, {"number", "INV-1"}});
  const Json answer = run("explain", Json::object({{"user", id_text("usr", sam)},
                                                   {"action", "view"},
                                                   {"type", "invoice"},
                                                   {"record", host.id("invoice", invoice)},
                                                   {"field", "number"}}));
  EXPECT_TRUE(answer["allowed"].boolean());
  EXPECT_EQ(answer["level"].string(), "masked");
  EXPECT_EQ(answer["field_place"].string(), "rules/i.yaml:15");
  const Json without_record =
      run("explain", Json::object({{"user", "sam@example.com"}, {"action", "view"}, {"type", "invoice"}}));
  EXPECT_TRUE(without_record["allowed"].boolean());
  EXPECT_TRUE(without_record["depends_on_record"].boolean());
  EXPECT_EQ(
      plugin
          .command("explain",
                   Json::object({{"user", "sam@example.com"}, {"action", "vieww"}, {"type", "invoice"}}))
          .error()
          .code,
      Code::InvalidArgument);
  EXPECT_EQ(plugin
                .command("explain",
                         Json::object({{"user", "no@example.com"}, {"action", "view"}, {"type", "invoice"}}))
                .error()
                .code,
            Code::InvalidArgument)
      << "who is told: the address of the command is there";
  const auto of = [&](const char* command, const Json& args) {
    const auto refused = plugin.command(command, args);
    EXPECT_FALSE(refused);
    return refused ? std::string() : refused.error().message;
  };
  EXPECT_THAT(of("diff", Json::object({{"users", Json::array({"no@example.com"})}})),
              HasSubstr("there is no user \"no@example.com\""));
  EXPECT_THAT(
      of("explain", Json::object({{"user", "sam@example.com"}, {"action", "view"}, {"type", "invoce"}})),
      HasSubstr("\"invoce\". Did you mean \"invoice\"? A record is named TYPE/ID"));
  const Json refused = run("explain", Json::object({{"user", "sam@example.com"},
                                                    {"action", "approve"},
                                                    {"record", "invoice/" + host.id("invoice", invoice)},
                                                    {"field", "state"}}));
  EXPECT_THAT(std::string(refused["text"].string()),
              HasSubstr("state is kept from them by no rule for fields."));
}

TEST_F(AccessPlugin, WhoCanListsPeopleWithTheirRule) {
  load();
  add_user("ann@example.com", "accountant");
  add_user("cleo@example.com", "chief_accountant");
  add_user("old@example.com", "chief_accountant", "disabled");
  const int64_t cheap = host.add("invoice", {{"amount", 100}, {"currency", "EUR"}});
  const Json answer = run(
      "who_can", Json::object({{"action", "approve"}, {"record", "invoice/" + host.id("invoice", cheap)}}));
  ASSERT_EQ(answer["users"].items().size(), 2U);
  EXPECT_EQ(answer["users"].items()[0]["email"].string(), "ann@example.com");
  EXPECT_EQ(answer["users"].items()[1]["place"].string(), "rules/i.yaml:4");
  ASSERT_EQ(answer["shown"].items().size(), 2U);
  const Json& record = answer["shown"].items()[1];
  EXPECT_EQ(record["records"].to_string(), "[\"" + host.id("invoice", cheap) + "\"]")
      << "who may tells what it is like";
  EXPECT_THAT(record["fields"].to_string(), HasSubstr("\"amount\""));
  const Json& shown = answer["shown"].items().front();
  EXPECT_EQ(shown["fields"].to_string(), R"(["name","email"])");
  ASSERT_EQ(shown["records"].items().size(), 2U) << "those that it names, and no others";
  EXPECT_EQ(shown["records"].items()[1], answer["users"].items()[1]["user"]);
}

TEST_F(AccessPlugin, AFieldThatIsHiddenIsNotExplainedWithYes) {
  load();
  add_user("sam@example.com", "sales");
  const int64_t sam = host.ids("user").front();
  add_fact(sam, "partners", id_text("par", partner));
  const int64_t invoice =
      host.add("invoice", {{"partner", partner}, {"state", "sent"}, {"number", "R1"}, {"amount", 100}});
  const auto text = [&](const char* action, const char* field) {
    return std::string(run("explain", Json::object({{"user", "sam@example.com"},
                                                    {"action", action},
                                                    {"record", "invoice/" + host.id("invoice", invoice)},
                                                    {"field", field}}))["text"]
                           .string());
  };
  EXPECT_TRUE(text("view", "margin").starts_with("NO  margin is hidden, rules/i.yaml:"))
      << text("view", "margin");
  EXPECT_THAT(text("view", "margin"), HasSubstr("the record itself: YES"));
  EXPECT_TRUE(text("view", "number").starts_with("YES, masked  number is masked")) << text("view", "number");
  EXPECT_TRUE(text("edit", "number").starts_with("NO  number is masked")) << text("edit", "number");
  EXPECT_TRUE(text("view", "state").starts_with("YES  rule")) << text("view", "state");
}

TEST_F(AccessPlugin, AnyRecordOfATypeIsAskedAboutByItsNameAndBothQuestionsAgree) {
  load();
  const int64_t sam = add_user("sam@example.com", "sales");
  add_fact(sam, "partners", id_text("par", partner));
  add_user("ann@example.com", "accountant");
  add_user("tim@example.com", "client");
  for (const char* action : {"view", "edit", "approve", "create"}) {
    const Json who = run("who_can", Json::object({{"action", action}, {"record", "invoice"}}));
    std::map<std::string, bool> listed;
    for (const Json& user : who["users"].items())
      listed[std::string(user["email"].string())] = !user["if"].is_null();
    for (const char* email : {"sam@example.com", "ann@example.com", "tim@example.com"}) {
      const Json why =
          run("explain", Json::object({{"user", email}, {"action", action}, {"record", "invoice"}}));
      EXPECT_EQ(why["allowed"].boolean(), listed.contains(email)) << action << " " << email;
      const bool is_conditional = listed.contains(email) && listed[email];
      EXPECT_EQ(why["text"].string().starts_with("YES, if"), is_conditional) << why["text"].string();
    }
  }
  const auto unknown = plugin.command("who_can", Json::object({{"action", "view"}, {"record", "invoce"}}));
  EXPECT_THAT(unknown.error().message, HasSubstr("Did you mean \"invoice\"?"));
}

TEST_F(AccessPlugin, AQuestionSaysWhatOfItIsNotThere) {
  load();
  add_user("ann@example.com", "accountant");
  const auto ask = [&](const char* user, const char* record) {
    const auto answer =
        plugin.command("explain", Json::object({{"user", user}, {"action", "view"}, {"record", record}}));
    EXPECT_EQ(answer.error().code, Code::InvalidArgument);
    return answer.error().message;
  };
  EXPECT_THAT(ask("nobody@example.com", "invoice"), HasSubstr("there is no user \"nobody@example.com\""));
  EXPECT_THAT(ask("ann@example.com", "invoice/INV-2026-00001"),
              HasSubstr("there is no invoice \"INV-2026-00001\"; name it by its id"));
}

TEST_F(AccessPlugin, TheTestsOfASetRunAsACommandOfflineToo) {
  const Json args = Json::object({{"documents", *Json::parse(write_documents(example_documents()))}});
  const auto answer = plugin.command("test", args, true);
  ASSERT_TRUE(answer) << answer.error().message;
  const Json json = *Json::parse(*answer);
  EXPECT_GE(json["passed"].integer(), 45);
  EXPECT_EQ(json["failed"].integer(-1), 0);
  EXPECT_THAT(json["mistakes"].items(), IsEmpty());
}

}  // namespace
}  // namespace talon::access
