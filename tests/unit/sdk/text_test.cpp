/// Texts at the border: what stands for what cannot stay, literals, addresses of this machine, groups and
/// roles.
#include <talon/expression/parse.hpp>
#include <talon/loopback.hpp>
#include <talon/sign_in_rules.hpp>
#include <talon/text.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Text, HarmlessReplacesByteByByteAndCutsOnACharacter) {
  EXPECT_EQ(harmless("plain é\ttext"), "plain é\ttext");
  EXPECT_EQ(harmless("a\xC3(b\x01\xC2\x85"
                     "c"),
            "a\xEF\xBF\xBD(b\xEF\xBF\xBD\xEF\xBF\xBD"
            "c");
  EXPECT_EQ(harmless("ééé", 6), "ééé");
  EXPECT_EQ(harmless("éééé", 6), "é…");
  EXPECT_TRUE(is_plain(harmless(std::string(300, '\xFF'), 100)));
}

TEST(Text, LowerCaseTouchesAToZAlone) {
  EXPECT_EQ(lower_case("Ann@TALON.Test-Éß[Z]"), "ann@talon.test-Éß[z]");
}

TEST(Text, ALiteralReadsBackAsTheSameText) {
  for (const std::string text :
       {"", "plain", "a \"b\" \\ c", "\\", "\"", "a\nb\tc", "é — \" and x is y", "["}) {
    const auto condition = expression::parse("name is " + text_literal(text));
    ASSERT_TRUE(condition) << text << ": " << condition.error().message;
    const auto again = expression::parse(expression::print(*condition));
    ASSERT_TRUE(again) << text;
    EXPECT_THAT(expression::print(*again), expression::print(*condition));
  }
  EXPECT_EQ(text_literal("a\"b\\c\nd"), "\"a\\\"b\\\\c\nd\"");
}

TEST(Loopback, IsThisMachineAndNothingThatLooksLikeIt) {
  for (const char* host : {"localhost", "::1", "127.0.0.1", "127.255.0.9"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const char* host :
       {"", "127.", "127.0.0", "127.0.0.1.", "127.0.0.1.evil.test", "127.evil.test", "127.0.0.256",
        "127.0.0.1000", "127..0.1", "localhost.evil.test", "0.0.0.0", "[::1]"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
  for (const char* url : {"http://localhost", "ldap://localhost:389", "http://127.0.0.1:80/a@b",
                          "http://[::1]:8080?x", "ldap://[::1]", "http://localhost#a"}) {
    EXPECT_TRUE(is_loopback_url(url)) << url;
  }
  for (const char* url :
       {"", "localhost", "://", "http://", "http://localhost@evil.test", "ldap://localhost:389@evil.test",
        "http://localhost:80@evil.test/", "http://[::1]@evil.test", "http://[::1]evil.test", "http://[::1",
        "http://localhost:80evil", "http://localhost:", "http://::1", "http://127.0.0.1.evil.test",
        "http://127.evil.test", "http://evil.test/://localhost", "http://evil.test?localhost",
        "http://localhost\\@evil.test", "http://localhost evil.test"}) {
    EXPECT_FALSE(is_loopback_url(url)) << url;
  }
}

TEST(EmailAddress, IsOneThatALetterCanGoTo) {
  const std::string longest = std::string(64, 'a') + "@" + std::string(63, 'b') + ".fr";
  for (const std::string& good :
       {std::string("ann@example.com"), std::string("a.b+c@mail.example.co.uk"),
        std::string("usr_1@removed.invalid"), std::string("zo\xC3\xAB@ex\xC3\xA9.fr"), longest,
        std::string("o'neil@x-y.ie")})
    EXPECT_TRUE(is_email_address(good)) << good;
  for (const std::string& bad : {std::string(),
                                 std::string("@"),
                                 std::string("ann"),
                                 std::string("ann@"),
                                 std::string("@example.com"),
                                 std::string("ann@localhost"),
                                 std::string("ann@example..com"),
                                 std::string("ann@.com"),
                                 std::string("ann@example.com."),
                                 std::string(".ann@example.com"),
                                 std::string("ann.@example.com"),
                                 std::string("a b@example.com"),
                                 std::string("ann@-x.com"),
                                 std::string("ann@x-.com"),
                                 std::string("ann@x.-y"),
                                 std::string("a@b@example.com"),
                                 std::string("Ann <ann@example.com>"),
                                 std::string("ann@example.com\r\nBcc: x@y.z"),
                                 "a" + longest,
                                 std::string(250, 'a') + "@b.fr",
                                 "a@" + std::string(250, 'b') + ".fr"})
    EXPECT_FALSE(is_email_address(bad)) << bad;
}

TEST(SignInRules, PairsOfGroupAndRoleAreReadAndEveryMistakeIsNamed) {
  SettingsFaults none("ldap");
  const SignInRules rules = read_sign_in_rules(
      Json::object(
          {{"roles", Json::array({"billing -> accountant", "cn=a -> b -> sales", "staff -> accountant"})},
           {"link", "invited"},
           {"makes_people", true},
           {"roles_days", 30},
           {"session_minutes", 480},
           {"renew_seconds", 900}}),
      none);
  EXPECT_TRUE(none.outcome());
  EXPECT_THAT(rules.roles, ElementsAre(Pair("billing", "accountant"), Pair("cn=a -> b", "sales"),
                                       Pair("staff", "accountant")));
  EXPECT_EQ(rules.link, "invited");
  EXPECT_TRUE(rules.makes_people);
  EXPECT_EQ(rules.roles_days, 30);
  EXPECT_EQ(rules.session_s, 28800);
  EXPECT_EQ(rules.renew_s, 900);
  EXPECT_EQ(roles_of_groups(rules, {"staff", "cn=a -> b", "billing"}).to_string(),
            R"(["accountant","sales"])");
  EXPECT_EQ(roles_of_groups(rules, {"cn=a"}).to_string(), "[]");

  SettingsFaults faults("oidc");
  faults.add("issuer", "missing");
  read_sign_in_rules(Json::object({{"roles", Json::array({" -> x", "a -> ", "a->b"})}}), faults);
  const auto outcome = faults.outcome();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::FailedPrecondition);
  EXPECT_THAT(outcome.error().message,
              HasSubstr("config/talon.yaml, plugins.settings.oidc.issuer: missing; plugins."));
  EXPECT_THAT(outcome.error().message, HasSubstr("oidc.roles: entry 3, \"a->b\": write GROUP -> ROLE"));
}

}  // namespace
}  // namespace talon
