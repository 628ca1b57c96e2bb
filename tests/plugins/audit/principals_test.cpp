/// Conditions that name principals: which names are judged, how many, and what it costs.
#include "tests/plugins/audit/audit_fixture.hpp"

#include <gmock/gmock.h>

namespace audit_tests {
namespace {

using Principals = AuditTest;

TEST_F(Principals, AConditionMayNameWhomTheLogDoesNotKnowWhereItLeavesThemOut) {
  add_change("plugin:mail");
  seal();
  const auto is_taken = [&](const std::string& where) {
    return static_cast<bool>(plugin.command("log", Json::object({{"where", where}})));
  };
  EXPECT_TRUE(is_taken("not (principal is \"nobody\")"));
  EXPECT_TRUE(is_taken("kind is change and not (on_behalf_of in [\"nobody\"] or kind is read)"));
  EXPECT_TRUE(is_taken("not (not (principal is \"plugin:mail\"))"));
  EXPECT_FALSE(is_taken("not (not (principal is \"nobody\"))"));
  EXPECT_FALSE(is_taken("not (principal is not \"nobody\")")) << "nobody's entries alone";
  EXPECT_FALSE(is_taken("not (principal not in [\"nobody\"] or kind is read)"));
}

/// Each name is a question about the whole log: nobody makes the log ask thousands.
TEST_F(Principals, AConditionAsksAboutFewNamesAndEachOnce) {
  const auto list = [](int count, int distinct) {
    std::string names;
    for (int i = 0; i < count; ++i)
      names += (i > 0 ? ", \"plugin:p" : "\"plugin:p") + std::to_string(i % distinct) + "\"";
    return "principal in [" + names + "] or on_behalf_of in [" + names + "]";
  };
  for (int i = 0; i < 100; ++i) add_change("plugin:p" + std::to_string(i));
  seal();
  const auto message = [&](const std::string& where) {
    const Result<std::string> log = plugin.command("log", Json::object({{"where", where}}));
    return log ? std::string("taken") : log.error().message;
  };
  const auto calls = [&](const std::string& where) {
    for (int64_t n = 1;; ++n) {
      host.before_nth(n, [] {});
      EXPECT_EQ(message(where), "taken");
      if (!host.has_come()) return n - 1;
    }
  };
  EXPECT_EQ(calls(list(30, 3)), calls(list(3, 3)));
  EXPECT_EQ(message(list(100, 100)), "taken");
  using ::testing::HasSubstr;
  // What is too much is refused before anything is asked.
  const std::string much(20'000, 'x');
  for (const auto& [where, remedy] :
       {std::pair(list(101, 101), "names 101 principals"), std::pair(list(900, 1), "longer than 16384"),
        std::pair("principal is \"" + much + "\"", "longer than 16384")}) {
    host.fail_nth(1);
    EXPECT_THAT(message(where), HasSubstr(remedy));
    EXPECT_FALSE(host.has_failed()) << remedy;
  }
  host.fail_nth(0);
}

}  // namespace
}  // namespace audit_tests
