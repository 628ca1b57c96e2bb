/// Reading and printing conditions.
#include <talon/expression/parse.hpp>

#include <gtest/gtest.h>

namespace talon::expression {
namespace {

std::string message_of(std::string_view text) {
  auto parsed = parse(text);
  return parsed ? "parsed: " + print(*parsed) : parsed.error().message;
}

TEST(Parse, PrintsWhatItRead) {
  for (const std::string_view text : {"state is draft",
                                      "state is not draft",
                                      "net > 100 EUR and (state is issued or client.country in [FR, BE])",
                                      "not (state is draft)",
                                      "none of (a is 1, b < 2)",
                                      "due before today",
                                      "due within last 30 days",
                                      "due <= today + 3 days",
                                      "due = today - 1 days",
                                      "name is \"Nordic \\\"Oil\\\" \\\\ Co\"",
                                      "name is \"\"",
                                      "client in user.partners",
                                      "created_by is user",
                                      "is locked",
                                      "is not locked",
                                      "user has role chief",
                                      "user has not role chief",
                                      "user is user",
                                      "user.language is fr",
                                      "count is unknown",
                                      "count not in unknown",
                                      "net in [5 EUR, 7 EUR]",
                                      "name starts with \"a b\"",
                                      "name contains é",
                                      "a is empty or b is not empty",
                                      "count >= -5"}) {
    auto parsed = parse(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    std::string printed = print(*parsed);
    auto again = parse(printed);
    ASSERT_TRUE(again) << printed;
    EXPECT_EQ(print(*again), printed) << text;
  }
  EXPECT_EQ(print(*parse("a=1 and b!=2 or c>3")), "(a is 1 and b is not 2) or c > 3");
  EXPECT_EQ(print(*parse("due after today")), "due after today");
  EXPECT_EQ(print(*parse("due before 2026-01-01")), "due < 2026-01-01");
  EXPECT_EQ(print(*parse("  ")), "");
  EXPECT_EQ(print(*parse("always")), "");
  EXPECT_EQ(print(*parse("a is 1 and always")), "a is 1 and always");
}

TEST(Parse, KeepsTextsThatLookLikeWordsOfTheLanguage) {
  for (const std::string_view word :
       {"user", "today", "unknown", "empty", "not", "and", "user.name", "+5", "a,b"}) {
    const std::string text = "name is \"" + std::string(word) + "\"";
    auto parsed = parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->operand.kind, Operand::Kind::Literal) << text;
    EXPECT_EQ(parsed->operand.text, word);
    EXPECT_EQ(print(*parsed), text);
  }
}

TEST(Parse, SaysWhereAMistakeIs) {
  auto parsed = parse_line("amount =< user.approval_limit", {25, 15});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message,
            "cannot read \"amount =< user.approval_limit\". A condition is: field, comparison, value, as in "
            "\"state is draft\"");
  EXPECT_NE(parsed.error().details.find("\"line\":25,\"column\":15"), std::string::npos)
      << parsed.error().details;
  auto second = parse("état is a and\n  b is 1 c", {7, 3});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().details.find("\"line\":7,\"column\":3"), std::string::npos)
      << second.error().details;
  auto third = parse("a is \"é\" and\n  b is 1 c", {7, 3});
  ASSERT_FALSE(third);
  EXPECT_NE(third.error().details.find("\"line\":8,\"column\":10"), std::string::npos)
      << third.error().details;
}

TEST(Parse, RefusesWhatItCannotMean) {
  for (const std::string_view text : {"state",
                                      "state is",
                                      "state is draft or",
                                      "(a is 1",
                                      "a is 1)",
                                      "a in []",
                                      "a in [1",
                                      "a in b",
                                      "a is [1]",
                                      "a within last days",
                                      "a within last -1 days",
                                      "a within last 99999999999 days",
                                      "a < today + 1 week",
                                      "and is 1",
                                      "a is and",
                                      "\"a\" is 1",
                                      "a..b is 1",
                                      ".a is 1",
                                      "is",
                                      "user has role",
                                      "user has role not x",
                                      "not a is 1",
                                      "none of a is 1",
                                      "a is \"open",
                                      "a is \"\\n\"",
                                      "a is 1, b is 2",
                                      "a is user.x.y",
                                      "5 < 6",
                                      "a like 'x'",
                                      "a is 1; drop table x"}) {
    EXPECT_FALSE(parse(text)) << text << " → " << message_of(text);
  }
  EXPECT_FALSE(parse_line(""));
  EXPECT_FALSE(parse_line("a is 1 and b is 2"));
}

TEST(Parse, SurvivesHostileText) {
  EXPECT_FALSE(parse(std::string(100000, '(')));
  EXPECT_FALSE(parse("a is \xff"));
  EXPECT_FALSE(parse("a is \"\xc0\xaf\""));
  EXPECT_FALSE(parse("a is \xed\xa0\x80"));
  EXPECT_FALSE(parse(std::string_view("a is \"\0\"", 8)));
  EXPECT_FALSE(parse(std::string(std::size_t{2} << 20U, 'a')));
  std::string nested = "a is 1";
  for (int i = 0; i < 32; ++i) nested = "not (" + nested + ")";
  EXPECT_TRUE(parse(nested));
  EXPECT_FALSE(parse("not (" + nested + ")"));
  std::string list = "a in [1";
  for (int i = 0; i < 50000; ++i) list += ", 1";
  EXPECT_TRUE(parse(list + "]"));
  std::string many = "a is 1";
  for (int i = 0; i < 2000; ++i) many += " or a is 1";
  EXPECT_FALSE(parse(many));
}

}  // namespace
}  // namespace talon::expression
