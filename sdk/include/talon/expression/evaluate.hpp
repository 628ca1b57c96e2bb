/// In memory: a checked, folded tree compiled to a flat program over slots.
#pragma once

#include <talon/expression/tree.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace talon::expression {

/// A condition ready to run. Slots are the field paths that it reads; the caller loads them in that order.
///
/// The evaluation walks a flat array without allocation: tens of nanoseconds (policy.md, figures to reach).
/// It recurses as deep as the tree is nested.
class Program {
 public:
  Program() = default;  ///< always True

  /// Adds the slots of `expression` to `slots` (shared by several programs over one row) and compiles.
  /// The tree must be checked and folded: what is left of Named, HasRole, User, Fact, or a literal without
  /// its value is Unknown for every row.
  static Program compile(const Expression& expression, std::vector<std::string>& slots);

  /// @param row    one cell per slot of the `slots` it was compiled with; one that is missing is empty.
  /// @param today  yyyymmdd, in the installation's zone. Timestamps are compared with days in UTC.
  /// @threads any; pure; allocates nothing.
  Truth evaluate(Row row, int64_t today) const { return steps_.empty() ? Truth::True : run(0, row, today); }

 private:
  friend class ProgramCompiler;
  /// One node, its children behind it up to `next`.
  struct Step {
    enum class Code : uint8_t {
      Constant,
      All,
      Any,
      None,
      Empty,      ///< is [not] empty
      Integer,    ///< slot op number
      Text,       ///< slot op text
      IntegerIn,  ///< slot among sorted integers
      TextIn,     ///< slot among sorted texts
      Slots,      ///< slot op other slot
      StartsWith,
      Contains,
      Day,           ///< a date slot op today + number
      TimeDay,       ///< a timestamp slot op a whole day, number
      TimeToday,     ///< a timestamp slot op the whole day today + number
      LastDays,      ///< a date slot from today − number to today
      TimeLastDays,  ///< a timestamp slot, the same
      Currency       ///< guard: Unknown unless slot is text (or equals the other slot); else its one child
    };
    Code code = Code::Constant;
    Operator op = Operator::Is;
    Truth constant = Truth::Unknown;
    bool is_negated = false;
    uint32_t next = 0;
    uint32_t slot = 0;
    uint32_t other = 0;  ///< second slot, or first constant
    uint32_t count = 0;  ///< of constants
    int64_t number = 0;
  };

  Truth run(uint32_t at, Row row, int64_t today) const;
  Truth group(uint32_t at, Row row, int64_t today) const;
  Truth guarded(uint32_t at, Row row, int64_t today) const;
  Truth leaf(const Step& step, const Cell& cell, Row row, int64_t today) const;
  Truth dated(const Step& step, const Cell& cell, int64_t today) const;

  std::vector<Step> steps_;
  std::vector<int64_t> integers_;
  std::vector<std::string> texts_;
};

/// not, and, or of three values.
constexpr Truth negate(Truth truth) {
  return truth == Truth::Unknown ? truth : truth == Truth::True ? Truth::False : Truth::True;
}

}  // namespace talon::expression

#include <talon/expression/compile.hpp>
#include <talon/expression/run.hpp>
