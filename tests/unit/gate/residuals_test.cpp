/// Residuals, many of which are packed: what comes out is what went in, and a decision tells all its denies.
#include "host/gate/residuals.hpp"

#include "host/gate/gate.hpp"
#include "tests/unit/expression/example_model.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace talon::gate {
namespace {

using expression::Expression;

const model::Model& example() {
  static const model::Model kModel = expression::testing::example_model();
  return kModel;
}

Expression checked(const std::string& text) {
  auto parsed = expression::parse(text);
  EXPECT_TRUE(parsed) << text;
  expression::Scope scope;
  scope.model = &example();
  scope.type = example().find("invoice");
  scope.is_folded = true;
  const Mistakes mistakes = expression::check(*parsed, scope, "test");
  EXPECT_TRUE(mistakes.empty()) << text << ": " << (mistakes.empty() ? "" : mistakes.front().message);
  return *std::move(parsed);
}

/// All that evaluation, SQL and printing go by.
void expect_same(const Expression& a, const Expression& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.path, b.path);
  EXPECT_EQ(a.is_negated, b.is_negated);
  EXPECT_EQ(a.op, b.op);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.scale, b.scale);
  EXPECT_EQ(a.prefix, b.prefix);
  EXPECT_EQ(a.currency_path, b.currency_path);
  EXPECT_EQ(a.operand.kind, b.operand.kind);
  EXPECT_EQ(a.operand.text, b.operand.text);
  EXPECT_EQ(a.operand.is_quoted, b.operand.is_quoted);
  EXPECT_EQ(a.operand.texts, b.operand.texts);
  EXPECT_EQ(a.operand.currency, b.operand.currency);
  EXPECT_EQ(a.operand.days, b.operand.days);
  EXPECT_EQ(a.operand.values, b.operand.values);
  EXPECT_EQ(a.operand.is_day, b.operand.is_day);
  EXPECT_EQ(a.operand.currency_path, b.operand.currency_path);
  ASSERT_EQ(a.children.size(), b.children.size());
  for (std::size_t i = 0; i < a.children.size(); ++i) expect_same(a.children[i], b.children[i]);
}

TEST(Residuals, GiveBackWhatWentInHoweverManyTheyAre) {
  std::vector<Residual> residuals;
  for (const char* text :
       {"", "net > 50000 EUR", "created_by is usr_0000000000002",
        "state in [draft, approved] or state is empty", "not (net <= -1 EUR and partner is not empty)",
        "client.access is on", "net is unknown", "none of (state is draft, state is issued)",
        "state is \"draft\""}) {
    Residual residual;
    residual.rule = "rule-" + std::to_string(residuals.size());
    residual.place = "rules/é.yaml:" + std::to_string(residuals.size());
    if (*text != '\0') residual.where = checked(text);
    residuals.push_back(std::move(residual));
  }
  residuals.back().where.operand.values = {Value(INT64_MIN), Value(),
                                           Value(Value::Bytes{std::string("\0x", 2)}), Value(-1),
                                           Value(std::string(300, 'x'))};
  residuals.back().where.operand.days = -400;
  for (const std::size_t count : {1U, 9U, 63U, 64U, 65U, 300U}) {
    Residuals kept;
    for (std::size_t i = 0; i < count; ++i) kept.add(residuals[i % residuals.size()]);
    kept.shrink_to_fit();
    ASSERT_EQ(kept.size(), count);
    ASSERT_EQ(kept.all().size(), count);
    for (std::size_t i = count; i-- > 0;) {
      kept.with(i, [&](const Residual& back) {
        EXPECT_EQ(back.rule, residuals[i % residuals.size()].rule);
        EXPECT_EQ(back.place, residuals[i % residuals.size()].place);
        expect_same(back.where, residuals[i % residuals.size()].where);
      });
    }
  }
}

TEST(Residuals, TellWhetherOneAlwaysOrNoneEverHolds) {
  Expression never;
  never.kind = Expression::Kind::None;
  never.children.emplace_back();
  for (const int count : {1, 100}) {
    Residuals dead;
    for (int i = 0; i < count; ++i) dead.add({.rule = "r", .place = "p", .where = never});
    EXPECT_TRUE(dead.are_all_never());
    EXPECT_FALSE(dead.has_always());
    dead.add({.rule = "r", .place = "p", .where = checked("state is draft")});
    EXPECT_FALSE(dead.are_all_never());
    EXPECT_FALSE(dead.has_always());
    dead.add({.rule = "r", .place = "p", .where = {}});
    EXPECT_FALSE(dead.are_all_never());
    EXPECT_TRUE(dead.has_always());
  }
}

TEST(Residuals, OfADecisionAreThoseOfItsPlan) {
  for (const int64_t count : {3, 20, 100}) {
    Plan plan;
    for (int64_t i = 0; i < count; ++i) {
      Residual deny;
      deny.rule = "deny-" + std::to_string(i);
      deny.where = checked("net > " + std::to_string(i + 1) + " EUR");
      plan.denies.add(std::move(deny));
    }
    plan.allows.emplace_back();
    const std::vector<Residual> same = plan.denies.all();
    const auto decision = Decision::compile(std::move(plan), example(), *example().find("invoice"));
    ASSERT_TRUE(decision);
    const std::vector<Residual> denies = (*decision)->denies().all();
    ASSERT_EQ(denies.size(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < denies.size(); ++i) {
      EXPECT_EQ(denies[i].rule, same[i].rule);
      EXPECT_EQ(expression::print(denies[i].where), expression::print(same[i].where));
    }
  }
}

}  // namespace
}  // namespace talon::gate
