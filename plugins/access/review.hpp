/// A review of grants: what each gives, whether it was used, and what to think of it. Pure rules.
#pragma once

#include "subject.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace talon::access {

/// (record type, action).
using Right = std::pair<std::string, std::string>;
/// Rights by the moment of their last use, in microseconds since 1970 UTC.
using Uses = std::map<Right, int64_t>;

/// What a grant gives.
struct Gives {
  std::set<Right> rights;
  /// Those whose use leaves no entry in the audit log: reading types without a read log, commands.
  std::set<Right> untraced;
};
/// By role number, what its own rules give, with those of the roles that it includes; what everyone has is
/// left out.
using RoleGives = std::vector<std::shared_ptr<const Gives>>;
RoleGives rights_of_roles(const CompiledSet& set);
/// What a personal rule allows; nothing, of a deny.
Gives rights_of_rule(const model::Model& model, const TypeRules& rule);

/// One thing that somebody was given.
struct HeldGrant {
  enum class Kind { Role, Rule };
  Kind kind = Kind::Role;
  std::string name;   ///< the role, or the rule's id
  std::string place;  ///< "users.yaml:12"; empty: it stands on the person's record
  TimeBox time;
  std::string reason;
  std::string given_by;                ///< principal; empty: not known
  int64_t given_us = 0;                ///< 0: not known
  bool is_deny = false;                ///< of a rule
  bool is_unknown = false;             ///< a role that no policy file declares
  std::shared_ptr<const Gives> gives;  ///< never null
};

/// What a person's grants are judged by.
struct Reviewed {
  std::vector<HeldGrant> grants;
  Uses uses;
  int64_t seen_us = 0;     ///< when they were last signed in, or their token was used; 0: never
  int64_t created_us = 0;  ///< of their record
};

struct ReviewTimes {
  int64_t since_us = 0;  ///< the beginning of the time in question
  Date since;
  Date today;
  int ends_soon_days = 30;
};

enum class Proposal { Keep, Narrow, Remove };
std::string_view word_of(Proposal proposal);

struct Opinion {
  std::string state;    ///< used, unused, untraced, new, expired, not_yet, unknown_role
  int64_t used_us = 0;  ///< last use of anything that it gives; 0: none is known
  Right used;           ///< what was used last
  std::vector<std::string> risks;
  bool ends_soon = false;
  Proposal proposal = Proposal::Keep;
  std::string narrow_to;  ///< a role that is enough for what was used
  std::string why;        ///< of the proposal, one sentence
};

/// Judges each grant of one person; as many opinions as grants, in their order.
///
/// What was used in the time in question is never proposed for removal: a right that two grants give counts
/// as used by both, and of what leaves no trace in the log nobody says that it was not used, unless the
/// person was not there at all.
/// @threads any; pure.
std::vector<Opinion> judge_grants(const CompiledSet& set, const RoleGives& roles, const Reviewed& person,
                                  const ReviewTimes& times);

}  // namespace talon::access
