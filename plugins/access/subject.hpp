/// Somebody with a policy set applied: roles in force on a day, facts, and when that changes.
#pragma once

#include "compile.hpp"

#include <functional>

namespace talon::access {

/// What is known of a person from their record: roles with days, and facts as text.
struct Person {
  int64_t id = 0;
  std::string key;  ///< e-mail address: by which policy files name them; of a tests file FILE:NAME
  std::string name;
  bool is_active = false;
  int64_t version = 0;
  struct RoleGrant {
    std::string role;
    TimeBox time;
  };
  std::vector<RoleGrant> roles;
  std::map<std::string, std::vector<std::string>, std::less<>> facts;
  std::vector<std::string> token_roles;  ///< a token's narrower roles; empty: all
};

/// Finds the id of a record of `type` by what a policy file says ("C-100"); nothing where there is none.
using FindId = std::function<Result<std::optional<int64_t>>(std::string_view type, std::string_view text)>;

/// A person on a day, ready to be judged.
struct Subject {
  bool is_active = false;
  std::string key;
  RoleSet roles;  ///< in force, with all that they include; of a token just those that it was given
  RoleSet held;   ///< the person's own: what forbids, hides and locks goes by these too
  expression::UserFacts facts;
  std::optional<expression::UserFacts> owner;  ///< of a token with fewer roles: the facts with all of them
  /// Facts that name a record that is not there, with what they say: they are unknown as a whole, since a
  /// list that is short of one would deny less.
  std::vector<std::string> unresolved;
  std::optional<Error> failure;  ///< a record could not be looked for: nothing may be planned from this
  std::vector<Date> boundaries;  ///< days on which something of the person begins or has ended
};

/// Applies the set to a person: adds what users.yaml says, keeps the grants in force on `day`, refuses a role
/// that would complete a `never together` (in the order: record, file, then time-boxed grants), narrows to a
/// token's roles: what a token may do is a part of what its owner may.
/// @param find_id  reads a fact that names a record by number; may be empty.
Subject make_subject(const CompiledSet& set, const Person& person, Date day, const FindId& find_id);

}  // namespace talon::access
