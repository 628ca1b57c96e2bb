/// In memory: a checked, folded tree compiled to a flat program over slots.
#pragma once

#include <talon/expression/tree.hpp>

#include <string>
#include <vector>

namespace talon::expression {

/// A condition ready to run. Slots are the field paths that it reads; the caller loads them in that order.
///
/// The evaluation is a loop over a flat array without allocation: tens of nanoseconds (policy.md, figures to reach).
class Program {
 public:
  Program() = default;  ///< always True

  /// Adds the slots of `expression` to `slots` (shared by several programs over one row) and compiles.
  /// The tree must be checked and folded: no Named, HasRole, User or Fact is left.
  static Program compile(const Expression& expression, std::vector<std::string>& slots);

  /// @param row    one cell per slot of the `slots` it was compiled with.
  /// @param today  yyyymmdd, in the installation's zone.
  /// @threads any; pure; allocates nothing.
  Truth evaluate(Row row, int64_t today) const;

 private:
  struct Step;
  // Representation: a flat vector of steps in evaluation order with skip distances; the implementer's choice.
  std::vector<Step> steps_;
  std::vector<Value> constants_;
};

}  // namespace talon::expression
