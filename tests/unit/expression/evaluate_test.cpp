/// Conditions on rows in memory.
#include "tests/unit/expression/example_model.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/evaluate.hpp>
#include <talon/expression/parse.hpp>

#include <gtest/gtest.h>

#include <map>

namespace talon::expression {
namespace {

constexpr int64_t kToday = 20261121;

using Values = std::map<std::string, Value>;

Truth evaluate(std::string_view text, const Values& values) {
  static const model::Model kModel = testing::example_model();
  Scope scope;
  scope.model = &kModel;
  scope.type = kModel.find("invoice");
  Expression expression = *parse(text);
  const Mistakes mistakes = check(expression, scope, "x");
  EXPECT_TRUE(mistakes.empty()) << text << ": " << mistakes.front().message;
  std::vector<std::string> slots;
  const Program program = Program::compile(expression, slots);
  std::vector<Cell> row;
  for (const std::string& slot : slots) {
    const auto found = values.find(slot);
    row.push_back(found == values.end() ? Cell() : found->second.cell());
  }
  return program.evaluate(row, kToday);
}

constexpr Truth T = Truth::True;
constexpr Truth F = Truth::False;
constexpr Truth U = Truth::Unknown;

TEST(Evaluate, FollowsTheTruthTables) {
  const std::map<Truth, std::string> words = {{T, "count is 1"}, {F, "count is 2"}, {U, "wanted is 1"}};
  const Values row = {{"count", Value(1)}};
  const auto both = [&](Truth a, std::string_view join, Truth b) {
    return evaluate(words.at(a) + std::string(join) + words.at(b), row);
  };
  for (const Truth a : {T, F, U}) {
    EXPECT_EQ(evaluate("not (" + words.at(a) + ")", row), negate(a));
    for (const Truth b : {T, F, U}) {
      const Truth all = a == F || b == F ? F : a == U || b == U ? U : T;
      const Truth any = a == T || b == T ? T : a == U || b == U ? U : F;
      EXPECT_EQ(both(a, " and ", b), all);
      EXPECT_EQ(both(a, " or ", b), any);
      EXPECT_EQ(evaluate("none of (" + words.at(a) + ", " + words.at(b) + ")", row), negate(any));
    }
  }
  EXPECT_EQ(evaluate("", row), T);
  EXPECT_EQ(evaluate("not (always)", row), F);
  EXPECT_EQ(evaluate("count is unknown", row), U);
}

TEST(Evaluate, TreatsAnEmptyFieldAsUnknownButForIsEmpty) {
  for (const std::string_view text :
       {"count is 1", "count is not 1", "count < 1", "count in [1, 2]", "count not in [1, 2]",
        "number starts with \"\"", "number contains a", "due before today", "due within last 3 days",
        "net > 1 EUR", "count is wanted", "client.country is FR", "is_open is off"}) {
    EXPECT_EQ(evaluate(text, {}), U) << text;
  }
  EXPECT_EQ(evaluate("count is empty", {}), T);
  EXPECT_EQ(evaluate("count is not empty", {}), F);
  EXPECT_EQ(evaluate("number is empty", {{"number", Value("")}}), F);
}

TEST(Evaluate, ComparesAmountsOfOneCurrencyOnly) {
  const Values row = {{"net", Value(500100)}, {"currency", Value("EUR")}};
  EXPECT_EQ(evaluate("net > 5000 EUR", row), T);
  EXPECT_EQ(evaluate("net > 5001 EUR", row), F);
  EXPECT_EQ(evaluate("net > 5000 USD", row), U);
  EXPECT_EQ(evaluate("net not in [1 USD]", row), U);
  EXPECT_EQ(evaluate("net in [5001 EUR, 1 EUR]", row), T);
  EXPECT_EQ(evaluate("net > 5000 EUR", {{"net", Value(500100)}}), U);
  EXPECT_EQ(evaluate("net <= gross", {{"net", Value(1)}, {"gross", Value(2)}}), T);
  EXPECT_EQ(evaluate("net <= limit", {{"net", Value(1)}, {"limit", Value(2)}, {"currency", Value("EUR")}}),
            U);
  EXPECT_EQ(evaluate("net <= limit", {{"net", Value(1)},
                                      {"limit", Value(2)},
                                      {"currency", Value("EUR")},
                                      {"limit_currency", Value("EUR")}}),
            T);
  EXPECT_EQ(evaluate("net <= limit", {{"net", Value(1)},
                                      {"limit", Value(2)},
                                      {"currency", Value("EUR")},
                                      {"limit_currency", Value("USD")}}),
            U);
}

TEST(Evaluate, ReadsDaysAndTimes) {
  const auto due = [](std::string_view text, int64_t day) { return evaluate(text, {{"due", Value(day)}}); };
  EXPECT_EQ(due("due before today", 20261120), T);
  EXPECT_EQ(due("due before today", kToday), F);
  EXPECT_EQ(due("due after today", 20261122), T);
  EXPECT_EQ(due("due within last 21 days", 20261031), T);
  EXPECT_EQ(due("due within last 20 days", 20261031), F);
  EXPECT_EQ(due("due within last 20 days", 20261122), F);
  EXPECT_EQ(due("due within last 0 days", kToday), T);
  EXPECT_EQ(due("due is today + 10 days", 20261201), T);
  EXPECT_EQ(due("due >= today - 365 days", 20251121), T);
  const int64_t noon = Timestamp::parse("2026-11-21T12:00:00Z")->us();
  const auto seen = [&](std::string_view text) { return evaluate(text, {{"seen", Value(noon)}}); };
  EXPECT_EQ(seen("seen is 2026-11-21"), T);
  EXPECT_EQ(seen("seen is today"), T);
  EXPECT_EQ(seen("seen <= today"), T);
  EXPECT_EQ(seen("seen < today"), F);
  EXPECT_EQ(seen("seen > today - 1 days"), T);
  EXPECT_EQ(seen("seen within last 0 days"), T);
  EXPECT_EQ(seen("seen is 2026-11-21T12:00:00Z"), T);
  EXPECT_EQ(seen("seen > 2026-11-21T12:00:00Z"), F);
}

TEST(Evaluate, ComparesTextsByBytes) {
  const auto number = [](std::string_view text, std::string_view value) {
    return evaluate(text, {{"number", Value(value)}});
  };
  EXPECT_EQ(number("number < é", "z"), T);
  EXPECT_EQ(number("number is A", "a"), F);
  EXPECT_EQ(number("number contains B", "abc"), F);
  EXPECT_EQ(number("number contains b", "abc"), T);
  EXPECT_EQ(number("number starts with ab", "abc"), T);
  EXPECT_EQ(number("number starts with \"\"", "abc"), T);
  EXPECT_EQ(number("number in [x, abc]", "abc"), T);
  EXPECT_EQ(number("number not in [x, abc]", "abd"), T);
  EXPECT_EQ(evaluate("number is note", {{"number", Value("a")}, {"note", Value("a")}}), T);
  EXPECT_EQ(evaluate("number is \"note\"", {{"number", Value("note")}}), T);
}

TEST(Evaluate, FindsTextsByTheirHeadAndWhatIsBehindIt) {
  const auto number = [](std::string_view text, std::string_view value) {
    return evaluate(text, {{"number", Value(value)}});
  };
  for (const std::string_view text :
       {"", "a", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghij"}) {
    const std::string quoted = '"' + std::string(text) + '"';
    EXPECT_EQ(number("number is " + quoted, text), T);
    EXPECT_EQ(number("number is " + quoted, std::string(text) + "x"), F);
    EXPECT_EQ(number("number in [one, " + quoted + "]", text), T);
    EXPECT_EQ(number("number in [one, " + quoted + "]", std::string(text) + "x"), F);
    if (text.empty()) continue;
    std::string other(text);
    other.back() = 'x';
    EXPECT_EQ(number("number is not " + quoted, other), T);
    EXPECT_EQ(number("number not in [one, " + quoted + "]", other), T);
  }
  const std::string many =
      "number in [one, two, three, four, five, six, seven, eight, number-nine, number-ten, number-eleven]";
  for (const std::string_view text : {"one", "seven", "number-nine", "number-ten", "number-eleven"}) {
    EXPECT_EQ(number(many, text), T) << text;
  }
  for (const std::string_view text : {"", "on", "onf", "number-nin", "number-ninf", "number-eleventh"}) {
    EXPECT_EQ(number(many, text), F) << text;
  }
}

/// Values that share the upper bits of their hashes lie far from them, and are found all the same.
TEST(Evaluate, FindsIntegersWhoseHashesAreTheSame) {
  constexpr uint64_t kInverse = 0xF1DE83E19937733DU;  // of the multiplier, modulo 2^64
  static_assert(kInverse * 0x9E3779B97F4A7C15U == 1);
  std::string list;
  for (uint64_t i = 0; i < 40; ++i) {
    list += (i > 0 ? ", " : "") + std::to_string(static_cast<int64_t>(i * 2 * kInverse));
  }
  for (uint64_t i = 0; i < 80; ++i) {
    const Values row = {{"count", Value(static_cast<int64_t>(i * kInverse))}};
    EXPECT_EQ(evaluate("count in [" + list + "]", row), i % 2 == 0 ? T : F) << i;
    EXPECT_EQ(evaluate("count not in [" + list + "]", row), i % 2 == 0 ? F : T) << i;
  }
}

/// The first rule that holds answers, in a list of few steps and in one of many, and copies run alike.
TEST(Evaluate, AnswersByTheFirstRuleThatHolds) {
  for (const int more : {0, 100}) {
    std::vector<std::string> slots;
    ProgramBuilder builder(slots);
    const auto count_is = [](int value) {
      Expression compare = *parse("count is 0");
      compare.type = model::FieldType::Integer;
      compare.operand.values = {Value(value)};
      return compare;
    };
    using Holds = ProgramBuilder::Holds;
    builder.add(count_is(1), Holds::WhenTrue, 5);
    builder.add(count_is(1), Holds::WhenTrue, 6);
    for (int i = 0; i < more; ++i) builder.add(count_is(1000 + i), Holds::WhenTrue, 8);
    builder.end(7);
    const uint32_t second = builder.begin();
    builder.add(count_is(1), Holds::UnlessFalse, 0);
    builder.end(1);
    const Programs first = builder.programs();
    const Programs copy = first;
    for (const Programs* programs : {&first, &copy}) {
      const auto answer = [&](uint32_t list, Cell cell) {
        return programs->first_of(list, std::span(&cell, 1), kToday);
      };
      EXPECT_EQ(answer(0, Cell(int64_t{1})), 5U);
      EXPECT_EQ(answer(0, Cell(int64_t{2})), 7U);
      EXPECT_EQ(answer(0, Cell()), 7U);
      EXPECT_EQ(answer(second, Cell(int64_t{1})), 0U);
      EXPECT_EQ(answer(second, Cell(int64_t{2})), 1U);
      EXPECT_EQ(answer(second, Cell()), 0U) << "an empty field keeps a deny in force";
      EXPECT_EQ(programs->first_of(second, Row(), kToday), 0U) << "so does a cell that is missing";
    }
  }
}

TEST(Evaluate, KeepsUnfoldedAndUncheckedTreesUnknown) {
  for (const std::string_view text : {"created_by is user", "is locked", "user has role x", "count is 1"}) {
    std::vector<std::string> slots;
    const Cell row[] = {Cell(int64_t{1}), Cell(int64_t{1})};
    EXPECT_EQ(Program::compile(*parse(text), slots).evaluate(row, kToday), U) << text;
  }
}

}  // namespace
}  // namespace talon::expression
