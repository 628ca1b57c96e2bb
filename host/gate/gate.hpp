/// The one gate: who may do what, to which records, which fields. Plans come from the authorizer; the gate
/// keeps and evaluates them.
#pragma once

#include "host/gate/deny_index.hpp"
#include "host/gate/principal.hpp"
#include "host/gate/residuals.hpp"

#include <talon/expression/evaluate.hpp>
#include <talon/expression/tree.hpp>
#include <talon/model.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
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
  int64_t count = 4;  ///< last N characters; rounded to N units (of an amount: whole units of its currency)
};
/// Reads "last 4", "initials", "year" or "rounded 100". @errors InvalidArgument.
Result<Mask> read_mask(std::string_view text);
/// @return a value of the same type that tells less; an empty one stays empty, and what the mask does not fit
/// (the
///         initials of an amount) becomes empty. Last N of a text shows at most half of its characters (code
///         points).
/// @param currency  code of an amount's currency; where it cannot be told, an amount is rounded as if it had
///                  the most decimals that a currency has.
Value apply_mask(const Mask& mask, const model::Field& field, const Value& value,
                 std::string_view currency = {});

struct FieldRule {
  std::string field;  ///< "iban"; "lines.cost" for a child list's
  Level level = Level::Edit;
  Mask mask;
  expression::Expression where;  ///< when it holds; Always: on every record
  std::string place;
};

/// Which of two rules about one field decides where both hold: the lower level, and of two masks the one that
/// tells less. In memory and in SQL.
bool comes_first(const FieldRule& a, const FieldRule& b);

/// What holds for a field on one row.
struct FieldLevel {
  Level level = Level::Edit;
  const Mask* mask = nullptr;  ///< of level Masked, owned by the decision
};

/// What the authorizer answers beside the denies.
struct PlanTerms {
  std::vector<Residual> allows;
  std::vector<FieldRule> fields;
  std::vector<std::string> columns;  ///< of a view: just these; empty: all
  bool has_columns = false;
  bool may_drill_down = true;
  std::vector<std::string> roles;  ///< in force for the person, with all that they include
  std::string policy_set;          ///< hash of the set that made it
  int64_t valid_until_us = 0;      ///< time boundary; 0: none
};

/// The authorizer's answer for (principal, action, type): a residual program as data, checked against the
/// model.
struct Plan : PlanTerms {
  Residuals denies;
};

/// Provided by the plugin that offers talon.authorizer/1; without one everything is denied.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  /// The plan as JSON (docs/authorizer.md). @threads any.
  virtual Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) = 0;
  virtual Result<std::string> explain(std::string_view question) = 0;
};

/// A plan compiled for use: in memory over slots, or as a condition for SQL (row_filter.hpp). Immutable;
/// shared by threads.
class Decision {
 public:
  enum class Verdict { Never, Always, Conditional };
  /// Beside the level, `write_level` tells a rule's number in multiples of this.
  static constexpr int64_t kLevels = 4;

  Verdict verdict() const { return verdict_; }
  /// Allowed when one of these is True…
  const std::vector<Residual>& allows() const { return plan_.allows; }
  /// …and every one of these is False.
  const Residuals& denies() const { return plan_.denies; }
  /// All but the denies.
  const PlanTerms& plan() const { return plan_; }

  /// Slots that `allows_row` and `level` read, as field paths.
  const std::vector<std::string>& slots() const { return slots_; }
  /// True when an allow is True and every deny False. Allocates nothing.
  /// @param row   one cell per slot; what is missing is empty.  @param today  yyyymmdd.
  /// @param rule  index of the rule that decided: denies first, then allows; −1: none allowed. May be null.
  bool allows_row(Row row, int64_t today, int* rule = nullptr) const;

  /// The level of `field` on this row ("lines.cost" for child fields; what holds for "lines" holds for them
  /// too): the least of the rules whose condition is not False.
  /// @param mask  set to the mask that tells least of those that hold when the level is Masked, else to null.
  ///              May be null.
  Level level(std::string_view field, Row row, int64_t today, const Mask** mask = nullptr) const;
  /// The level that holds whatever the record says (the least that any record could have): what filters,
  /// sorts and groups go by.
  Level static_level(std::string_view field) const { return static_rule(field).level; }
  /// The same with its mask.
  FieldLevel static_rule(std::string_view field) const;
  /// What `write_level` has told as a number.
  FieldLevel read_level(int64_t number) const;
  /// True when some rule makes the field's level depend on the record.
  bool is_level_conditional(std::string_view field) const;
  /// The rules that are about `field`, or about the list that it is in: the first that holds decides.
  std::vector<const FieldRule*> rules_of(std::string_view field) const;

  static Result<std::shared_ptr<const Decision>> compile(Plan plan, const model::Model& model,
                                                         const model::RecordType& type);
  /// Everything, or nothing, whatever the record.
  static std::shared_ptr<const Decision> constant(Verdict verdict);

 private:
  bool is_denied(Row row, int64_t today, int* rule) const;
  void add_rules(bool has_denies, expression::ProgramBuilder& builder);

  // What every question reads comes first: it lies together.
  expression::Programs programs_;
  uint32_t denies_ = 0;
  uint32_t allows_ = 0;
  Verdict verdict_ = Verdict::Never;
  DenyIndex deny_index_;                  // built when there are many
  std::vector<uint32_t> indexed_denies_;  ///< a list for each, then
  std::vector<uint32_t> field_rules_;     ///< a list for each of plan_.fields
  std::vector<std::string> slots_;
  Plan plan_;
  std::map<std::string, std::vector<uint32_t>, std::less<>> fields_;  ///< field → indexes of plan_.fields
};

/// Keeps decisions and asks the authorizer for what it has not. @threads any.
class Gate {
 public:
  using Clock = std::function<int64_t()>;  ///< microseconds since 1970-01-01 UTC

  Gate(std::shared_ptr<const model::Model> model, Clock now_us);

  void set_authorizer(std::shared_ptr<Authorizer> authorizer);
  void set_model(std::shared_ptr<const model::Model> model);
  /// Drops every kept plan: the policy set, a user or the epoch changed. Takes effect on the next decision.
  void invalidate();

  /// What `principal` may do. Kept until `invalidate` or the plan's time boundary. A child type is judged as
  /// its parent. An elevated right ("TYPE.ACTION") answers Always with all fields, as everything does for
  /// System; a Plugin has nothing else, and Anonymous nothing.
  /// @errors NotFound: no such type; Unavailable: no authorizer is loaded, or it failed; Internal: its plan
  /// is bad
  ///         (nothing is allowed by any of them).
  Result<std::shared_ptr<const Decision>> decide(const Principal& principal, std::string_view action,
                                                 std::string_view type);
  /// Acts that ask a person to have proved lately who they are.
  struct StepUp {
    std::set<std::string, std::less<>> acts;  ///< "TYPE.ACTION"
    int64_t fresh_us = 0;                     ///< how long a proof holds
  };
  void set_step_up(StepUp step_up);
  /// Asked before an act is carried out, beside `decide`. Principals that are no people pass.
  /// @errors PermissionDenied: the last proof is too old, or the principal is an API token; details {"proof":
  ///         {"with", "fresh_s"}}.
  Result<void> require_proof(const Principal& principal, std::string_view action, std::string_view type);

  /// @errors Unavailable: no authorizer is loaded, or it failed.
  Result<std::string> explain(std::string_view question);

 private:
  struct Key {
    Principal principal;
    std::string action;
    std::string type;
  };
  struct Asked {
    const Principal* principal;
    std::string_view action;
    std::string_view type;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Asked& asked) const;
    std::size_t operator()(const Key& key) const;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Asked& a, const Key& b) const;
    bool operator()(const Key& a, const Asked& b) const { return (*this)(b, a); }
    bool operator()(const Key& a, const Key& b) const;
  };
  struct Kept {
    std::shared_ptr<const Decision> decision;
    std::size_t size = 0;  ///< of the plan's text: a decision takes about as much, and some KiB
  };
  struct Shard {
    std::shared_mutex mutex;
    uint64_t generation = 0;  ///< of what is kept; another one than the gate's: all of it is stale
    std::unordered_map<Key, Kept, Hash, Equal> kept;
    std::size_t size = 0;  ///< of all that is kept
  };
  static constexpr std::size_t kShards = 16;
  // Per shard; beyond either it begins anew. Of ten thousand rules one decision takes megabytes.
  static constexpr std::size_t kKeptMax = 2048;
  static constexpr std::size_t kSizeMax = std::size_t{16} << 20U;

  static void keep(Shard& shard, Key key, Kept kept);
  Result<Kept> ask(const Principal& principal, std::string_view action, const model::RecordType& type,
                   const model::Model& model);
  std::shared_ptr<const Decision> find(const Asked& asked);

  Clock now_us_;
  std::atomic<uint64_t> generation_{1};
  std::array<Shard, kShards> shards_;
  std::shared_mutex mutex_;  ///< guards the three below
  std::shared_ptr<const model::Model> model_;
  std::shared_ptr<Authorizer> authorizer_;
  StepUp step_up_;
};

/// Reads a plan's JSON (docs/authorizer.md), checking its conditions and fields against the model; on a view
/// a condition may name group keys only. A bad plan is an Internal error (fail closed).
Result<Plan> read_plan(const Json& json, const model::Model& model, const model::RecordType& type);

}  // namespace talon::gate
