/// Judging scopes and named conditions by themselves.
#include "compile_parts.hpp"

#include <algorithm>

namespace talon::access {

namespace {

/// The mistakes on the type that the condition fits best; none where it fits one.
Mistakes least_mistakes(const Compiler& compiler, const Condition& condition) {
  Mistakes least;
  for (const model::RecordType& type : compiler.model.types) {
    const expression::Scope scope{&compiler.model, &type, compiler.facts, &compiler.named,
                                  &compiler.roles.names()};
    expression::Expression lines = condition.lines;
    Mistakes mistakes = expression::check(lines, scope, condition.name.file);
    if (mistakes.empty()) return {};
    // Of types that fit equally badly, one that has nearly such a field says what was meant.
    const auto has_suggestion = [](const Mistakes& list) {
      return !list.empty() && list.front().message.find("Did you mean") != std::string::npos;
    };
    const bool is_better =
        mistakes.size() < least.size() ||
        (mistakes.size() == least.size() && has_suggestion(mistakes) && !has_suggestion(least));
    if (least.empty() || is_better) least = std::move(mistakes);
  }
  return least;
}

}  // namespace

void check_named(const Compiler& compiler) {
  for (const auto* all : {&compiler.source.scopes, &compiler.source.conditions}) {
    for (const auto& [name, condition] : *all) {
      for (Mistake& mistake : least_mistakes(compiler, condition)) {
        mistake.message = "\"" + name + "\" fits no record type: " + mistake.message;
        compiler.mistakes.push_back(std::move(mistake));
      }
    }
  }
}

}  // namespace talon::access
