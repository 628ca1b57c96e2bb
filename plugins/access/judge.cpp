/// Evaluating a plan on one record.
#include "judge.hpp"

#include <algorithm>

namespace talon::access {

using expression::Truth;

Truth truth_of(const expression::Expression& condition, const ReadPath& read, int64_t today) {
  // One line after the other: of ten thousand partners' rules most end at their first, which is the partner.
  if (condition.kind == expression::Expression::Kind::All) {
    Truth all = Truth::True;
    for (const expression::Expression& line : condition.children) {
      const Truth one = truth_of(line, read, today);
      if (one == Truth::False) return one;
      if (one == Truth::Unknown) all = one;
    }
    return all;
  }
  std::vector<std::string> slots;
  const expression::Program program = expression::Program::compile(condition, slots);
  std::vector<Value> values;
  for (const std::string& slot : slots) values.push_back(read(slot));
  std::vector<Cell> cells;
  for (const Value& value : values) cells.push_back(value.cell());
  return program.evaluate(cells, today);
}

Judgement judge(const Plan& plan, const ReadPath& read, int64_t today) {
  Judgement judgement;
  for (const PlanRule& deny : plan.denies) {
    if (truth_of(*deny.tree(), read, today) != Truth::False) judgement.denies.push_back(&deny);
  }
  for (const PlanRule& allow : plan.allows) {
    if (truth_of(*allow.tree(), read, today) != Truth::True) continue;
    judgement.allowed_by = &allow;
    break;
  }
  judgement.is_allowed = judgement.denies.empty() && judgement.allowed_by != nullptr;
  judgement.decided_by = judgement.denies.empty() ? judgement.allowed_by : judgement.denies.front();
  return judgement;
}

namespace {

Level level_of_effect(FieldEffect effect) {
  switch (effect) {
    case FieldEffect::Mask:
      return Level::Masked;
    case FieldEffect::Lock:
      return Level::ReadOnly;
    default:
      return Level::Hidden;
  }
}

}  // namespace

Level level_of(const Plan& plan, std::string_view field, const ReadPath& read, int64_t today,
               const CompiledField** rule) {
  Level level = Level::Edit;
  for (const PlanField& entry : plan.fields) {
    const auto& fields = entry.rule->fields;
    const Level says = level_of_effect(entry.rule->effect);
    if (says >= level || std::find(fields.begin(), fields.end(), field) == fields.end()) continue;
    if (truth_of(*entry.tree(), read, today) == Truth::False) continue;
    level = says;
    if (rule != nullptr) *rule = entry.rule;
  }
  for (const PlanColumn& column : plan.partial_columns) {
    if (column.column != field) continue;
    const bool is_given = std::any_of(column.given_by.begin(), column.given_by.end(), [&](uint32_t index) {
      return truth_of(*plan.allows[index].tree(), read, today) == Truth::True;
    });
    if (!is_given) level = Level::Hidden;
  }
  const bool is_left_out =
      plan.has_columns && std::find(plan.columns.begin(), plan.columns.end(), field) == plan.columns.end();
  return is_left_out ? Level::Hidden : level;
}

}  // namespace talon::access
