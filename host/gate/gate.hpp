/// The one gate: who may do what, to which records, which fields. Plans come from the authorizer; the gate keeps and
/// evaluates them.
#pragma once

#include "host/gate/principal.hpp"

#include <talon/expression/evaluate.hpp>
#include <talon/expression/tree.hpp>
#include <talon/model.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace talon::gate {

/// hidden < masked < read-only < edit; a field's level is the least of what the rules say.
enum class Level : uint8_t { Hidden, Masked, ReadOnly, Edit };

/// How a masked value is shown.
struct Mask {
  enum class Kind { Last, Initials, Year, Rounded };
  Kind kind = Kind::Last;
  int64_t count = 4;  ///< last N characters; rounded to N
};
/// @return the masked value; an empty one stays empty.
Value apply_mask(const Mask& mask, const model::Field& field, const Value& value);

/// One rule's residual: what is left of it once the user is folded in.
struct Residual {
  std::string rule;   ///< id
  std::string place;  ///< "rules/invoice.yaml:41"
  expression::Expression where;  ///< Always: unconditional
};

struct FieldRule {
  std::string field;  ///< "iban"; "lines.cost" for a child list's
  Level level = Level::Edit;
  Mask mask;
  expression::Expression where;  ///< when it holds; Always: on every record
  std::string place;
};

/// The authorizer's answer for (principal, action, type): a residual program as data, checked against the model.
struct Plan {
  std::vector<Residual> denies;
  std::vector<Residual> allows;
  std::vector<FieldRule> fields;
  std::vector<std::string> columns;  ///< of a view: just these; empty: all
  bool has_columns = false;
  bool may_drill_down = true;
  std::string policy_set;            ///< hash of the set that made it
  int64_t valid_until_us = 0;        ///< time boundary; 0: none
};

/// Provided by the plugin that offers talon.authorizer/1; without one everything is denied.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  /// The plan as JSON (docs/authorizer.md). @threads any.
  virtual Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) = 0;
  virtual Result<std::string> explain(std::string_view question) = 0;
};

/// A plan compiled for use: in memory over slots, or as a condition for SQL. Immutable; shared by threads.
class Decision {
 public:
  enum class Verdict { Never, Always, Conditional };

  Verdict verdict() const { return verdict_; }
  /// (allow₁ or allow₂ …) and none of deny, for `write_condition`; coalesce of denies is in `denies()`.
  const std::vector<Residual>& allows() const { return plan_.allows; }
  const std::vector<Residual>& denies() const { return plan_.denies; }
  const Plan& plan() const { return plan_; }

  /// Slots that `allows_row` and `level` read, as field paths.
  const std::vector<std::string>& slots() const { return slots_; }
  /// True when an allow is True and every deny False. @param row  one cell per slot. @param today yyyymmdd.
  /// @param rule  index of the rule that decided: denies first, then allows; −1: none allowed. May be null.
  bool allows_row(Row row, int64_t today, int* rule = nullptr) const;

  /// The level of `field` on this row ("lines.cost" for child fields).
  Level level(std::string_view field, Row row, int64_t today, const Mask** mask = nullptr) const;
  /// The level that holds whatever the record says (the least that any record could have): what filters, sorts and
  /// groups go by.
  Level static_level(std::string_view field) const;
  /// True when some rule makes the field's level depend on the record.
  bool is_level_conditional(std::string_view field) const;

  static Result<std::shared_ptr<const Decision>> compile(Plan plan, const model::Model& model,
                                                         const model::RecordType& type);

 private:
  Plan plan_;
  Verdict verdict_ = Verdict::Never;
  std::vector<std::string> slots_;
  std::vector<expression::Program> deny_programs_;
  std::vector<expression::Program> allow_programs_;
  std::vector<expression::Program> level_programs_;
};

class Gate {
 public:
  using Clock = std::function<int64_t()>;  ///< microseconds since 1970-01-01 UTC

  Gate(std::shared_ptr<const model::Model> model, Clock now_us);

  void set_authorizer(std::shared_ptr<Authorizer> authorizer);
  void set_model(std::shared_ptr<const model::Model> model);
  /// Drops every kept plan: the policy set, a user or the epoch changed. Takes effect on the next decision.
  void invalidate();

  /// What `principal` may do. Kept until `invalidate` or the plan's time boundary.
  /// An elevated right ("TYPE.ACTION") answers Always with all fields; a Plugin has nothing else.
  /// @errors Unavailable: no authorizer is loaded, or it failed (nothing is allowed).
  Result<std::shared_ptr<const Decision>> decide(const Principal& principal, std::string_view action,
                                                 std::string_view type);
  Result<std::string> explain(std::string_view question);

 private:
  struct Shard;
  // …
};

/// Reads a plan's JSON, checking its conditions against the model; a bad plan is an Internal error (fail closed).
Result<Plan> read_plan(const Json& json, const model::Model& model, const model::RecordType& type);

}  // namespace talon::gate
