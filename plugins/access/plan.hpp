/// The residual program of one person, action and type: what the host evaluates.
#pragma once

#include "subject.hpp"

namespace talon::access {

/// A rule that binds the person, with the user folded in.
struct PlanRule {
  const CompiledRule* rule = nullptr;                   ///< owned by the set
  std::shared_ptr<const expression::Expression> where;  ///< null where the rule does not ask about the user
  std::string text;                                     ///< the inline form; empty: always

  std::shared_ptr<const expression::Expression> tree() const { return where ? where : rule->where.tree(); }
};

struct PlanField {
  const CompiledField* rule = nullptr;
  std::shared_ptr<const expression::Expression> where;
  std::string text;

  std::shared_ptr<const expression::Expression> tree() const { return where ? where : rule->where.tree(); }
};

/// A column of a view that only some of the allows give: hidden unless one of `given_by` is True.
struct PlanColumn {
  std::string column;
  std::vector<uint32_t> given_by;  ///< indexes into `allows`
};

struct Plan {
  std::vector<std::string> roles;  ///< in force for the person, with all that they include
  std::vector<PlanRule> denies;
  std::vector<PlanRule> allows;
  std::vector<PlanField> fields;
  std::vector<PlanColumn> partial_columns;
  std::vector<std::string> columns;
  bool has_columns = false;
  bool may_drill_down = true;
  std::vector<Date> boundaries;  ///< days on which a rule or grant begins or has ended
};

/// Gives the value of a field path ("client.country") of the record that is judged.
using ReadPath = std::function<Value(std::string_view path)>;

/// @param set      outlives the plan.
/// @param subject  inactive: nothing is allowed.
/// @param day      on which time boxes are judged.
/// @param record   the plan is for this record alone: the rules of other partners' files, which are False for
///                 it, are left out. Null: for every record.
/// @threads any; pure.
Plan make_plan(const CompiledSet& set, const Subject& subject, std::string_view action, std::string_view type,
               Date day, const ReadPath* record = nullptr);

/// The plan as docs/authorizer.md says. @param valid_until_us  0: no boundary.
std::string plan_json(const CompiledSet& set, const Plan& plan, int64_t valid_until_us);

/// When the plan made at `now_us` (on the day `today` in the installation's zone) has to be made again; 0:
/// never.
///
/// Only the host knows the zone. A day begins somewhere between 14 hours before and 12 hours after its begin
/// in UTC, at a quarter of an hour, as in all zones: until that window the plan holds, inside it for a
/// quarter of an hour at most.
int64_t valid_until(const std::vector<Date>& boundaries, int64_t now_us, Date today);

}  // namespace talon::access
