/// Checking a whole tree: named conditions, roles, and every comparison (see check.hpp).
#pragma once

#include <talon/bodies.hpp>
#include <talon/expression/check.hpp>
#include <talon/expression/check_compare.hpp>

namespace talon::expression {

namespace detail {

inline constexpr int kNamedDepthMax = 8;  // named conditions that use named conditions
inline constexpr int kNamedMax = 1000;    // uses of them in all, so that they cannot multiply without end
inline constexpr std::size_t kMistakesMax =
    100;  // nobody reads more, and hostile text would ask for thousands

class TreeCheck {
 public:
  /// @param named_left  counts down the uses of named conditions, those within others included.
  TreeCheck(const Scope& scope, const std::string& file, int& named_left)
      : scope_(scope), file_(file), named_left_(named_left) {}

  void run(Expression& expression, int named_depth) {
    if (mistakes.size() >= kMistakesMax) return;
    switch (expression.kind) {
      case Expression::Kind::Always:
        return;
      case Expression::Kind::All:
      case Expression::Kind::Any:
      case Expression::Kind::None:
        for (Expression& child : expression.children) run(child, named_depth);
        return;
      case Expression::Kind::Compare:
        for (auto& fault : CompareCheck(scope_, expression).run())
          fail(fault.place, std::move(fault.message));
        return;
      case Expression::Kind::Named:
        return resolve(expression, named_depth);
      case Expression::Kind::HasRole:
        return check_role(expression);
    }
  }

  Mistakes mistakes;

 private:
  void resolve(Expression& expression, int named_depth) {
    const std::string quoted = "\"" + expression.path + "\"";
    if (scope_.named == nullptr)
      return fail(expression.place, "named conditions cannot be used here: " + quoted);
    const auto found = scope_.named->find(expression.path);
    if (found == scope_.named->end()) {
      std::vector<std::string> names;
      for (const auto& [name, condition] : *scope_.named) names.push_back(name);
      return fail(expression.place,
                  "there is no condition " + quoted + "." + model::suggestion(expression.path, names));
    }
    if (named_depth >= kNamedDepthMax || --named_left_ < 0) {
      return fail(expression.place, "the condition " + quoted + " uses itself, or too many others");
    }
    TreeCheck inner(scope_, file_, named_left_);
    Expression condition = found->second;
    inner.run(condition, named_depth + 1);
    if (!inner.mistakes.empty()) {
      return fail(expression.place, "the condition " + quoted + " does not fit " + scope_.type->name + ": " +
                                        inner.mistakes.front().message);
    }
    if (!expression.is_negated) {
      condition.place = expression.place;
      expression = std::move(condition);
      return;
    }
    Expression none;
    none.kind = Expression::Kind::None;
    none.place = expression.place;
    none.children.push_back(std::move(condition));
    expression = std::move(none);
  }

  void check_role(const Expression& expression) {
    if (scope_.roles == nullptr) return;
    if (std::find(scope_.roles->begin(), scope_.roles->end(), expression.path) != scope_.roles->end()) return;
    fail(expression.place,
         "there is no role \"" + expression.path + "\"." + model::suggestion(expression.path, *scope_.roles));
  }

  void fail(Place place, std::string message) { mistakes.push_back({file_, place, std::move(message)}); }

  const Scope& scope_;
  const std::string& file_;
  int& named_left_;
};

}  // namespace detail

TALON_INLINE Mistakes check(Expression& expression, const Scope& scope, const std::string& file) {
  int named_left = detail::kNamedMax;
  detail::TreeCheck checker(scope, file, named_left);
  checker.run(expression, 0);
  return std::move(checker.mistakes);
}

}  // namespace talon::expression
