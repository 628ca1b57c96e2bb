/// The plugin through its C tables: loading policies, plans, explanations, who can, sign-in and accounts.
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::access {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kRules =
    "invoice:\n"
    "  rules:\n"
    "    - {allow: [view, edit], to: sales, within: own partners}\n"
    "    - allow: approve\n"
    "      to: accountant\n"
    "    - deny: approve\n"
    "      to: everyone\n"
    "      except: chief_accountant\n"
    "      id: limit-5000\n"
    "      when:\n"
    "        - amount > 5000 EUR\n"
    "      because: A chief accountant approves above 5 000.\n"
    "  fields:\n"
    "    - {hide: figures, from: sales}\n"
    "    - {mask: number, as: last 4, from: sales, when: [state is sent]}\n";

class AccessPlugin : public ::testing::Test {
 protected:
  AccessPlugin() : host(*example_model()), plugin(host) {
    TALON_CHECK(static_cast<bool>(plugin.created()));
    TALON_CHECK(static_cast<bool>(plugin.start()));
    partner = host.add("partner", {{"number", "N1"}});
  }

  void load(const std::string& rules = kRules) {
    const auto mistakes = plugin.load(example_with({{"rules/i.yaml", rules}}), *example_model());
    ASSERT_TRUE(mistakes);
    EXPECT_THAT(lines_of(*mistakes), IsEmpty());
  }
  int64_t add_user(const std::string& email, const std::string& role, const std::string& state = "active") {
    const int64_t user =
        host.add("user", {{"name", email.substr(0, email.find('@'))}, {"email", email}, {"state", state}});
    host.add("user_role", {{"user", user}, {"role", role}, {"position", 1}});
    return user;
  }
  void add_fact(int64_t user, const char* fact, const std::string& value) {
    host.add("user_fact", {{"user", user}, {"fact", fact}, {"value", value}, {"position", 1}});
  }
  Result<Json> plan(int64_t user, std::string_view action, std::string_view type = "invoice",
                    const Json& roles = Json::array()) {
    const Json principal = Json::object({{"kind", "user"}, {"user", id_text("usr", user)}, {"roles", roles}});
    const auto* table = plugin.table<talon_authorizer_v1>(TALON_AUTHORIZER_V1);
    const std::string json = principal.to_string();
    boundary::StringWriter out;
    boundary::StringWriter error;
    const talon_status status = table->plan(plugin.self(), boundary::text(json), boundary::text(action),
                                            boundary::text(type), &out, &error);
    TALON_DO(boundary::outcome(status, error));
    return Json::parse(out.text);
  }
  Result<std::string> sign_in(const Json& credentials) {
    const auto* table = plugin.table<talon_login_v1>(TALON_LOGIN_V1);
    const std::string json = credentials.to_string();
    boundary::StringWriter out;
    boundary::StringWriter error;
    TALON_DO(boundary::outcome(table->verify(plugin.self(), boundary::text(json), &out, &error), error));
    return out.text;
  }
  Result<std::string> sign_in(const std::string& email, const std::string& password) {
    return sign_in(Json::object({{"email", email}, {"password", password}}));
  }
  Json run(std::string_view command, const Json& args) {
    const auto answer = plugin.command(command, args);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *Json::parse(*answer) : Json();
  }

  talon::testing::FakeHost host;
  talon::testing::PluginUnderTest plugin;
  int64_t partner = 0;
};

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
  EXPECT_EQ((*json)["policy_set"].string().size(), 12U);
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
  add_user("cleo@example.com", "chief_accountant");
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
            Code::NotFound);
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
}

TEST_F(AccessPlugin, TheFirstAdministratorIsMadeOnceAndSignsIn) {
  load();
  const Json args =
      Json::object({{"email", "Root@Example.com"}, {"name", "Ruth"}, {"password", "orchid lamp seven"}});
  EXPECT_EQ(plugin
                .command("bootstrap",
                         Json::object({{"email", "r@example.com"}, {"name", "R"}, {"password", "short"}}))
                .error()
                .code,
            Code::InvalidArgument);
  const Json answer = run("bootstrap", args);
  EXPECT_EQ(plugin.command("bootstrap", args).error().code, Code::FailedPrecondition);
  const auto user = sign_in("root@example.com", "orchid lamp seven");
  ASSERT_TRUE(user) << user.error().message;
  EXPECT_EQ(*user, answer["user"].string());
  EXPECT_TRUE(sign_in("ROOT@example.com", "orchid lamp seven"));
  const auto wrong = sign_in("root@example.com", "orchid lamp eight");
  const auto nobody = sign_in("nobody@example.com", "orchid lamp seven");
  EXPECT_EQ(wrong.error().code, Code::Unauthenticated);
  EXPECT_EQ(nobody.error().message, wrong.error().message) << "nobody learns who has an account";
  host.change("user", host.ids("user").front(), {{"state", "disabled"}});
  EXPECT_EQ(sign_in("root@example.com", "orchid lamp seven").error().message, wrong.error().message);
}

TEST_F(AccessPlugin, AnInvitationIsTakenUpOnceWithinAWeek) {
  load();
  host.principal = Json::object({{"kind", "system"}});
  const Json invited =
      run("invite", Json::object({{"email", "carl@example.com"},
                                  {"name", "Carl"},
                                  {"roles", Json::array({"client"})},
                                  {"facts", Json::object({{"client", Json::array({"cli_x"})}})}}));
  const std::string code(invited["code"].string());
  EXPECT_EQ(host.text("user", host.ids("user").front(), "state"), "invited");
  const auto take_up = [&](const std::string& with, const std::string& password) {
    return sign_in(Json::object({{"email", "carl@example.com"}, {"code", with}, {"password", password}}));
  };
  EXPECT_EQ(sign_in("carl@example.com", "").error().code, Code::Unauthenticated);
  EXPECT_EQ(take_up("0" + code.substr(1) + "x", "orchid lamp seven").error().code, Code::Unauthenticated);
  EXPECT_EQ(take_up(code, "carl carl carl").error().code, Code::InvalidArgument) << "one's own name";
  host.clock.advance(std::chrono::hours(24 * 8));
  EXPECT_EQ(take_up(code, "orchid lamp seven").error().code, Code::Unauthenticated);
  host.clock.advance(-std::chrono::hours(24 * 7));
  ASSERT_TRUE(take_up(code, "orchid lamp seven"));
  EXPECT_EQ(host.text("user", host.ids("user").front(), "state"), "active");
  EXPECT_EQ(take_up(code, "another lamp seven").error().code, Code::Unauthenticated)
      << "a code is for single use";
  EXPECT_TRUE(sign_in("carl@example.com", "orchid lamp seven"));
}

TEST_F(AccessPlugin, OnlyRolesThatTheInviterMayHandOnAreGiven) {
  auto documents = example_with({{"rules/i.yaml", kRules}});
  documents[1] =
      documents_of({{"roles.yaml",
                     "roles: {sales: {may invite: [client]}, client: {}, accountant: {}, viewer: {}, "
                     "employee: {}, chief_accountant: {}, admin: {}}\n"}})[0];
  ASSERT_THAT(lines_of(*plugin.load(documents, *example_model())), IsEmpty());
  const int64_t sam = add_user("sam@example.com", "sales");
  host.principal = Json::object({{"kind", "user"}, {"user", id_text("usr", sam)}, {"roles", Json::array()}});
  const auto invite = [&](const char* role) {
    return plugin.command("invite", Json::object({{"email", std::string(role) + "@example.com"},
                                                  {"name", "X"},
                                                  {"roles", Json::array({role})}}));
  };
  EXPECT_TRUE(invite("client"));
  EXPECT_EQ(invite("accountant").error().code, Code::PermissionDenied);
  EXPECT_EQ(invite("clint").error().code, Code::InvalidArgument);
}

TEST_F(AccessPlugin, APasswordIsChangedByItsOwnerOrReset) {
  load();
  run("bootstrap",
      Json::object({{"email", "ruth@example.com"}, {"name", "Ruth"}, {"password", "orchid lamp seven"}}));
  host.principal = Json::object({{"kind", "user"}, {"user", id_text("usr", host.ids("user").front())}});
  EXPECT_EQ(
      plugin.command("set_password", Json::object({{"current", "wrong"}, {"password", "velvet moon nine"}}))
          .error()
          .code,
      Code::PermissionDenied);
  run("set_password", Json::object({{"current", "orchid lamp seven"}, {"password", "velvet moon nine"}}));
  EXPECT_FALSE(sign_in("ruth@example.com", "orchid lamp seven"));
  EXPECT_TRUE(sign_in("ruth@example.com", "velvet moon nine"));
  run("reset_password", Json::object({{"user", "ruth@example.com"}, {"password", "copper river ten"}}));
  EXPECT_TRUE(sign_in("ruth@example.com", "copper river ten"));
}

TEST_F(AccessPlugin, TheSixthWrongTryWaitsAndOthersDoNot) {
  load();
  run("bootstrap",
      Json::object({{"email", "ruth@example.com"}, {"name", "Ruth"}, {"password", "orchid lamp seven"}}));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(sign_in("ruth@example.com", "wrong").error().code, Code::Unauthenticated);
  EXPECT_EQ(sign_in("ruth@example.com", "orchid lamp seven").error().code, Code::ResourceExhausted);
  EXPECT_EQ(sign_in("eve@example.com", "wrong").error().code, Code::Unauthenticated);
  host.clock.advance(std::chrono::seconds(2));
  EXPECT_TRUE(sign_in("ruth@example.com", "orchid lamp seven"));
  EXPECT_EQ(sign_in("ruth@example.com", "wrong").error().code, Code::Unauthenticated)
      << "counts from the start";
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
