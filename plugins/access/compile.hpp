/// Policy set to decision lists: per (type, action) the rules, denies first, with roles as numbers and
/// conditions checked against the model.
#pragma once

#include "residue.hpp"
#include "role_table.hpp"
#include "texts.hpp"

#include <memory>
#include <unordered_map>

namespace talon::access {

/// Finds std::string keys by std::string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename T>
using ByName = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

/// Whom a compiled rule binds.
struct Binding {
  bool has_all = false;
  RoleSet roles;
  RoleSet except;

  /// @param held  the roles in force, with all that they include.
  bool binds(const RoleSet& held) const { return gives(held, held); }
  /// For what a token may do: by its own roles, and not where its owner is left out.
  bool gives(const RoleSet& in_force, const RoleSet& held) const {
    return (has_all || intersects(roles, in_force)) && !intersects(except, held);
  }
};

/// Whom a rule speaks about, kept once for all rules that say the same.
struct BoundRoles {
  Binding binding;
  std::string words;  ///< "everyone except chief_accountant", for explanations
};

/// What every compiled rule has. Of tens of thousands each byte counts: what it points to is the set's.
struct RuleHead {
  std::string_view id;
  std::string_view file;
  Place at;
  uint32_t document = 0;  ///< which of the set's documents, in their order
  std::string_view because;
  const BoundRoles* bound = nullptr;  ///< never null

  /// "rules/invoice.yaml:41".
  std::string place() const { return std::string(file) + ":" + std::to_string(at.line); }
  const Binding& binding() const { return bound->binding; }
  const std::string& audience() const { return bound->words; }
};

/// What few rules say.
struct RuleTerms {
  TimeBox time;
  std::vector<std::string> columns;
  bool has_columns = false;
  bool may_drill_down = true;
};
inline const RuleTerms kNoTerms;

struct CompiledRule : RuleHead {
  Effect effect = Effect::Allow;
  Residue where;
  const RuleTerms* terms = &kNoTerms;  ///< never null
};

struct CompiledField : RuleHead {
  FieldEffect effect = FieldEffect::Hide;  ///< Only is compiled to Hide of all others
  std::vector<std::string> fields;         ///< "iban", "lines.cost"
  std::vector<std::string> kept;           ///< of Only: the fields that it names, for who reads it
  std::string as;                          ///< of Mask
  uint32_t partner = 0;                    ///< the partner's number whose file it stands in; 0: none
  Residue where;
};

/// All rules of one type. The lists hold indexes into `rules`, denies first, in the order of the files.
struct TypePolicy {
  std::vector<CompiledRule> rules;
  std::vector<uint32_t> partners;  ///< of each rule: the partner's number whose file it stands in; 0: none
  ByName<std::vector<uint32_t>> by_action;
  std::vector<CompiledField> fields;
};

/// A checked policy set in its usable form. Immutable; shared by the threads that plan while a new one is
/// loaded.
struct CompiledSet {
  PolicySet source;
  std::shared_ptr<const model::Model> model;  ///< shared: kept as long as any set made from it
  RoleTable roles;
  std::map<std::string, expression::FactType, std::less<>> facts;
  /// Numbers from 1 of partners with files of their own, sorted by what `partner_key` says.
  std::vector<std::pair<std::string_view, uint32_t>> partners;
  ByName<TypePolicy> types;
  ByName<ByName<TypePolicy>> personal;  ///< by e-mail address, then type
  // What the rules point to: it stays where it is when the set is moved.
  Texts texts;
  ByName<BoundRoles> bounds;
  Kept<RuleTerms> terms;
  Kept<OwnCondition> conditions;
  Kept<PartnerTest> partner_tests;
  ByName<PartnerTest::Pattern> patterns;

  const TypePolicy* policy_of(std::string_view type) const;
  const TypePolicy* personal_of(std::string_view email, std::string_view type) const;
  /// @return 0: a partner without a file.
  uint32_t partner_number(std::string_view key) const;
};

/// How partners are told apart: a party's number, or its id however that is written.
std::string partner_key(std::string_view number);
std::string partner_key(int64_t id);
/// The type's paths to partners. A path that leads to a party leads on over that party's own paths (its
/// `partner`), so that a partner's file also speaks about the records of the partner's clients.
std::vector<std::string> partner_paths(const model::Model& model, const model::RecordType& type);
/// What names the partner at the end of `path`, beside the id that stands there: "client.number".
std::string partner_number_path(const std::string& path);

/// Judges every name and type, and compiles.
/// @param mistakes  appended to; the result is of use only when there are none.
/// @threads any; pure.
CompiledSet compile(PolicySet set, std::shared_ptr<const model::Model> model, Mistakes& mistakes);

}  // namespace talon::access
