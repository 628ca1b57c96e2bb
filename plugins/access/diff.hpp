/// What two policy sets mean for real people: who gains and who loses which actions and fields.
#pragma once

#include "rights.hpp"

#include <talon/records.hpp>

namespace talon::access {

/// One right of several people that differs in one way.
struct RightChange {
  std::string type;
  std::string action;               ///< "view"; of a field: "see", "see unmasked" or "edit"
  std::string field;                ///< empty: a right to records
  expression::Expression before;    ///< the records for which it held
  expression::Expression after;     ///< and for which it holds
  expression::Expression among;     ///< of a field: the records that are seen before and after; else all
  std::vector<std::string> people;  ///< e-mail addresses
  std::vector<std::string> rules;   ///< "+ invoice-7 (rules/invoice.yaml:30)": what came, and "-" what went

  bool may_gain() const;  ///< some record may be one that is newly reached
  bool may_lose() const;
};

struct Comparison {
  std::size_t people = 0;  ///< how many were compared
  std::vector<RightChange> changes;

  /// Whether somebody may come to a record or field that they did not reach.
  bool widens() const;
};

/// Two sets made for one model. Borrowed.
struct TwoSets {
  const CompiledSet& before;
  const CompiledSet& after;
};

/// Compares everybody, on every type and action; people with equal residuals stand together.
/// @param day  on which time boxes are judged.
/// @threads any; pure but for `find_id`.
Comparison compare_sets(const TwoSets& sets, const std::vector<Person>& people, Date day,
                        const FindId& find_id);

/// Whether anything would be widened for anybody, today or on a day when a rule or a grant begins or ends:
/// for `people`, as if all of them were active, and for every role that somebody may come to hold. A change
/// of who brings in whom, of what roles include or of what may not be held together counts as one.
bool may_widen(const TwoSets& sets, std::vector<Person> people, Date today, const FindId& find_id);

/// Where no people are at hand: one made-up person a role, who has a value for every fact, and one for each
/// entry of users.yaml.
std::vector<Person> people_of_roles(const TwoSets& sets);

/// `people_of_roles`, and whoever's entry in users.yaml is another in the two sets, with each role that their
/// record may give them.
std::vector<Person> people_of_files(const TwoSets& sets);

/// Counts records and finds examples as the plugin itself.
/// @return
/// {"people","widens","changes":[{type,action,field,effect,people,people_count,records,examples,rules}]}.
/// `records` is null where records cannot be counted: a type without any, an action that makes them, or no
/// host with records.
/// @param shown  a list, as answers of commands say it (docs/manifest.md); gets what was counted by.
Result<Json> comparison_json(const TwoSets& sets, const Comparison& comparison, const Records* records,
                             Json& shown);

/// Adds to `shown` what such changes tell of people and records. @param people  whoever may stand in them.
void add_shown(const Json& changes, const std::vector<Person>& people, Json& shown);

}  // namespace talon::access
