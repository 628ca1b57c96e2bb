/// Tree to program (see evaluate.hpp).
#pragma once

#include <talon/expression/evaluate.hpp>

#include <algorithm>

namespace talon::expression {

/// Adds one program to others; used by Programs::add alone.
class ProgramCompiler {
 public:
  ProgramCompiler(Programs& programs, std::vector<std::string>& slots) : programs_(programs), slots_(slots) {}

  void add(const Expression& expression) {
    const std::size_t at = programs_.steps_.size();
    programs_.steps_.emplace_back();
    switch (expression.kind) {
      case Expression::Kind::Always:
        programs_.steps_[at].constant = Truth::True;
        break;
      case Expression::Kind::All:
        add_group(at, Code::All, expression);
        break;
      case Expression::Kind::Any:
        add_group(at, Code::Any, expression);
        break;
      case Expression::Kind::None:
        add_group(at, Code::None, expression);
        break;
      case Expression::Kind::Compare:
        add_compare(at, expression);
        break;
      case Expression::Kind::Named:
      case Expression::Kind::HasRole:
        break;  // not folded: Unknown
    }
    programs_.steps_[at].next = static_cast<uint32_t>(programs_.steps_.size() - at);
  }

 private:
  using Code = Programs::Code;
  using Step = Programs::Step;

  void add_group(std::size_t at, Code code, const Expression& expression) {
    programs_.steps_[at].code = code;
    for (const Expression& child : expression.children) add(child);
  }

  /// A comparison of amounts is guarded: the guard takes its place, and it follows as the one child.
  void add_compare(std::size_t at, const Expression& expression) {
    const Step step = plain(expression);
    const Operand& operand = expression.operand;
    const bool has_amounts =
        step.code == Code::Integer || step.code == Code::IntegerIn || step.code == Code::Slots;
    const bool is_path = operand.kind == Operand::Kind::Path;
    const bool is_same = is_path && operand.currency_path == expression.currency_path;
    if (expression.type != model::FieldType::Money || !has_amounts || is_same) {
      programs_.steps_[at] = step;
      return;
    }
    Step guard;
    guard.code = is_path ? Code::Currencies : Code::Currency;
    guard.slot = slot(expression.currency_path);
    if (is_path) {
      guard.at = slot(operand.currency_path);
    } else {
      set_text(guard, operand.currency);
    }
    programs_.steps_[at] = guard;
    programs_.steps_.push_back(step);
  }

  Step plain(const Expression& expression) {
    Step step;
    step.accepts = accepted(expression.op);
    step.slot = slot(expression.path);
    switch (expression.op) {
      case Operator::IsEmpty:
      case Operator::IsNotEmpty:
        step.code = Code::Empty;
        step.is_negated = expression.op == Operator::IsNotEmpty;
        return step;
      case Operator::BeforeToday:
      case Operator::AfterToday:
        step.code = is_time(expression) ? Code::TimeToday : Code::Day;
        return step;
      case Operator::WithinLastDays:
        step.code = is_time(expression) ? Code::TimeLastDays : Code::LastDays;
        step.number = expression.operand.days;
        return step;
      default:
        return with_operand(expression, step);
    }
  }

  Step with_operand(const Expression& expression, Step step) {
    const Operand& operand = expression.operand;
    switch (operand.kind) {
      case Operand::Kind::Path:
        step.code = Code::Slots;
        step.at = slot(operand.text);
        return step;
      case Operand::Kind::Today:
        step.code = is_time(expression) ? Code::TimeToday : Code::Day;
        step.number = operand.days;
        return step;
      case Operand::Kind::Literal:
        if (!operand.values.empty()) return with_literal(expression, step);
        return step;
      case Operand::Kind::List:
        return with_list(expression, step);
      default:
        return step;  // Unknown, or not folded
    }
  }

  Step with_literal(const Expression& expression, Step step) {
    const Value& value = expression.operand.values.front();
    if (value.is_integer()) {
      step.code = is_time(expression) && expression.operand.is_day ? Code::TimeDay : Code::Integer;
      step.number = value.integer();
      return step;
    }
    step.code = expression.op == Operator::StartsWith ? Code::StartsWith
                : expression.op == Operator::Contains ? Code::Contains
                                                      : Code::Text;
    set_text(step, value.text());
    return step;
  }

  Step with_list(const Expression& expression, Step step) {
    const std::vector<Value>& values = expression.operand.values;
    if (values.empty()) return step;
    step.is_negated = expression.op == Operator::NotIn;
    step.count = static_cast<uint32_t>(values.size());
    if (values.front().is_integer()) {
      step.code = Code::IntegerIn;
      step.at = static_cast<uint32_t>(programs_.integers_.size());
      for (const Value& value : values) programs_.integers_.push_back(value.integer());
      std::sort(programs_.integers_.begin() + step.at, programs_.integers_.end());
      return step;
    }
    step.code = Code::TextIn;
    step.at = static_cast<uint32_t>(programs_.texts_.size());
    std::vector<std::string_view> sorted;
    for (const Value& value : values) sorted.push_back(value.text());
    std::sort(sorted.begin(), sorted.end());
    for (const std::string_view text : sorted) {
      Step place;
      set_text(place, text);
      programs_.texts_.push_back({place.at, place.count});
    }
    return step;
  }

  static bool is_time(const Expression& expression) { return expression.type == model::FieldType::Timestamp; }

  uint32_t slot(const std::string& path) {
    const auto found = std::find(slots_.begin(), slots_.end(), path);
    if (found != slots_.end()) return static_cast<uint32_t>(found - slots_.begin());
    slots_.push_back(path);
    return static_cast<uint32_t>(slots_.size() - 1);
  }

  void set_text(Step& step, std::string_view text) {
    step.at = static_cast<uint32_t>(programs_.bytes_.size());
    step.count = static_cast<uint32_t>(text.size());
    programs_.bytes_ += text;
  }

  static uint8_t accepted(Operator op) {
    switch (op) {
      case Operator::Is:
        return 2;
      case Operator::IsNot:
        return 1 | 4;
      case Operator::Less:
      case Operator::BeforeToday:
        return 1;
      case Operator::LessEqual:
        return 1 | 2;
      case Operator::Greater:
      case Operator::AfterToday:
        return 4;
      case Operator::GreaterEqual:
        return 2 | 4;
      default:
        return 0;
    }
  }

  Programs& programs_;
  std::vector<std::string>& slots_;
};

inline uint32_t Programs::add(const Expression& expression, std::vector<std::string>& slots) {
  const auto program = static_cast<uint32_t>(steps_.size());
  ProgramCompiler(*this, slots).add(expression);
  return program;
}

}  // namespace talon::expression
