/// Names and types: gives every comparison its field type and every literal its value.
#pragma once

#include <talon/expression/tree.hpp>

#include <functional>
#include <map>
#include <string>

namespace talon::expression {

/// What a rule may ask about the signed-in user (user.FACT).
struct FactType {
  model::FieldType type = model::FieldType::Text;  ///< Text, Integer, Decimal, Money, Ref, Boolean, Date
  std::string to;                                  ///< of a Ref
  int scale = 0;
  bool is_list = false;
};

struct Scope {
  const model::Model* model = nullptr;
  const model::RecordType* type = nullptr;
  std::map<std::string, FactType, std::less<>> facts;  ///< empty: `user.` is refused
  /// Conditions for `is NAME`, as parsed; null: refused.
  const std::map<std::string, Expression, std::less<>>* named = nullptr;
  const std::vector<std::string>* roles = nullptr;  ///< what `user has role` may name; null: not looked at
  bool is_folded = false;  ///< a plan: a user's fact need not be one of a field's choices
  /// Whose words they are: whoever may compare or explain conditions could ask for what nobody is shown,
  /// value by value. Named is for what code and manifests say.
  model::Internal internal = model::Internal::Refused;
};

/// Checks `expression` in place: resolves named conditions, fills `type`, `currency_path` and the operands'
/// values, and makes a Path of an unquoted literal that names a field of the same type. A tree that was
/// checked may be checked again, against another model too. All mistakes at once, each with its place and a
/// suggestion ("invoice has no field "creatd_by". Did you mean "created_by"?"). `file` goes into them.
/// @threads any; pure.
Mistakes check(Expression& expression, const Scope& scope, const std::string& file);

/// The user's facts, folded in: User, Fact and HasRole disappear; a missing fact becomes Unknown.
struct UserFacts {
  int64_t user = 0;  ///< id; 0: no user (a plugin or connector), `user` is Unknown
  /// A value is either as storage keeps it or its text ("pty_…", "2026-11-21"). An amount is the text "10000
  /// EUR"; without a currency it is in `currency`.
  std::map<std::string, std::vector<Value>, std::less<>> facts;
  std::vector<std::string> roles;  ///< with all that they include
  std::string currency;            ///< of amounts that name none; empty: those are Unknown
};

/// Puts the user into a checked tree. A fact that is missing, cannot be read as the field's type, or has
/// several values where one is meant becomes Unknown; amounts in several currencies after `in` become one
/// comparison each. What is True or False by that disappears (False is `not (always)`).
/// @threads any; pure.
Expression fold(const Expression& expression, const UserFacts& user);

}  // namespace talon::expression

#ifndef TALON_SDK_LIBRARY
#include <talon/expression/check_tree.hpp>
#include <talon/expression/fold.hpp>
#endif
