/// What holds for the condition language whatever text it is given; run by the fuzzer and on its corpus.
#pragma once

#include "tests/unit/expression/example_model.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/evaluate.hpp>
#include <talon/expression/parse.hpp>

namespace talon::expression::testing {

/// Reads, prints, checks, folds, compiles and evaluates `text`; ends the process where an invariant breaks.
inline void try_condition(std::string_view text) {
  static const model::Model kModel = example_model();
  if (auto line = parse_line(text, {3, 5})) TALON_CHECK(static_cast<bool>(parse(print(*line))));
  auto tree = parse(text);
  if (!tree) {
    TALON_CHECK(!tree.error().message.empty() && static_cast<bool>(Json::parse(tree.error().details)));
    return;
  }
  const std::string printed = print(*tree);
  auto again = parse(printed);
  TALON_CHECK(static_cast<bool>(again) && print(*again) == printed);

  Scope scope;
  scope.model = &kModel;
  scope.type = kModel.find("invoice");
  scope.facts["partners"] = {model::FieldType::Ref, "party", 0, true};
  scope.facts["limit"] = {model::FieldType::Money, "", 0, false};
  const bool is_fit = check(*tree, scope, "x").empty();
  UserFacts user;
  user.user = 7;
  user.facts["partners"] = {Value(int64_t{1}), Value(int64_t{2})};
  user.facts["limit"] = {Value("100 EUR")};
  const Expression folded = fold(*tree, user);
  std::vector<std::string> slots;
  const Program program = Program::compile(folded, slots);
  const std::vector<Cell> numbers(slots.size(), Cell(int64_t{20261121}));
  const std::vector<Cell> texts(slots.size(), Cell(std::string_view("EUR")));
  for (const Row row : {Row(), Row(numbers), Row(texts)}) program.evaluate(row, 20261121);
  if (!is_fit) return;
  // What was folded goes to the gate as text: it must mean the same there.
  auto sent = parse(print(folded));
  TALON_CHECK(static_cast<bool>(sent));
  scope.facts.clear();
  scope.is_folded = true;
  TALON_CHECK(check(*sent, scope, "x").empty());
  std::vector<std::string> other_slots;
  const Program received = Program::compile(*sent, other_slots);
  TALON_CHECK(other_slots == slots);
  for (const Row row : {Row(), Row(numbers), Row(texts)}) {
    TALON_CHECK(program.evaluate(row, 20261121) == received.evaluate(row, 20261121));
  }
}

}  // namespace talon::expression::testing
