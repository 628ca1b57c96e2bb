/// Rules that give only some columns of a view: what a plan makes of them together must be readable.
#include "compile_parts.hpp"
#include "readable.hpp"

#include <algorithm>
#include <set>

namespace talon::access {

namespace {

using expression::Expression;

bool gives_column(const CompiledRule& rule, std::string_view column) {
  return !rule.terms->has_columns || std::find(rule.terms->columns.begin(), rule.terms->columns.end(),
                                               column) != rule.terms->columns.end();
}

/// Of one type and action.
class ColumnRules {
 public:
  ColumnRules(const TypePolicy& policy, const std::vector<uint32_t>& list) {
    for (const uint32_t index : list) {
      const CompiledRule& rule = policy.rules[index];
      if (rule.effect != Effect::Allow) continue;
      allows_.push_back(&rule);
      columns_.insert(rule.terms->columns.begin(), rule.terms->columns.end());
    }
  }
  bool are_partial() const { return !columns_.empty(); }

  /// What `unless` of plan.cpp will write for a token of somebody who holds the role alone, which is its
  /// longest. @return the place and the mistake of the first rule that is too much; null: all can be read.
  const CompiledRule* first_too_much(const RoleSet& roles, std::string& column, std::string& fault) const {
    std::vector<const CompiledRule*> bound;
    for (const CompiledRule* rule : allows_) {
      if (rule->binding().binds(roles)) bound.push_back(rule);
    }
    for (const std::string& name : columns_) {
      std::vector<const CompiledRule*> given_by;
      for (const CompiledRule* rule : bound) {
        if (gives_column(*rule, name)) given_by.push_back(rule);
      }
      if (given_by.size() == bound.size() || fault_of(given_by).empty()) continue;
      // The first with which those before it are too much.
      const auto first = std::partition_point(given_by.begin(), given_by.end(), [&](const auto& rule) {
        const auto count = &rule - given_by.data() + 1;
        return fault_of({given_by.begin(), given_by.begin() + count}).empty();
      });
      fault = fault_of({given_by.begin(), first + 1});
      column = name;
      return *first;
    }
    return nullptr;
  }

 private:
  static std::string fault_of(const std::vector<const CompiledRule*>& given_by) {
    Expression none;
    none.kind = Expression::Kind::None;
    for (const CompiledRule* rule : given_by) {
      const auto tree = rule->where.tree();
      if (!rule->where.asks_user()) {
        none.children.push_back(*tree);
        continue;
      }
      Expression& both = none.children.emplace_back();
      both.kind = Expression::Kind::All;
      both.children = {*tree, *tree};
    }
    return reading_fault(expression::print(none));
  }

  std::vector<const CompiledRule*> allows_;
  std::set<std::string> columns_;
};

void check_type(const Compiler& compiler, const std::string& type, const TypePolicy& policy) {
  std::set<const CompiledRule*> told;
  for (const auto& [action, list] : policy.by_action) {
    const ColumnRules rules(policy, list);
    if (!rules.are_partial()) continue;
    for (uint32_t role = 0; role < compiler.roles.names().size(); ++role) {
      std::string column;
      std::string fault;
      const CompiledRule* rule = rules.first_too_much(compiler.roles.with_included(role), column, fault);
      if (rule == nullptr || !told.insert(rule).second) continue;
      compiler.mistakes.push_back(
          {std::string(rule->file), rule->at,
           "of whoever is " + compiler.roles.name(role) + ", the rules that give \"" + column + "\" of " +
               type + " say too much together: " + fault +
               "; write fewer or shorter conditions, or name the same columns in all of them"});
    }
  }
}

}  // namespace

void check_columns_together(const Compiler& compiler) {
  // Nothing is judged of conditions that have mistakes of their own.
  if (!compiler.mistakes.empty()) return;
  for (const auto& [type, policy] : compiler.set.types) check_type(compiler, type, policy);
}

}  // namespace talon::access
