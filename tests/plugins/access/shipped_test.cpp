/// The shipped policies (config/policies): no mistakes, every role is tested, and the tests notice what is
/// taken away.
#include "plugins/access/rights_table.hpp"
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

namespace talon::access {
namespace {

TEST(Shipped, HasNoMistakeAndItsTestsPass) {
  TestReport report;
  Mistakes mistakes;
  const auto set = Authority::prepare(shipped_documents(), *shipped_model(), mistakes, &report);
  EXPECT_THAT(lines_of(mistakes), testing::IsEmpty());
  EXPECT_GE(report.assertions, 300);
}

TEST(Shipped, ThePublishedTableOfRightsIsThatOfTheFiles) {
  const std::string file = std::string(TALON_SOURCE_DIR) + "/config/policies/RIGHTS.md";
  const std::string made =
      "# What each role may do\n\nMade from the rules by `talon policy table`; a test compares them.\n" +
      rights_table(*prepared(shipped_documents(), *shipped_model()));
  if (std::getenv("TALON_GOLDEN_UPDATE") != nullptr) std::ofstream(file) << made;
  std::ifstream in(file);
  const std::string written{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_EQ(written, made) << "look at what changed, then TALON_GOLDEN_UPDATE=1";
}

TEST(Shipped, TheTwelveRolesAreThereAndEachIsTested) {
  const auto set = prepared(shipped_documents(), *shipped_model());
  std::set<std::string> tested;
  for (const TestFile& file : set->source.tests) {
    for (const TestCase& test : file.tests) {
      const auto user = file.users.find(test.as.text);
      if (user == file.users.end() || (test.can.empty() && test.gives.empty())) continue;
      for (const Word& role : user->second.roles) tested.insert(role.text);
    }
  }
  for (const char* role : {"admin", "accountant", "sales", "front_office", "viewer", "auditor", "time_only",
                           "client", "supplier", "partner", "franchisor", "connector"}) {
    EXPECT_GE(set->roles.find(role), 0) << role;
    EXPECT_TRUE(tested.contains(role)) << role << " is given nothing by any test";
  }
}

}  // namespace
}  // namespace talon::access
