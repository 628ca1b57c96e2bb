/// What the files of the compiler share.
#pragma once

#include "compile.hpp"
#include "node_reader.hpp"

namespace talon::access {

/// Conditions that rules share, by what they say and about which type.
struct SharedConditions {
  ByName<const OwnCondition*> own;
  ByName<const PartnerTest*> partners;
  ByName<uint32_t> partner_numbers;
  std::unordered_map<const model::RecordType*, expression::Scope> scopes;
};

/// The compiler's surroundings. Borrowed for one run.
struct Compiler {
  const PolicySet& source;
  const model::Model& model;
  const RoleTable& roles;
  std::map<std::string, expression::FactType, std::less<>> facts;
  std::map<std::string, expression::Expression, std::less<>> named;
  Mistakes& mistakes;
  CompiledSet& set;  ///< what is being made
  SharedConditions& shared;

  /// 0 for no partner.
  uint32_t partner_number(const std::string& partner) const {
    if (partner.empty()) return 0;
    const auto next = static_cast<uint32_t>(set.partners.size() + 1);
    const auto [at, is_new] = shared.partner_numbers.try_emplace(partner_key(partner), next);
    if (is_new) set.partners.emplace_back(set.texts.keep(at->first), next);
    return at->second;
  }
  void mistake(const Word& at, std::string message) const {
    mistakes.push_back({at.file, at.place, std::move(message)});
  }
};

/// Checks `lines`, with the scope `within` (its text may be empty) and the partner in front, against `type`.
Residue residue(const Compiler& compiler, const model::RecordType& type, const expression::Expression& lines,
                const Word& within, const std::string& partner, const std::string& file);
/// @param reason  what the rule says of itself.
RuleHead rule_head(const Compiler& compiler, const Standing& standing, const Word& head,
                   const std::string& reason);
const BoundRoles& bound_roles(const Compiler& compiler, const Audience& audience,
                              const std::vector<Word>& except);

/// Compiles one rule into `policy`.
void add_rule(const Compiler& compiler, const model::RecordType& type, const Rule& rule,
              const Standing& standing, TypePolicy& policy);
void add_field_rule(const Compiler& compiler, const model::RecordType& type, const FieldRule& rule,
                    const Standing& standing, TypePolicy& policy);
/// What the rules that give one column of a view, and not all do, say together: a plan holds it as one
/// condition, for each role by itself.
void check_columns_together(const Compiler& compiler);
/// Scopes and named conditions that fit no record type at all: a mistyped field, wherever they are used or
/// not.
void check_named(const Compiler& compiler);
/// Roles and facts of people, and what they may not hold together.
void check_users(const Compiler& compiler, const std::map<std::string, UserEntry, std::less<>>& users);

/// All names that a field rule of `type` may use: fields, lists, LIST.FIELD and groups.
std::vector<std::string> field_names(const model::Model& model, const model::RecordType& type);
/// The fields that `name` stands for, in the form of plans: a field, and those of a group or list of that
/// name.
/// @return empty: there is no such name.
std::vector<std::string> expand_field(const model::Model& model, const model::RecordType& type,
                                      std::string_view name);
/// "iban" or "lines.cost" of `type`; null when there is none.
const model::Field* field_of(const model::Model& model, const model::RecordType& type, std::string_view name);

}  // namespace talon::access
