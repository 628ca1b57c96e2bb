/// In memory: checked, folded trees compiled to flat programs over slots.
#pragma once

#include <talon/expression/tree.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace talon::expression {

/// Several conditions over one row, ready to run. Slots are the field paths that they read; the caller loads
/// them in that order.
///
/// All conditions lie one after the other in the same arrays, and the evaluation walks them without
/// allocation: tens of nanoseconds (policy.md, figures to reach). It recurses as deep as the tree is nested.
class Programs {
 public:
  /// Adds the slots of `expression` to `slots` and compiles. The tree must be checked and folded: what is
  /// left of Named, HasRole, User, Fact, or a literal without its value is Unknown for every row.
  /// @return what `evaluate` takes.
  uint32_t add(const Expression& expression, std::vector<std::string>& slots);

  /// @param program  from `add`.
  /// @param row    one cell per slot of the `slots` they were compiled with; one that is missing is empty.
  /// @param today  yyyymmdd, in the installation's zone. Timestamps are compared with days in UTC.
  /// @threads any; pure; allocates nothing.
  Truth evaluate(uint32_t program, Row row, int64_t today) const { return run(steps_[program], row, today); }

 private:
  friend class ProgramCompiler;
  enum class Code : uint8_t {
    Constant,
    All,
    Any,
    None,
    Currency,    ///< guard: Unknown unless slot is the text; else its one child
    Currencies,  ///< guard: Unknown unless both slots are the same text; else its one child
    Empty,       ///< is [not] empty
    Integer,     ///< slot compared with number
    Text,        ///< slot compared with text
    IntegerIn,   ///< slot among sorted integers
    TextIn,      ///< slot among texts
    Slots,       ///< slot compared with the other slot
    StartsWith,
    Contains,
    Day,          ///< a date slot compared with today + number
    TimeDay,      ///< a timestamp slot compared with a whole day, number
    TimeToday,    ///< a timestamp slot compared with the whole day today + number
    LastDays,     ///< a date slot from today − number to today
    TimeLastDays  ///< a timestamp slot, the same
  };
  /// One node, its children behind it: the next sibling is `next` steps on.
  struct Step {
    Code code = Code::Constant;
    Truth constant = Truth::Unknown;
    bool is_negated = false;
    uint8_t accepts = 0;  ///< which orders make a comparison true: 1 less, 2 equal, 4 greater
    uint32_t next = 1;
    uint32_t slot = 0;
    uint32_t at = 0;     ///< the other slot; where its text, integers or texts begin
    uint32_t count = 0;  ///< bytes of the text; integers or texts
    int64_t number = 0;
  };
  struct Text {
    uint32_t at = 0;
    uint32_t size = 0;
  };

  Truth run(const Step& step, Row row, int64_t today) const;
  Truth group(const Step& step, Row row, int64_t today) const;
  Truth compare(const Step& step, const Cell& cell, Row row, int64_t today) const;
  bool has_integer(const Step& step, int64_t value) const;
  bool has_text(const Step& step, std::string_view value) const;
  std::string_view text(uint32_t at, uint32_t size) const { return {bytes_.data() + at, size}; }

  std::vector<Step> steps_;
  std::vector<int64_t> integers_;
  std::vector<Text> texts_;  // of lists, in `bytes_`
  std::string bytes_;
};

/// One condition, ready to run.
class Program {
 public:
  Program() = default;  ///< always True

  /// As Programs::add; `slots` may be shared by several programs over one row.
  static Program compile(const Expression& expression, std::vector<std::string>& slots) {
    Program program;
    program.programs_.add(expression, slots);
    program.is_empty_ = false;
    return program;
  }

  /// As Programs::evaluate.
  Truth evaluate(Row row, int64_t today) const {
    return is_empty_ ? Truth::True : programs_.evaluate(0, row, today);
  }

 private:
  Programs programs_;
  bool is_empty_ = true;
};

/// not, of three values.
constexpr Truth negate(Truth truth) {
  return truth == Truth::Unknown ? truth : truth == Truth::True ? Truth::False : Truth::True;
}

}  // namespace talon::expression

#include <talon/expression/compile.hpp>
#include <talon/expression/run.hpp>
