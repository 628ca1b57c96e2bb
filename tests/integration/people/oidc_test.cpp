/// Sign-in by a real provider of OpenID Connect, as a browser does it: there, sign in, consent, and back.
#include "tests/integration/people/outside.hpp"

namespace talon::people {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class Oidc : public Outside {
 protected:
  explicit Oidc(const std::string& more = "renew_seconds: 1") : Outside("oidc.mjs", more) {}
  /// Says who there is at the provider.
  void people(const Json& all) {
    ApiClient control(static_cast<uint16_t>(peer->port()));
    EXPECT_EQ(control.call("PUT", "/people", all.to_string()).status, 200);
  }
  static Json somebody(const std::string& name, const Json& groups) {
    return Json::object({{"email", name + "@talon.test"}, {"groups", groups}});
  }
  /// The address that the provider sends the browser back to.
  std::string visit(Browser& browser, const std::string& name, const std::string& query = {}) const {
    const Browser::Page begun = browser.get(here(kOidc + query));
    EXPECT_EQ(begun.status, 303) << begun.text;
    return browser.sign_in(begun.location, name, here(kReturn));
  }
  /// Signs in. @return somebody with the session's token; without one where it was refused.
  std::unique_ptr<ApiClient> enter(const std::string& name) const {
    Browser browser;
    const std::string back = visit(browser, name);
    EXPECT_FALSE(back.empty()) << name;
    browser.get(back);
    return std::make_unique<ApiClient>(talon.port(), browser.cookie("talon"));
  }
};

TEST_F(Oidc, SomebodyInvitedComesInByTheProviderWithTheRolesOfTheirGroups) {
  people(Json::object({{"ann", somebody("ann", Json::array({"billing", "odd"}))}}));
  const std::string id = invited("ann", "time_only");
  const Answer ways = admin->get("/api/v1/session/ways");
  EXPECT_EQ(ways.json["ways"].items().size(), 1U) << ways.text;
  EXPECT_EQ(ways.json["ways"].items().at(0)["begin"].string(), kOidc);

  Browser browser;
  const std::string back = visit(browser, "ann", "?to=/invoices%3Fopen");
  ASSERT_THAT(back, HasSubstr("code="));
  const std::string cookie = browser.cookie("talon_visit");
  const Browser::Page home = browser.get(back);
  EXPECT_EQ(home.status, 303) << home.text;
  EXPECT_EQ(home.location, here("/invoices?open"));
  EXPECT_TRUE(browser.cookie("talon_visit").empty()) << "the visit is over";
  ApiClient ann(talon.port(), browser.cookie("talon"));
  EXPECT_THAT(roles_of(ann), UnorderedElementsAre("accountant", "employee", "viewer", "time_only"));
  const Answer sessions = ann.get("/api/v1/sessions?where=" + support::percent_encoded("via is oidc"));
  EXPECT_EQ(sessions.json["items"].items().size(), 1U) << sessions.text;
  EXPECT_THAT(sessions.text, Not(HasSubstr("renewal")));
  const Answer links = ann.get("/api/v1/login_links");
  EXPECT_EQ(links.json["items"].items().at(0)["subject"].string(), "ann") << links.text;
  EXPECT_EQ(logged("action is sign_in_roles_refused", {"no_such_role", "unknown_role"}), 1);
  // The invitation's code is spent; the way by the provider stays.
  EXPECT_EQ(admin->get("/api/v1/users/" + id).json["state"].string(), "active");
  EXPECT_FALSE(enter("ann")->token().empty());
  const std::string path = back.substr(here("").size());
  const Answer again = ann.call("GET", path, {}, "Cookie: talon_visit=" + cookie + "\r\n");
  EXPECT_EQ(again.status, 401) << "the same state and code once more";
  EXPECT_EQ(refusals("state_replayed"), 1);
}

TEST_F(Oidc, AStateHoldsInTheBrowserThatBeganAlone) {
  people(Json::object({{"ann", somebody("ann", Json::array({"billing"}))}}));
  invited("ann", "viewer");
  Browser victim;
  Browser attacker;
  const std::string path = visit(attacker, "ann").substr(here("").size());
  victim.get(here(kOidc));
  ApiClient anybody(talon.port());
  const auto come_back = [&](const std::string& cookie) {
    return anybody.call("GET", path, {}, cookie.empty() ? "" : "Cookie: talon_visit=" + cookie + "\r\n");
  };
  EXPECT_EQ(come_back("").status, 401);
  EXPECT_EQ(refusals("state_missing"), 1);
  EXPECT_EQ(come_back(victim.cookie("talon_visit")).status, 401);
  EXPECT_EQ(refusals("state_other"), 1);
  EXPECT_EQ(come_back("v1.AAAA").status, 401);
  EXPECT_EQ(refusals("state_forged"), 1);
  EXPECT_EQ(come_back(attacker.cookie("talon_visit")).status, 303) << "the one who began";
}

TEST_F(Oidc, AGroupThatIsTakenAwayTakesItsRoleAtTheNextRenewalAndNoOther) {
  people(Json::object({{"ann", somebody("ann", Json::array({"billing", "selling"}))}}));
  const std::string id = invited("ann", "time_only");
  const auto ann = enter("ann");
  ASSERT_THAT(roles_of(*ann), Contains("accountant"));
  people(Json::object({{"ann", somebody("ann", Json::array({"selling"}))}}));
  ASSERT_TRUE(comes_true([&] {
    const auto roles = roles_of(*ann);
    return std::find(roles.begin(), roles.end(), "accountant") == roles.end();
  }));
  EXPECT_THAT(roles_of(*ann), UnorderedElementsAre("sales", "employee", "time_only"));
  EXPECT_EQ(ann->get("/api/v1/me").status, 200);
  const Answer user = admin->get("/api/v1/users/" + id);
  ASSERT_EQ(user.json["roles"].items().size(), 2U) << user.text;
  EXPECT_EQ(user.json["roles"].items()[0]["source"].string(), "");
  EXPECT_EQ(user.json["roles"].items()[1]["source"].string(), "oidc");
  EXPECT_TRUE(user.json["roles"].items()[0]["until"].is_null());
  EXPECT_EQ(user.json["roles"].items()[1]["until"].string().size(), 10U) << "an API token's rights end, too";
  // The account is gone at the provider: so is the session.
  people(Json::object());
  EXPECT_TRUE(comes_true([&] { return ann->get("/api/v1/me").status == 401; }));
  EXPECT_EQ(logged("action is session_renewal_refused", {"code_refused", id}), 1);
}

TEST_F(Oidc, ChangedKeysAreTakenUp) {
  people(Json::object({{"ann", somebody("ann", Json::array({"billing"}))}}));
  invited("ann", "viewer");
  ASSERT_FALSE(enter("ann")->token().empty());
  peer->stop();
  peer->start();  // with new keys
  people(Json::object({{"ann", somebody("ann", Json::array({"billing"}))}}));
  EXPECT_FALSE(enter("ann")->token().empty());
}

TEST_F(Oidc, WhileTheProviderIsAwayPasswordsAndOpenSessionsGoOn) {
  people(Json::object({{"ann", somebody("ann", Json::array({"billing"}))}}));
  invited("ann", "viewer");
  const auto ann = enter("ann");
  Browser browser;
  const std::string back = visit(browser, "ann");
  peer->stop();
  EXPECT_EQ(browser.get(back).status, 503) << "not the person's fault, so not a refusal";
  EXPECT_EQ(logged("action is sign_in_refused"), 0);
  EXPECT_EQ(sign_in(std::string(RunningTalon::kAdminEmail), RunningTalon::kPassword).status, 201);
  ASSERT_TRUE(comes_true([&] {  // until a renewal was tried
    EXPECT_EQ(ann->get("/api/v1/me").status, 200);
    return talon.log().find("session.not_renewed") != std::string::npos;
  }));
  EXPECT_EQ(ann->get("/api/v1/me").status, 200);
}

TEST_F(Oidc, WhoIsDisabledHereStaysOutWhateverTheProviderSays) {
  people(Json::object({{"ann", somebody("ann", Json::array({"billing"}))}}));
  const std::string id = invited("ann", "viewer");
  const auto ann = enter("ann");
  ASSERT_EQ(admin->post("/api/v1/users/" + id + "/disable", Json::object()).status, 200);
  EXPECT_EQ(ann->get("/api/v1/me").status, 401);
  EXPECT_TRUE(enter("ann")->token().empty());
  EXPECT_EQ(refusals("not_active"), 1);
}

TEST_F(Oidc, AnAddressLeadsToNobodyWhoIsHereAlreadyAndToNobodyUnknown) {
  people(Json::object({{"boss", Json::object({{"email", RunningTalon::kAdminEmail}})},
                       {"eve", Json::object({{"email", "ann@talon.test"}, {"email_verified", false}})},
                       {"zoe", somebody("zoe", Json::array({"billing"}))}}));
  invited("ann", "viewer");
  EXPECT_TRUE(enter("boss")->token().empty()) << "the administrator has a password and no link";
  EXPECT_EQ(refusals("not_linked"), 1);
  EXPECT_TRUE(enter("eve")->token().empty());
  EXPECT_EQ(refusals("address_not_verified"), 1);
  EXPECT_TRUE(enter("zoe")->token().empty());
  EXPECT_EQ(refusals("no_such_user"), 1);
}

TEST_F(Oidc, TheWayBackLeadsToThisServerAlone) {
  ApiClient anybody(talon.port());
  for (const char* to : {"https://evil.test", "//evil.test", "/%5Cevil.test", "evil", "/a%0d%0ab"}) {
    EXPECT_EQ(anybody.get(std::string(kOidc) + "?to=" + to).status, 400) << to;
  }
  EXPECT_EQ(anybody.get("/api/v1/session/with/access").status, 404);
  EXPECT_EQ(anybody.get("/api/v1/session/with/nothing").status, 404);
  EXPECT_EQ(anybody
                .post("/api/v1/session",
                      Json::object({{"email", "a"}, {"password", "b"}, {"step", "renew"}, {"kept", "{}"}}))
                .status,
            400)
      << "steps are the host's to ask for";
  const Answer shown = anybody.call("GET", kReturn, {}, "Accept: text/html\r\n");
  EXPECT_EQ(shown.status, 303);
  EXPECT_THAT(shown.headers.at("location"), HasSubstr("/#sign_in=refused&request="));
  int throttled = 0;
  for (int i = 0; i < 30; ++i) throttled += anybody.get(kReturn).status == 429 ? 1 : 0;
  EXPECT_GE(throttled, 5) << "refusals are slowed down";
  EXPECT_EQ(sign_in(std::string(RunningTalon::kAdminEmail), RunningTalon::kPassword).status, 201);
}

class OidcMakes : public Oidc {
 protected:
  OidcMakes() : Oidc("makes_people: yes, link: anybody") {}
};

TEST_F(OidcMakes, SomebodyUnknownIsMadeWhereTheirGroupsGiveARoleTheyMayHold) {
  people(Json::object({{"zoe", somebody("zoe", Json::array({"selling", "auditing"}))},
                       {"yan", somebody("yan", Json::array({"odd"}))}}));
  const auto zoe = enter("zoe");
  EXPECT_THAT(roles_of(*zoe), ElementsAre("employee", "sales")) << "never together: auditor";
  EXPECT_EQ(logged("action is sign_in_roles_refused", {"auditor", "never_together"}), 1);
  EXPECT_TRUE(enter("yan")->token().empty());
  EXPECT_EQ(refusals("no_role"), 1);
}

TEST_F(OidcMakes, ANameIsCleanedAndAnAddressThatLooksLikeAnotherIsRefused) {
  Json ann = somebody("ann", Json::array({"billing"}));
  ann.set("name", "  Ann\r\nBcc: x\u202E Lee\u200B" + std::string(400, 'x'));
  Json eve = somebody("eve", Json::array({"billing"}));
  eve.set("email", "an\u200Bn@talon.test");
  people(Json::object({{"ann", ann}, {"eve", eve}}));
  const auto entered = enter("ann");
  ASSERT_FALSE(entered->token().empty());
  const Answer me = entered->get("/api/v1/me");
  EXPECT_EQ(me.json["user"]["name"].string(), "Ann Bcc: x Lee" + std::string(186, 'x')) << me.text;
  EXPECT_TRUE(enter("eve")->token().empty());
  EXPECT_EQ(refusals("address_not_usable"), 1);
}

TEST_F(OidcMakes, SomebodyWhoIsHereKeepsTheirPasswordAndTheSecondFactorHolds) {
  const std::string path = talon.config("policies/rules/people.yaml");
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string before = "      # except: [admin, accountant]";
  ASSERT_NE(text.find(before), std::string::npos);
  text.replace(text.find(before), before.size(), "      except: [accountant]");
  std::ofstream(path) << text;
  ASSERT_TRUE(comes_true([&] { return talon.log().find("documents.loaded") != std::string::npos; }));
  person("ann", "viewer");
  people(Json::object({{"ann", somebody("ann", Json::array({"billing"}))}}));
  const auto ann = enter("ann");
  const Answer me = ann->get("/api/v1/me");
  EXPECT_EQ(me.json["second_factor"]["missing"].string(), "enrolment") << me.text;
  EXPECT_EQ(ann->get("/api/v1/parties").status, 403) << "what the provider asked for does not count";
  EXPECT_EQ(sign_in("ann@talon.test", RunningTalon::kPassword).status, 201);
}

}  // namespace
}  // namespace talon::people
