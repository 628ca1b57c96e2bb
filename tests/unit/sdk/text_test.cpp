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

std::string utf8(char32_t point) {
  const auto part = [&](int bits) { return static_cast<char>(0x80U | ((point >> bits) & 0x3FU)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0U | point >> 6U), part(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0U | point >> 12U), part(6), part(0)};
  return {static_cast<char>(0xF0U | point >> 18U), part(12), part(6), part(0)};
}

TEST(EmailAddress, HasNothingThatNobodySees) {
  for (const auto& [first, last] : std::vector<std::pair<char32_t, char32_t>>{{0xAD, 0xAD},
                                                                              {0x61C, 0x61C},
                                                                              {0x180E, 0x180E},
                                                                              {0x200B, 0x200F},
                                                                              {0x2028, 0x202F},
                                                                              {0x2060, 0x206F},
                                                                              {0xFEFF, 0xFEFF},
                                                                              {0xE0000, 0xE007F},
                                                                              {0x80, 0xA0},
                                                                              {0x2000, 0x200A},
                                                                              {0x3000, 0x3000},
                                                                              {0xFE00, 0xFE0F}}) {
    for (char32_t point = first; point <= last; ++point) {
      for (const std::string& address :
           {"an" + utf8(point) + "n@example.com", utf8(point) + "ann@example.com",
            "ann@exam" + utf8(point) + "ple.com", "ann@example.com" + utf8(point)})
        EXPECT_FALSE(is_email_address(address)) << code_point_name(point);
    }
  }
  EXPECT_EQ(email_address_fault("an\u200Bn@example.com"),
            "is not an e-mail address: it has U+200B as character 3, which nobody sees; leave it out");
  EXPECT_EQ(email_address_fault("a b@example.com"), "is not an e-mail address, as in name@example.com");
  EXPECT_EQ(email_address_fault("a\xFF@example.com"), "is not an e-mail address, as in name@example.com");
  EXPECT_EQ(email_address_fault("zo\u00EB@example.com"), "");
  EXPECT_FALSE(is_email_address("a\xFF@example.com"));
}

TEST(OneLine, IsOfCharactersThatPeopleSee) {
  for (const char* good :
       {"", "Ann O'Neil", "Zo\u00EB \u65E5\u672C", "\u845B\U000E0100", "\U0001F600", "a\u00A0b"})
    EXPECT_EQ(one_line_fault(good), "") << good;
  EXPECT_EQ(one_line_fault("Ann\r\nBcc: x"),
            "has U+000D as character 4, the end of a line: write it as one line of visible characters");
  EXPECT_EQ(one_line_fault("\u00E9\u202Etxt.exe"),
            "has U+202E as character 2, which nobody sees: write it as one line of visible characters");
  for (const char* bad : {"a\tb", "a\x1B[2J", "a\x7F", "a\u0085", "a\u2028", "a\u2029", "a\u00AD", "\uFEFFa",
                          "a\U000E0041", "a\u200D", "a\xC3"})
    EXPECT_NE(one_line_fault(bad), "") << bad;
}

TEST(OneLine, IsMadeOfWhatAnotherSystemSays) {
  EXPECT_EQ(as_one_line("  Ann\r\n\tLee\u2028 \u202EX\x1B\xFF\u200B "), "Ann Lee X");
  EXPECT_EQ(as_one_line("Zo\u00EB Lee"), "Zo\u00EB Lee");
  std::string all;
  for (char32_t point = 0; point < 0x11000; ++point) {
    if (point < 0xD800 || point > 0xDFFF) all += utf8(point);
  }
  EXPECT_EQ(one_line_fault(as_one_line(all)), "");
}

TEST(Text, AnUnknownNameIsToldBackShortAndHarmless) {
  EXPECT_EQ(echoed("approve"), "\"approve\"");
  EXPECT_EQ(echoed("a\nb\u202Ec\xFF"), "\"a\uFFFDb\uFFFDc\uFFFD\"");
  EXPECT_EQ(echoed(std::string(5000, 'x')), "\"" + std::string(57, 'x') + "…\"");
  EXPECT_EQ(echoed(std::string(56, 'x') + "é" + std::string(9, 'y')), "\"" + std::string(56, 'x') + "…\"");
  EXPECT_EQ(one_line_fault(echoed(std::string(100, '\x1B'))), "");
}

TEST(Faults, AMessageAboutAValueNamesItsFieldOnlyWhereItStandsAlone) {
  Faults faults;
  EXPECT_TRUE(faults.outcome());
  faults.add_value("/lines/0/net", "invalid_value", "is required");
  faults.add_value("/day", "invalid_value", "is no day");
  const auto outcome = faults.outcome();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "net: is required");
  EXPECT_EQ(faults.list().items()[0]["message"].string(), "is required");
  EXPECT_EQ(faults.list().items()[1]["message"].string(), "is no day");
  Faults sentences;
  sentences.add("/type", "no_such_type", "there is no record type \"invoce\"");
  sentences.add_value("/day", "invalid_value", "is no day");
  EXPECT_EQ(sentences.message(), "there is no record type \"invoce\"");
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
