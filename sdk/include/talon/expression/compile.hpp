/// Tree to program (see evaluate.hpp).
#pragma once

#include <talon/expression/evaluate.hpp>

#include <algorithm>

namespace talon::expression {

/// Builds one Program; used by Program::compile alone.
class ProgramCompiler {
 public:
  explicit ProgramCompiler(std::vector<std::string>& slots) : slots_(slots) {}

  Program run(const Expression& expression) {
    if (expression.kind != Expression::Kind::Always) add(expression);
    return std::move(program_);
  }

 private:
  using Code = Program::Step::Code;

  void add(const Expression& expression) {
    const std::size_t at = program_.steps_.size();
    program_.steps_.emplace_back();
    switch (expression.kind) {
      case Expression::Kind::Always:
        program_.steps_[at].constant = Truth::True;
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
        program_.steps_[at] = compare(expression, at);
        break;
      case Expression::Kind::Named:
      case Expression::Kind::HasRole:
        break;  // not folded: Unknown
    }
    program_.steps_[at].next = static_cast<uint32_t>(program_.steps_.size());
  }

  void add_group(std::size_t at, Code code, const Expression& expression) {
    program_.steps_[at].code = code;
    for (const Expression& child : expression.children) add(child);
  }

  /// The step of a comparison; one of amounts is guarded: the guard takes its place and it follows as the
  /// child.
  Program::Step compare(const Expression& expression, std::size_t at) {
    Program::Step step = plain(expression);
    const Operand& operand = expression.operand;
    const bool has_amounts =
        step.code == Code::Integer || step.code == Code::IntegerIn || step.code == Code::Slots;
    if (expression.type != model::FieldType::Money || !has_amounts) return step;
    const bool is_path = operand.kind == Operand::Kind::Path;
    if (is_path && operand.currency_path == expression.currency_path) return step;
    Program::Step guard;
    guard.code = Code::Currency;
    guard.slot = slot(expression.currency_path);
    guard.is_negated = is_path;
    guard.other = is_path ? slot(operand.currency_path) : text(operand.currency);
    step.next = static_cast<uint32_t>(at + 2);
    program_.steps_.push_back(step);
    return guard;
  }

  Program::Step plain(const Expression& expression) {
    Program::Step step;
    step.op = expression.op;
    step.slot = slot(expression.path);
    switch (expression.op) {
      case Operator::IsEmpty:
      case Operator::IsNotEmpty:
        step.code = Code::Empty;
        step.is_negated = expression.op == Operator::IsNotEmpty;
        return step;
      case Operator::BeforeToday:
      case Operator::AfterToday:
        step.op = expression.op == Operator::BeforeToday ? Operator::Less : Operator::Greater;
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

  Program::Step with_operand(const Expression& expression, Program::Step step) {
    const Operand& operand = expression.operand;
    switch (operand.kind) {
      case Operand::Kind::Path:
        step.code = Code::Slots;
        step.other = slot(operand.text);
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

  Program::Step with_literal(const Expression& expression, Program::Step step) {
    const Value& value = expression.operand.values.front();
    if (value.is_integer()) {
      step.code = is_time(expression) && expression.operand.is_day ? Code::TimeDay : Code::Integer;
      step.number = value.integer();
      return step;
    }
    step.code = expression.op == Operator::StartsWith ? Code::StartsWith
                : expression.op == Operator::Contains ? Code::Contains
                                                      : Code::Text;
    step.other = text(value.text());
    return step;
  }

  Program::Step with_list(const Expression& expression, Program::Step step) {
    const std::vector<Value>& values = expression.operand.values;
    if (values.empty()) return step;
    step.is_negated = expression.op == Operator::NotIn;
    step.count = static_cast<uint32_t>(values.size());
    if (values.front().is_integer()) {
      step.code = Code::IntegerIn;
      step.other = static_cast<uint32_t>(program_.integers_.size());
      for (const Value& value : values) program_.integers_.push_back(value.integer());
      std::sort(program_.integers_.begin() + step.other, program_.integers_.end());
      return step;
    }
    step.code = Code::TextIn;
    step.other = static_cast<uint32_t>(program_.texts_.size());
    for (const Value& value : values) program_.texts_.emplace_back(value.text());
    std::sort(program_.texts_.begin() + step.other, program_.texts_.end());
    return step;
  }

  static bool is_time(const Expression& expression) { return expression.type == model::FieldType::Timestamp; }

  uint32_t slot(const std::string& path) {
    const auto found = std::find(slots_.begin(), slots_.end(), path);
    if (found != slots_.end()) return static_cast<uint32_t>(found - slots_.begin());
    slots_.push_back(path);
    return static_cast<uint32_t>(slots_.size() - 1);
  }

  uint32_t text(std::string_view text) {
    program_.texts_.emplace_back(text);
    return static_cast<uint32_t>(program_.texts_.size() - 1);
  }

  std::vector<std::string>& slots_;
  Program program_;
};

inline Program Program::compile(const Expression& expression, std::vector<std::string>& slots) {
  return ProgramCompiler(slots).run(expression);
}

}  // namespace talon::expression
