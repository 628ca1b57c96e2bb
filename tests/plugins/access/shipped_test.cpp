/// The shipped policies (config/policies): no mistakes, every role is tested, and the tests notice what is
/// taken away.
#include "plugins/access/rights_pages.hpp"
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace talon::access {
namespace {

TEST(Shipped, HasNoMistakeAndItsTestsPass) {
  TestReport report;
  Mistakes mistakes;
  const auto set =
      *Authority::prepare(write_documents(shipped_documents()), *shipped_model(), mistakes, &report);
  EXPECT_THAT(lines_of(mistakes), ::testing::IsEmpty());
  EXPECT_GE(report.assertions, 300);
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Shipped, ThePublishedPagesOfRightsAreThoseOfTheFiles) {
  const std::filesystem::path folder = std::string(TALON_SOURCE_DIR) + "/config/policies/rights";
  std::set<std::string> made;
  for (const RightsPage& page : rights_pages(*prepared(shipped_documents(), *shipped_model()))) {
    made.insert(page.file);
    if (std::getenv("TALON_GOLDEN_UPDATE") != nullptr) std::ofstream(folder / page.file) << page.text;
    EXPECT_TRUE(text_of(folder / page.file) == page.text)
        << page.file << ": look at what changed, then `talon policy table --out config/policies/rights`";
  }
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    EXPECT_TRUE(made.contains(file.path().filename().string())) << file.path() << " is no role's page";
  }
}

TEST(Shipped, EveryRoleSaysWhoHoldsItInBothLanguages) {
  const auto set = prepared(shipped_documents(), *shipped_model());
  for (const auto& [name, role] : set->source.roles) {
    EXPECT_TRUE(role.description.contains("en") && role.description.contains("fr")) << name;
  }
}

/// What the tests files say about one role.
struct Tested {
  bool is_allowed = false;
  bool is_refused = false;
  bool is_kept_from_others = false;  ///< a list that gives some of the file's records and leaves some out
  bool has_fields = false;
};

std::map<std::string, Tested> tested_roles(const CompiledSet& set) {
  std::map<std::string, Tested> roles;
  for (const TestFile& file : set.source.tests) {
    std::map<std::string, std::size_t> records;
    for (const TestRecord& record : file.records) ++records[record.type.text];
    for (const TestCase& test : file.tests) {
      const auto user = file.users.find(test.as.text);
      if (user == file.users.end()) continue;
      for (const Word& role : user->second.roles) {
        Tested& tested = roles[role.text];
        tested.is_allowed |= !test.can.empty() || !test.gives.empty();
        tested.is_refused |= !test.cannot.empty();
        tested.is_kept_from_others |= test.has_gives && test.gives.size() < records[test.list.text];
        tested.has_fields |= test.has_sees || test.has_columns || !test.hidden.empty() ||
                             !test.masked.empty() || !test.locked.empty();
      }
    }
  }
  return roles;
}

TEST(Shipped, EveryRoleIsTestedAllowedRefusedOnOthersRowsAndByField) {
  const auto set = prepared(shipped_documents(), *shipped_model());
  const auto tested = tested_roles(*set);
  for (const char* role : {"admin", "accountant", "sales", "front_office", "viewer", "auditor", "time_only",
                           "client", "supplier", "partner", "franchisor", "connector"}) {
    EXPECT_GE(set->roles.find(role), 0) << role;
  }
  for (const auto& [name, role] : set->source.roles) {
    const auto found = tested.find(name);
    ASSERT_NE(found, tested.end()) << name << " stands in no test";
    EXPECT_TRUE(found->second.is_allowed) << name << " is given nothing by any test";
    EXPECT_TRUE(found->second.is_refused) << name << " is refused nothing by any test";
    EXPECT_TRUE(found->second.is_kept_from_others) << name << ": no list test leaves rows out";
    EXPECT_TRUE(found->second.has_fields) << name << ": no test names its fields";
  }
}

}  // namespace
}  // namespace talon::access
