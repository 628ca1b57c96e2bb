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
  std::map<std::string, FactType, std::less<>> facts;                ///< empty: `user.` is refused
  const std::map<std::string, Expression, std::less<>>* named = nullptr;  ///< conditions for `is NAME`; null: refused
};

/// Checks `expression` in place: resolves named conditions, fills `type`, `currency_path` and the operands' values.
/// All mistakes at once, each with its place and a suggestion ("invoice has no field "creatd_by". Did you mean
/// "created_by"?"). `file` goes into them.
/// @threads any; pure.
Mistakes check(Expression& expression, const Scope& scope, const std::string& file);

/// The user's facts, folded in: User, Fact and HasRole disappear; a missing fact becomes Unknown.
struct UserFacts {
  int64_t user = 0;  ///< id; 0: no user (a plugin or connector), `user` is Unknown
  std::map<std::string, std::vector<Value>, std::less<>> facts;
  std::vector<std::string> roles;  ///< with all that they include
};
Expression fold(const Expression& expression, const UserFacts& user);

}  // namespace talon::expression
