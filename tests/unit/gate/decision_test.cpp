/// Plans as the authorizer writes them, read strictly, and what they allow.
#include "host/gate/gate.hpp"
#include "tests/unit/expression/example_model.hpp"

#include <gtest/gtest.h>

namespace talon::gate {
namespace {

constexpr int64_t kToday = 20261121;

class Decide : public ::testing::Test {
 protected:
  Decide() {
    model::RecordType view = expression::testing::record_type("turnover", "turnovers", "");
    view.kind = model::Kind::View;
    view.fields = {expression::testing::field("client", model::FieldType::Ref, "party"),
                   expression::testing::field("count", model::FieldType::Integer)};
    view.view.type = "invoice";
    view.view.columns = {{"client", model::ViewColumn::Function::Key, "client", ""},
                         {"count", model::ViewColumn::Function::Count, "", ""}};
    model_.types.push_back(std::move(view));
  }

  Result<Plan> read(std::string_view json, std::string_view type = "invoice") {
    auto parsed = Json::parse(json);
    EXPECT_TRUE(parsed) << json;
    return read_plan(*parsed, model_, *model_.find(type));
  }
  std::shared_ptr<const Decision> decision(std::string_view json) {
    auto plan = read(json);
    EXPECT_TRUE(plan) << plan.error().message;
    return *Decision::compile(*plan, model_, *model_.find("invoice"));
  }
  static bool allows(const Decision& decision, const std::map<std::string, Value>& values,
                     int* rule = nullptr) {
    std::vector<Cell> cells;
    for (const std::string& slot : decision.slots()) {
      const auto found = values.find(slot);
      cells.push_back(found == values.end() ? Cell() : found->second.cell());
    }
    return decision.allows_row(cells, kToday, rule);
  }

  model::Model model_ = expression::testing::example_model();
};

TEST_F(Decide, DeniesWinAndHoldUnlessTheyAreFalse) {
  const auto made =
      decision(R"({"deny":[{"rule":"eyes","place":"a:1","where":"created_by is usr_0000000000007"}],
    "allow":[{"rule":"one","place":"a:2","where":"state is draft"},
    {"rule":"two","place":"a:3","where":"count > 5"}]})");
  EXPECT_EQ(made->verdict(), Decision::Verdict::Conditional);
  int rule = -5;
  EXPECT_TRUE(allows(*made, {{"created_by", Value(8)}, {"state", Value("draft")}}, &rule));
  EXPECT_EQ(rule, 1);
  EXPECT_TRUE(allows(*made, {{"created_by", Value(8)}, {"count", Value(6)}}, &rule));
  EXPECT_EQ(rule, 2);
  EXPECT_FALSE(allows(*made, {{"created_by", Value(7)}, {"state", Value("draft")}}, &rule));
  EXPECT_EQ(rule, 0);
  EXPECT_FALSE(
      allows(*made, {{"state", Value("draft")}}, &rule));  // an empty created_by keeps the deny in force
  EXPECT_EQ(rule, 0);
  EXPECT_FALSE(allows(*made, {{"created_by", Value(8)}}, &rule));  // an unknown allow does not match
  EXPECT_EQ(rule, -1);
  EXPECT_FALSE(made->allows_row({}, kToday));  // cells that are missing are empty
}

TEST_F(Decide, KnowsWhenTheRecordDoesNotMatter) {
  const auto verdict = [&](std::string_view json) { return decision(json)->verdict(); };
  EXPECT_EQ(verdict(R"({"allow":[{"where":""}]})"), Decision::Verdict::Always);
  EXPECT_EQ(verdict(R"({"allow":[]})"), Decision::Verdict::Never);
  EXPECT_EQ(verdict(R"({})"), Decision::Verdict::Never);
  EXPECT_EQ(verdict(R"j({"allow":[{"where":"not (always)"}]})j"), Decision::Verdict::Never);
  EXPECT_EQ(verdict(R"({"allow":[{"where":""}],"deny":[{"where":""}]})"), Decision::Verdict::Never);
  EXPECT_EQ(verdict(R"j({"allow":[{"where":""}],"deny":[{"where":"not (always)"}]})j"),
            Decision::Verdict::Always);
  EXPECT_EQ(verdict(R"({"allow":[{"where":""}],"deny":[{"where":"count is unknown"}]})"),
            Decision::Verdict::Conditional);
}

TEST_F(Decide, GivesTheLeastLevelOfAFieldAndItsMask) {
  const auto made = decision(R"({"allow":[{"where":""}],"fields":[
    {"field":"number","level":"read_only","where":""},
    {"field":"number","level":"masked","as":"last 2","where":"state is draft"},
    {"field":"lines","level":"hidden","where":"state is issued"}]})");
  const auto level = [&](std::string_view field, const Value& state, const Mask** mask = nullptr) {
    const Cell row[] = {state.cell()};
    return made->level(field, row, kToday, mask);
  };
  const Mask* mask = nullptr;
  EXPECT_EQ(level("number", Value("draft"), &mask), Level::Masked);
  ASSERT_NE(mask, nullptr);
  EXPECT_EQ(mask->count, 2);
  EXPECT_EQ(level("number", Value("issued"), &mask), Level::ReadOnly);
  EXPECT_EQ(mask, nullptr);
  EXPECT_EQ(level("number", Value()), Level::Masked);  // holds unless false
  EXPECT_EQ(level("lines.amount", Value("issued")), Level::Hidden);
  EXPECT_EQ(level("lines.amount", Value("draft")), Level::Edit);
  EXPECT_EQ(made->static_level("number"), Level::Masked);
  EXPECT_EQ(made->static_level("lines.amount"), Level::Hidden);
  EXPECT_EQ(made->static_level("note"), Level::Edit);
  EXPECT_TRUE(made->is_level_conditional("number"));
  EXPECT_FALSE(made->is_level_conditional("note"));
}

TEST_F(Decide, RefusesAPlanThatItDoesNotUnderstandWholly) {
  for (const std::string_view json :
       {R"([])", R"({"allow":{}})", R"({"deny":"x"})", R"({"allow":[{}]})", R"({"allow":[{"where":null}]})",
        R"({"allow":[{"where":"nothing here"}]})", R"({"allow":[{"where":"colour is red"}]})",
        R"({"allow":[{"where":"created_by is user"}]})", R"({"allow":[{"where":"client in user.partners"}]})",
        R"({"allow":[{"where":"user has role x"}]})", R"({"allow":[{"where":"is locked"}]})",
        R"({"fields":[{"field":"colour","level":"hidden","where":""}]})",
        R"({"fields":[{"field":"lines.colour","level":"hidden","where":""}]})",
        R"({"fields":[{"field":"number","level":"invisible","where":""}]})",
        R"({"fields":[{"field":"number","level":"masked","as":"half","where":""}]})",
        R"({"fields":[{"field":"number","level":"hidden"}]})", R"({"columns":["colour"]})",
        R"({"columns":"net"})"}) {
    auto plan = read(json);
    ASSERT_FALSE(plan) << json;
    EXPECT_EQ(plan.error().code, Code::Internal) << json;
  }
}

TEST_F(Decide, LetsAViewsRulesNameGroupKeysOnly) {
  EXPECT_TRUE(read(R"({"allow":[{"where":"client.country is FR"}],"columns":["client"]})", "turnover"));
  EXPECT_FALSE(read(R"({"allow":[{"where":"count > 5"}]})", "turnover"));
}

TEST_F(Decide, TakesAFactThatIsNoChoiceOfTheField) {
  EXPECT_TRUE(read(R"({"allow":[{"where":"state is \"elsewhere\""}]})"));
}

}  // namespace
}  // namespace talon::gate
