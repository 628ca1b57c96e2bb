/// Evaluating a plan on one record: for policy tests, explanations and who-can. The host has its own, faster
/// way.
#pragma once

#include "plan.hpp"

#include <talon/expression/evaluate.hpp>

namespace talon::access {

enum class Level { Hidden, Masked, ReadOnly, Edit };

struct Judgement {
  bool is_allowed = false;
  const PlanRule* decided_by = nullptr;  ///< the first deny that holds, else the first allow that is true
  std::vector<const PlanRule*> denies;   ///< all denies that hold
  const PlanRule* allowed_by = nullptr;  ///< the first allow that is true, whatever the denies say
};

/// @param today  yyyymmdd.  @threads any; pure.
Judgement judge(const Plan& plan, const ReadPath& read, int64_t today);

/// The least of what the plan's field rules say of `field` on this record; a rule that is not False holds.
/// @param rule  the rule that decided; may be null.
Level level_of(const Plan& plan, std::string_view field, const ReadPath& read, int64_t today,
               const CompiledField** rule = nullptr);

/// One checked and folded condition on the record.
expression::Truth truth_of(const expression::Expression& condition, const ReadPath& read, int64_t today);

}  // namespace talon::access
