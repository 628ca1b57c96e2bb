/// Columns that only some rules give, where their conditions together are more than a plan can hold.
#include "tests/plugins/access/support.hpp"

#include <talon/expression/parse.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Two rules of many comparisons that give `net`, and one for everybody that does not.
std::vector<Document> column_rules(const std::string& first, const std::string& second) {
  std::string many;
  for (int i = 0; i < 1200; ++i) many += (i > 0 ? ", currency is A" : "currency is A") + std::to_string(i);
  many = ", columns: [partner, net], when: [{any: [" + many + "]}]}\n";
  return example_with({{"rules/v.yaml",
                        "outlet_turnover:\n"
                        "  rules:\n"
                        "    - {allow: view, to: " +
                            first + many + "    - {allow: view, to: " + second + many +
                            "    - {allow: view, to: everyone, columns: [partner]}\n"}});
}

TEST(ColumnsTogether, OfOneRoleFitInAPlanOrAreAMistake) {
  EXPECT_THAT(mistakes_of(column_rules("sales", "sales"), *example_model()),
              ElementsAre(AllOf(
                  HasSubstr("rules/v.yaml:4:8: of whoever is sales, the rules that give \"net\" "
                            "of outlet_turnover say too much together"),
                  HasSubstr("too many comparisons"), HasSubstr("name the same columns in all of them"))));
  EXPECT_THAT(mistakes_of(column_rules("accountant", "viewer"), *example_model()),
              ElementsAre(HasSubstr("rules/v.yaml:4:8: of whoever is accountant")))
      << "accountant includes viewer";
  EXPECT_THAT(mistakes_of(column_rules("sales", "franchisor"), *example_model()), IsEmpty())
      << "nobody need hold both";
}

TEST(ColumnsTogether, OfSeveralRolesStayHiddenRatherThanCloseTheType) {
  const auto set = prepared(column_rules("sales", "franchisor"), *example_model());
  const Date day = *Date::of(2026, 12, 10);
  const auto net_of = [&](const std::vector<std::string>& roles) {
    Person person;
    person.id = 7;
    person.is_active = true;
    for (const std::string& role : roles) person.roles.push_back({role, {}});
    const Plan plan = make_plan(*set, make_subject(*set, person, day, {}), "view", "outlet_turnover", day);
    const auto json = Json::parse(plan_json(*set, plan, 0));
    EXPECT_FALSE((*json)["fields"].items().empty());
    for (const Json& field : (*json)["fields"].items())
      EXPECT_TRUE(expression::parse(field["where"].string())) << field["field"].string();
    const auto row = [](std::string_view path) { return path == "currency" ? Value("A7") : Value(); };
    return level_of(plan, "net", row, day.packed());
  };
  EXPECT_EQ(net_of({"sales"}), Level::Edit);
  EXPECT_EQ(net_of({"franchisor"}), Level::Edit);
  EXPECT_EQ(net_of({"sales", "franchisor"}), Level::Hidden);
}

}  // namespace
}  // namespace talon::access
