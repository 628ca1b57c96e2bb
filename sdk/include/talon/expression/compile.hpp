/// Trees to programs (see evaluate.hpp).
#pragma once

#include <talon/expression/evaluate.hpp>
#include <talon/expression/keys.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>
#include <type_traits>

namespace talon::expression {

/// Makes programs: lists of rules, each added with `add` after a `begin` and closed with `end`.
class ProgramBuilder {
 public:
  /// Which values of its condition make a rule hold: an allow's True, a deny's all but False.
  enum class Holds : uint8_t { WhenTrue, UnlessFalse };

  /// @param slots  outlives this; the paths that the conditions read are added to it.
  explicit ProgramBuilder(std::vector<std::string>& slots) : slots_(slots) {}

  /// Where the list of rules begins that the next calls add.
  uint32_t begin() const { return static_cast<uint32_t>(steps_.size()); }

  /// Adds a rule. The tree must be checked and folded: what is left of Named, HasRole, User, Fact, or a
  /// literal without its value is Unknown for every row.
  /// @param answer  what Programs::first_of answers when this is the first rule that holds; less than 2³¹.
  void add(const Expression& expression, Holds holds, uint32_t answer) {
    const Target target{nullptr, Programs::kAnswer | answer};
    if (holds == Holds::WhenTrue) return lower(expression, {Truth::True, true, target});
    lower(expression, {Truth::False, false, target});
  }

  /// @param answer  when no rule of the list holds.
  void end(uint32_t answer) { push(Step(), kAlways, {nullptr, Programs::kAnswer | answer}); }

  /// Everything that was added, to run.
  Programs programs() const {
    const bool is_near = steps_.size() <= Programs::kNear;
    const std::size_t steps = is_near ? 0 : bytes_of(steps_);
    const std::size_t size = steps + bytes_of(integers_) + bytes_of(texts_) + bytes_.size();
    const auto block = std::make_shared<int64_t[]>((size + sizeof(int64_t) - 1) / sizeof(int64_t));
    auto* to = reinterpret_cast<char*>(block.get());
    const auto put = [&to](const void* from, std::size_t count) {
      char* const start = to;
      if (count > 0) std::memcpy(start, from, count);
      to += count;
      return start;
    };
    Programs made;
    made.count_ = begin();
    if (is_near) std::copy(steps_.begin(), steps_.end(), made.near_.begin());
    made.far_ = reinterpret_cast<const Step*>(put(steps_.data(), steps));
    made.integers_ = reinterpret_cast<const int64_t*>(put(integers_.data(), bytes_of(integers_)));
    made.texts_ = reinterpret_cast<const Programs::Text*>(put(texts_.data(), bytes_of(texts_)));
    made.bytes_ = put(bytes_.data(), bytes_.size());
    made.block_ = block;
    return made;
  }

 private:
  using Code = Programs::Code;
  using Step = Programs::Step;
  /// Steps that jump to a place which is not known yet.
  using Label = std::vector<uint32_t>;
  struct Target {
    Label* label = nullptr;  ///< null: the answer
    uint32_t answer = 0;
  };
  /// What becomes of a condition: it jumps to `target` if "the condition is `wanted`" is as `jumps_if` says,
  /// and else goes on with what is added next.
  struct Goal {
    Truth wanted = Truth::True;  ///< True or False
    bool jumps_if = true;
    Target target;

    Goal with(Truth other) const { return {other, jumps_if, target}; }
  };
  /// A comparison before it is known what is wanted of it.
  struct Test {
    Step step;
    bool is_negated = false;  ///< True of the step is False of the comparison
  };

  void lower(const Expression& expression, const Goal& goal) {
    const bool wants_true = goal.wanted == Truth::True;
    switch (expression.kind) {
      case Expression::Kind::Always:
        return settle(wants_true, goal);
      case Expression::Kind::All:
        return lower_group(expression, wants_true, goal);
      case Expression::Kind::Any:
        return lower_group(expression, !wants_true, goal);
      case Expression::Kind::None:
        return lower_group(expression, wants_true, goal.with(negate(goal.wanted)));
      case Expression::Kind::Compare:
        return lower_compare(expression, goal);
      case Expression::Kind::Named:
      case Expression::Kind::HasRole:
        return settle(false, goal);  // not folded: Unknown
    }
  }

  /// @param is_every  the goal is reached if every child reaches its own; else if one does.
  void lower_group(const Expression& expression, bool is_every, const Goal& goal) {
    const std::vector<Expression>& children = expression.children;
    if (children.empty()) return settle(is_every, goal);
    const bool settles = !is_every;  // one child of which this holds is enough to know
    Label past;
    const bool is_direct = goal.jumps_if == settles;
    const Goal early = is_direct ? goal : Goal{goal.wanted, settles, {&past, 0}};
    for (std::size_t i = 0; i + 1 < children.size(); ++i) lower(children[i], early);
    lower(children.back(), goal);
    bind(past);
  }

  /// What holds for every row.
  void settle(bool is_reached, const Goal& goal) {
    if (is_reached == goal.jumps_if) push(Step(), kAlways, goal.target);
  }

  /// A comparison of amounts is guarded: unless their currencies are the same, it is neither True nor False.
  void lower_compare(const Expression& expression, const Goal& goal) {
    const Test test = plain(expression);
    const Operand& operand = expression.operand;
    const Code code = test.step.code;
    const bool has_amounts = code == Code::Integer || code == Code::IntegerIn || code == Code::Slots;
    const bool is_path = operand.kind == Operand::Kind::Path;
    const bool is_same = is_path && operand.currency_path == expression.currency_path;
    Label past;
    if (expression.type == model::FieldType::Money && has_amounts && !is_same) {
      Step guard;
      guard.code = is_path ? Code::Currencies : Code::Currency;
      guard.slot = slot(expression.currency_path);
      if (is_path) {
        guard.at = slot(operand.currency_path);
      } else {
        set_text(guard, operand.currency);
      }
      push(guard, kAlways ^ bit_of(Truth::True), goal.jumps_if ? Target{&past, 0} : goal.target);
    }
    const uint8_t wanted = bit_of(test.is_negated ? negate(goal.wanted) : goal.wanted);
    push(test.step, goal.jumps_if ? wanted : kAlways ^ wanted, goal.target);
    bind(past);
  }

  void push(Step step, unsigned jumps_on, const Target& target) {
    step.jumps_on = static_cast<uint8_t>(jumps_on);
    step.jump = target.answer;
    if (target.label != nullptr) target.label->push_back(begin());
    steps_.push_back(step);
  }

  /// Here is where the label's steps jump to.
  void bind(const Label& label) {
    for (const uint32_t at : label) steps_[at].jump = begin() - at;
  }

  Test plain(const Expression& expression) {
    Step step;
    step.accepts = accepted(expression.op);
    step.slot = slot(expression.path);
    switch (expression.op) {
      case Operator::IsEmpty:
      case Operator::IsNotEmpty:
        step.code = Code::Empty;
        return {step, expression.op == Operator::IsNotEmpty};
      case Operator::BeforeToday:
      case Operator::AfterToday:
        step.code = is_time(expression) ? Code::TimeToday : Code::Day;
        return {step};
      case Operator::WithinLastDays:
        step.code = is_time(expression) ? Code::TimeLastDays : Code::LastDays;
        step.number = expression.operand.days;
        return {step};
      case Operator::NotIn:
        return {with_operand(expression, step), true};
      default:
        return {with_operand(expression, step)};
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
    const bool is_equality = expression.op == Operator::Is || expression.op == Operator::IsNot;
    step.code = is_equality                             ? Code::TextIs
                : expression.op == Operator::StartsWith ? Code::StartsWith
                : expression.op == Operator::Contains   ? Code::Contains
                                                        : Code::TextOrder;
    if (is_equality) {
      set_text(step, value.text());
    } else {
      set_bytes(step, value.text());
    }
    return step;
  }

  Step with_list(const Expression& expression, Step step) {
    const std::vector<Value>& values = expression.operand.values;
    if (values.empty()) return step;
    if (values.front().is_integer()) return with_integers(values, step);
    step.code = Code::TextIn;
    step.count = static_cast<uint32_t>(values.size());
    std::vector<std::string_view> sorted;
    for (const Value& value : values) sorted.push_back(value.text());
    std::sort(sorted.begin(), sorted.end(), [](std::string_view a, std::string_view b) {
      return std::tuple(a.size(), detail::first_eight(a), a) <
             std::tuple(b.size(), detail::first_eight(b), b);
    });
    std::vector<Programs::Text> texts;
    for (const std::string_view text : sorted) {
      Step place;
      set_text(place, text);
      texts.push_back({static_cast<uint64_t>(place.number), place.at, place.count});
    }
    step.at = place_of(texts_, texts);
    return step;
  }

  /// A table in which a value lies at its hash or few places on; what is free repeats a value of the list.
  Step with_integers(const std::vector<Value>& values, Step step) {
    constexpr uint32_t kPlacesMax = 8;  // a cache line
    step.code = Code::IntegerIn;
    const auto bits_least = static_cast<unsigned>(std::bit_width(values.size()));
    std::vector<int64_t> table;
    for (unsigned bits = bits_least + 1; bits <= bits_least + 4; ++bits) {
      step.number = 64 - bits;
      step.count = 1;
      const std::size_t size = std::size_t{1} << bits;
      table.assign(size + values.size(), values.front().integer());
      std::vector<bool> is_taken(table.size());
      for (const Value& value : values) {
        const std::size_t first = detail::hash_of(value.integer(), step.number);
        std::size_t at = first;
        while (is_taken[at] && table[at] != value.integer()) ++at;
        is_taken[at] = true;
        table[at] = value.integer();
        step.count = std::max(step.count, static_cast<uint32_t>(at - first + 1));
      }
      table.resize(size + step.count - 1);
      if (step.count <= kPlacesMax) break;
    }
    step.at = place_of(integers_, table);
    return step;
  }

  /// Where `list` lies in `all`: rules that follow each other often ask for the same one.
  template <typename T>
  static uint32_t place_of(std::vector<T>& all, const std::vector<T>& list) {
    constexpr std::ptrdiff_t kNear = 2048;
    const auto near = all.end() - std::min(kNear, std::ssize(all));
    const auto found = std::search(near, all.end(), list.begin(), list.end());
    const auto place = static_cast<uint32_t>(found - all.begin());
    if (found == all.end()) all.insert(all.end(), list.begin(), list.end());
    return place;
  }

  static bool is_time(const Expression& expression) { return expression.type == model::FieldType::Timestamp; }

  uint32_t slot(const std::string& path) {
    const auto found = std::find(slots_.begin(), slots_.end(), path);
    if (found != slots_.end()) return static_cast<uint32_t>(found - slots_.begin());
    slots_.push_back(path);
    return static_cast<uint32_t>(slots_.size() - 1);
  }

  /// A text to be found equal: of a short one the head is all.
  void set_text(Step& step, std::string_view text) {
    step.number = static_cast<int64_t>(detail::first_eight(text));
    step.count = static_cast<uint32_t>(text.size());
    if (text.size() > sizeof step.number) set_bytes(step, text);
  }

  void set_bytes(Step& step, std::string_view text) {
    step.at = static_cast<uint32_t>(bytes_.size());
    step.count = static_cast<uint32_t>(text.size());
    bytes_ += text;
  }

  static constexpr uint8_t bit_of(Truth truth) {
    return static_cast<uint8_t>(1U << static_cast<unsigned>(truth));
  }
  static constexpr uint8_t kAlways = 7;  // a bit of each Truth

  static constexpr uint8_t kLess = 1;
  static constexpr uint8_t kEqual = 2;
  static constexpr uint8_t kGreater = 4;
  static uint8_t accepted(Operator op) {
    switch (op) {
      case Operator::Is:
        return kEqual;
      case Operator::IsNot:
        return kLess | kGreater;
      case Operator::Less:
      case Operator::BeforeToday:
        return kLess;
      case Operator::LessEqual:
        return kLess | kEqual;
      case Operator::Greater:
      case Operator::AfterToday:
        return kGreater;
      case Operator::GreaterEqual:
        return kEqual | kGreater;
      default:
        return 0;
    }
  }

  template <typename T>
  static std::size_t bytes_of(const std::vector<T>& all) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(int64_t) == 0);  // copied, aligned
    return all.size() * sizeof(T);
  }

  std::vector<std::string>& slots_;
  // As in Programs:
  std::vector<Step> steps_;
  std::vector<int64_t> integers_;
  std::vector<Programs::Text> texts_;
  std::string bytes_;
};

inline Program Program::compile(const Expression& expression, std::vector<std::string>& slots) {
  using Holds = ProgramBuilder::Holds;
  ProgramBuilder builder(slots);
  builder.add(expression, Holds::WhenTrue, static_cast<uint32_t>(Truth::True));
  builder.add(expression, Holds::UnlessFalse, static_cast<uint32_t>(Truth::Unknown));
  builder.end(static_cast<uint32_t>(Truth::False));
  Program program;
  program.programs_ = builder.programs();
  program.is_empty_ = false;
  return program;
}

}  // namespace talon::expression
