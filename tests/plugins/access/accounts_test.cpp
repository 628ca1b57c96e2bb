/// The plugin through its C tables: sign-in, invitations, passwords, the first administrator.
#include "tests/plugins/access/plugin_fixture.hpp"

#include <talon/id.hpp>

namespace talon::access {
namespace {

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
                                  {"facts", Json::object({{"partners", Json::array({"N1"})}})}}));
  EXPECT_EQ(host.text("user_fact", host.ids("user_fact").front(), "value"), id_text("par", partner));
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

TEST_F(AccessPlugin, AnInvitationIsNotTakenUpByAnAccountThatWasShutMeanwhile) {
  load();
  bool has_come = true;
  for (int64_t n = 1; has_come; ++n) {
    ASSERT_LT(n, 30);
    host.principal = Json::object({{"kind", "system"}});
    const std::string email = "carl" + std::to_string(n) + "@example.com";
    const Json invited =
        run("invite", Json::object({{"email", email},
                                    {"name", "Carl"},
                                    {"roles", Json::array({"client"})},
                                    {"facts", Json::object({{"partners", Json::array({"N1"})}})}}));
    const int64_t user = host.ids("user").back();
    // In any gap between two calls: the administrator shuts the account, or somebody else takes the code up.
    host.before_nth(n, [&] { host.change("user", user, {{"state", "disabled"}}); });
    const auto taken = sign_in(Json::object(
        {{"email", email}, {"code", invited["code"].string()}, {"password", "orchid lamp seven"}}));
    has_come = host.has_come();
    EXPECT_EQ(static_cast<bool>(taken), !has_come) << n;
    EXPECT_EQ(host.text("user", user, "password_hash").empty(), has_come) << n;
    host.before_nth(0, {});
  }
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

const std::string kClientRule =
    "timesheet:\n  rules:\n    - {allow: view, to: client, within: own partners}\n";

TEST_F(AccessPlugin, AnInviterHandsOnWhatRulesForTheRoleAskFor) {
  auto documents = example_with({{"rules/i.yaml", kRules + kClientRule}});
  documents[1] = documents_of(
      {{"roles.yaml",
        "roles: {sales: {may invite: [client]}, client: {}, accountant: {may invite: [client]}, viewer: {}, "
        "employee: {}, chief_accountant: {}, admin: {}}\n"}})[0];
  ASSERT_THAT(lines_of(*plugin.load(documents, *example_model())), IsEmpty());
  const int64_t sam = add_user("sam@example.com", "sales");
  host.add("partner", {{"number", "N2"}});
  host.principal = Json::object({{"kind", "user"}, {"user", id_text("usr", sam)}, {"roles", Json::array()}});
  int count = 0;
  const auto invite = [&](const Json& facts) {
    const auto done =
        plugin.command("invite", Json::object({{"email", "x" + std::to_string(++count) + "@example.com"},
                                               {"name", "X"},
                                               {"roles", Json::array({"client"})},
                                               {"facts", facts}}));
    return done ? std::string() : done.error().message;
  };
  EXPECT_EQ(invite(Json::object({{"partners", Json::array({"N1"})}})), "");
  EXPECT_THAT(invite(Json::object({{"approval_limit", "1 EUR"}})), HasSubstr("fact approval_limit"));
  EXPECT_THAT(invite(Json::object({{"partners", Json::array({"N1", "N2"})}})), HasSubstr("one partners"));
  // Whoever may make users may set any fact on them.
  documents.push_back(
      documents_of({{"rules/u.yaml", "user: {rules: [{allow: create, to: accountant}]}\n"}})[0]);
  ASSERT_THAT(lines_of(*plugin.load(documents, *example_model())), IsEmpty());
  host.add("user_role", {{"user", sam}, {"role", "accountant"}, {"position", 2}});
  host.change("user", sam, {{"name", "Sam"}});
  EXPECT_EQ(invite(Json::object({{"partners", Json::array({"N1", "N2"})}})), "");
}

TEST_F(AccessPlugin, AnInvitationThatFailedHalfWayIsMadeByAskingAgain) {
  load();
  int letters = 0;
  host.on_act("user.send_link", [&](std::string_view, const Json&) -> Result<Json> {
    if (!sends_mail) return failed_precondition("no mail server is configured");
    ++letters;
    return Json::object({{"sent_to", "somebody"}});
  });
  host.principal = Json::object({{"kind", "system"}});
  for (const bool is_by_letter : {false, true}) {
    sends_mail = is_by_letter;
    bool has_failed = true;
    for (int64_t n = 1; has_failed; ++n) {
      ASSERT_LT(n, 40);
      const std::string email = "carl" + std::to_string(n) + (is_by_letter ? "l" : "") + "@example.com";
      const Json args = Json::object({{"email", email},
                                      {"name", "Carl"},
                                      {"roles", Json::array({"client"})},
                                      {"facts", Json::object({{"partners", Json::array({"N1"})}})}});
      const std::size_t before = host.ids("user").size();
      letters = 0;
      host.fail_nth(n);
      auto invited = plugin.command("invite", args);
      has_failed = host.has_failed();
      host.fail_nth(0);
      if (!invited) invited = plugin.command("invite", args);
      ASSERT_TRUE(invited) << n << ": " << invited.error().message;
      EXPECT_EQ(host.ids("user").size(), before + 1) << n;
      if (is_by_letter) {
        EXPECT_GE(letters, 1) << n;
        continue;
      }
      const auto taken = sign_in(Json::object({{"email", email},
                                               {"code", (*Json::parse(*invited))["code"].string()},
                                               {"password", "orchid lamp seven"}}));
      EXPECT_TRUE(taken) << n;
    }
  }
  // With other roles it is another invitation.
  EXPECT_EQ(plugin
                .command("invite", Json::object({{"email", "carl1l@example.com"},
                                                 {"name", "Carl"},
                                                 {"roles", Json::array({"accountant"})}}))
                .error()
                .code,
            Code::AlreadyExists);
}

TEST_F(AccessPlugin, WhoHandsOnOwnFactsGivesTheirOwnAndAtLeastOne) {
  auto documents = example_with({{"rules/i.yaml", kRules + kClientRule}});
  documents[1] = documents_of(
      {{"roles.yaml",
        "roles: {sales: {may invite: [client], hands on: own facts}, client: {}, accountant: "
        "{}, viewer: {}, employee: {}, chief_accountant: {may invite: [client]}, admin: {}}\n"}})[0];
  ASSERT_THAT(lines_of(*plugin.load(documents, *example_model())), IsEmpty());
  const int64_t sam = add_user("sam@example.com", "sales");
  add_fact(sam, "partners", id_text("par", partner));
  host.add("partner", {{"number", "N2"}});
  host.principal = Json::object({{"kind", "user"}, {"user", id_text("usr", sam)}, {"roles", Json::array()}});
  int count = 0;
  const auto invite = [&](const Json& facts) {
    return plugin.command("invite", Json::object({{"email", "x" + std::to_string(++count) + "@example.com"},
                                                  {"name", "X"},
                                                  {"roles", Json::array({"client"})},
                                                  {"facts", facts}}));
  };
  EXPECT_TRUE(invite(Json::object({{"partners", Json::array({"N1"})}})));
  EXPECT_EQ(invite(Json::object({{"partners", Json::array({"N1", "N2"})}})).error().code,
            Code::PermissionDenied);
  EXPECT_EQ(
      invite(Json::object({{"partners", Json::array({"N1"})}, {"approval_limit", "1 EUR"}})).error().code,
      Code::PermissionDenied);
  EXPECT_EQ(invite(Json::object()).error().code, Code::PermissionDenied);
  EXPECT_FALSE(invite(Json::object({{"partners", Json::array()}}))) << "a fact that says nothing is none";
  host.add("user_role", {{"user", sam}, {"role", "chief_accountant"}, {"position", 2}});
  host.change("user", sam, {{"name", "Sam"}});
  EXPECT_TRUE(invite(Json::object({{"partners", Json::array({"N2"})}})))
      << "another role of theirs is not bound";
}

TEST_F(AccessPlugin, WhereMailIsSentTheAnswerHasNoCode) {
  load();
  sends_mail = true;
  host.principal = Json::object({{"kind", "system"}});
  const Json invited = run(
      "invite",
      Json::object({{"email", "carl@example.com"}, {"name", "Carl"}, {"roles", Json::array({"client"})}}));
  EXPECT_EQ(invited["sent_to"].string(), "somebody");
  EXPECT_TRUE(invited["code"].is_null());
}

TEST_F(AccessPlugin, APasswordIsChangedByItsOwnerOrReset) {
  load();
  run("bootstrap",
      Json::object({{"email", "ruth@example.com"}, {"name", "Ruth"}, {"password", "orchid lamp seven"}}));
  host.principal = Json::object({{"kind", "user"},
                                 {"user", id_text("usr", host.ids("user").front())},
                                 {"session", "ses_0000000000001"}});
  EXPECT_EQ(
      plugin.command("set_password", Json::object({{"current", "wrong"}, {"password", "velvet moon nine"}}))
          .error()
          .code,
      Code::PermissionDenied);
  run("set_password", Json::object({{"current", "orchid lamp seven"}, {"password", "velvet moon nine"}}));
  EXPECT_FALSE(sign_in("ruth@example.com", "orchid lamp seven"));
  EXPECT_TRUE(sign_in("ruth@example.com", "velvet moon nine"));
  host.principal = Json::object({{"kind", "system"}});
  run("reset_password", Json::object({{"user", "ruth@example.com"}, {"password", "copper river ten"}}));
  EXPECT_TRUE(sign_in("ruth@example.com", "copper river ten"));
}

TEST_F(AccessPlugin, APasswordIsResetOnlyForThoseWhomTheCallerMayEditAndBringIn) {
  const auto load_with = [&](const std::string& edit) {
    const auto mistakes = plugin.load(
        example_with({{"rules/u.yaml", "user: {rules: [{allow: [view, edit], to: helper" + edit + "}]}\n"},
                      {"more.yaml", "roles: {helper: {may invite: [client]}}\n"}}),
        *example_model());
    ASSERT_TRUE(mistakes);
    ASSERT_THAT(lines_of(*mistakes), IsEmpty());
  };
  load_with("");
  const int64_t helper = add_user("hal@example.com", "helper");
  add_user("ada@example.com", "admin");
  add_user("cleo@example.com", "client");
  host.principal =
      Json::object({{"kind", "user"}, {"user", id_text("usr", helper)}, {"roles", Json::array()}});
  const auto reset = [&](const std::string& user) {
    const auto done =
        plugin.command("reset_password", Json::object({{"user", user}, {"password", "copper river ten"}}));
    return done ? Code::Ok : done.error().code;
  };
  EXPECT_EQ(reset("ada@example.com"), Code::PermissionDenied);
  EXPECT_EQ(reset("Ada@Example.com"), Code::PermissionDenied);
  EXPECT_EQ(reset("nobody@example.com"), Code::NotFound);
  EXPECT_EQ(reset("cleo@example.com"), Code::Ok);
  load_with(", when: [email is \"else@example.com\"]");
  EXPECT_EQ(reset("cleo@example.com"), Code::PermissionDenied);
}

TEST_F(AccessPlugin, AnInvitationTellsAllItsMistakesAtOnceAndMakesNobody) {
  load();
  host.principal = Json::object({{"kind", "system"}});
  const auto refused =
      plugin.command("invite", Json::object({{"email", "carl@example.com"},
                                             {"name", "Carl"},
                                             {"roles", Json::array({"clint"})},
                                             {"facts", Json::object({{"partners", Json::array({"N1", "N9"})},
                                                                     {"approval_limit", "much"},
                                                                     {"clinet", "x"}})}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidArgument);
  const auto errors = Json::parse(refused.error().details);
  ASSERT_TRUE(errors);
  std::vector<std::string> codes;
  for (const Json& error : errors->items())
    codes.push_back(std::string(error["pointer"].string()) + " " + std::string(error["code"].string()));
  EXPECT_THAT(codes, ::testing::UnorderedElementsAre(
                         "/roles/0 unknown_role", "/facts/partners/1 no_such_record",
                         "/facts/approval_limit invalid_value", "/facts/clinet unknown_fact"));
  const auto of = [&](const char* email, const Json& roles) {
    return plugin.command("invite", Json::object({{"email", email}, {"name", "X"}, {"roles", roles}}));
  };
  EXPECT_EQ(of("carl@example.com", Json::array()).error().code, Code::InvalidArgument) << "no role";
  for (const char* bad :
       {"", "carl", "carl@", "@example.com", "carl@example", "a b@example.com", "a..b@example.com",
        "a@b@example.com", "a@-b.com", "a@b..com", "a@example.com\nBcc: x@y.com"}) {
    EXPECT_EQ(of(bad, Json::array({"client"})).error().code, Code::InvalidArgument) << bad;
  }
  EXPECT_THAT(host.ids("user"), IsEmpty());
  EXPECT_TRUE(of("carl.o'neil+talon@mail.example.com", Json::array({"client"})));
}

TEST_F(AccessPlugin, TheSixthWrongCurrentPasswordWaits) {
  load();
  run("bootstrap",
      Json::object({{"email", "ruth@example.com"}, {"name", "Ruth"}, {"password", "orchid lamp seven"}}));
  host.principal = Json::object({{"kind", "user"},
                                 {"user", id_text("usr", host.ids("user").front())},
                                 {"session", "ses_0000000000001"}});
  const auto change = [&](const char* current) {
    return plugin.command("set_password",
                          Json::object({{"current", current}, {"password", "velvet moon nine"}}));
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(change("wrong").error().code, Code::PermissionDenied);
  EXPECT_EQ(change("orchid lamp seven").error().code, Code::ResourceExhausted);
  EXPECT_TRUE(sign_in("ruth@example.com", "orchid lamp seven")) << "signing in is the host's to slow down";
  host.clock.advance(std::chrono::seconds(2));
  EXPECT_TRUE(change("orchid lamp seven"));
}

TEST_F(AccessPlugin, ARefusedSignInSaysWhyToTheLogAlone) {
  load();
  run("bootstrap",
      Json::object({{"email", "ruth@example.com"}, {"name", "Ruth"}, {"password", "orchid lamp seven"}}));
  const Error wrong = sign_in("ruth@example.com", "wrong").error();
  EXPECT_EQ(wrong.code, Code::Unauthenticated);
  const Json why = *Json::parse(wrong.details);
  EXPECT_EQ(why["why"].string(), "password");
  EXPECT_EQ(why["user"].string(), id_text("usr", host.ids("user").front()));
  const Error french =
      sign_in(Json::object({{"email", "no@example.com"}, {"password", "x"}, {"language", "fr"}})).error();
  EXPECT_EQ(french.message, "l'adresse e-mail et le mot de passe ne correspondent pas");
  EXPECT_THAT(french.details, HasSubstr("no_such_user"));
}

}  // namespace
}  // namespace talon::access
