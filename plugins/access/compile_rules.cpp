/// Rules to compiled rules: conditions checked, roles numbered, actions looked up.
#include "compile_parts.hpp"
#include "readable.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::access {

namespace {

using expression::Expression;

Expression compare(std::string path, expression::Operator op, std::string literal = {}) {
  Expression compare;
  compare.kind = Expression::Kind::Compare;
  compare.path = std::move(path);
  compare.op = op;
  if (!literal.empty()) {
    compare.operand.kind = expression::Operand::Kind::Literal;
    compare.operand.text = std::move(literal);
    compare.operand.is_quoted = true;
  }
  return compare;
}

/// True for the records whose partner is `partner`, and False, never Unknown, for all others: a deny holds
/// unless it is False, and another partner's records must not be caught by that.
Expression partner_test(const model::Model& model, const model::RecordType& type,
                        const std::string& partner) {
  const bool is_id = parse_id(partner) ? true : false;
  Expression any;
  any.kind = Expression::Kind::Any;
  for (const std::string& path : partner_paths(model, type)) {
    const std::string field = is_id ? path : partner_number_path(path);
    Expression both;
    both.kind = Expression::Kind::All;
    both.children.push_back(compare(field, expression::Operator::IsNotEmpty));
    both.children.push_back(compare(field, expression::Operator::Is, partner));
    if (is_id) both.children.back().operand.is_quoted = false;
    any.children.push_back(std::move(both));
  }
  return any;
}

/// A view's rules stand below its grouping, so they may name group keys only. @return the first path that is
/// none.
std::string aggregate_in(const model::RecordType& type, const Expression& tree) {
  std::string found;
  expression::each_path(tree, [&](const std::string& path) {
    const std::string_view name = std::string_view(path).substr(0, path.find('.'));
    for (const model::ViewColumn& column : type.view.columns) {
      if (found.empty() && column.name == name && !column.is_key()) found = path;
    }
  });
  return found;
}

void append(Expression& all, Expression part) {
  if (part.kind == Expression::Kind::Always) return;
  if (part.kind == Expression::Kind::All) {
    for (Expression& child : part.children) all.children.push_back(std::move(child));
  } else {
    all.children.push_back(std::move(part));
  }
}

/// The scope's condition, checked against the type; a mistake stands at the word that names the scope.
Expression scope_of(const Compiler& compiler, const expression::Scope& scope, const Word& within) {
  const auto found = compiler.source.scopes.find(within.text);
  if (found == compiler.source.scopes.end()) {
    std::vector<std::string> names;
    for (const auto& [name, condition] : compiler.source.scopes) names.push_back(name);
    compiler.mistake(within, "there is no scope \"" + within.text + "\"" + suggestion(within.text, names));
    return {};
  }
  Expression lines = found->second.lines;
  const Mistakes mistakes = expression::check(lines, scope, found->second.name.file);
  if (!mistakes.empty()) {
    compiler.mistake(within, "the scope \"" + within.text + "\" (" + found->second.name.where() +
                                 ") does not fit " + scope.type->name + ": " + mistakes.front().message);
  }
  return lines;
}

void check_actions(const Compiler& compiler, const model::RecordType& type, const Rule& rule) {
  for (const Word& action : rule.actions) {
    if (type.has_action(action.text)) continue;
    std::vector<std::string> names = type.base_actions;
    for (const model::Action& own : type.actions) names.push_back(own.name);
    compiler.mistake(action,
                     type.name + " has no action \"" + action.text + "\"" + suggestion(action.text, names));
  }
}

void check_columns(const Compiler& compiler, const model::RecordType& type, const Rule& rule) {
  if (type.kind == model::Kind::Stored && (rule.has_columns || !rule.may_drill_down)) {
    compiler.mistake(rule.head, "columns: and drill down: go with views and reports, and " + type.name +
                                    " has records; say \"only:\" under its fields: instead");
    return;
  }
  if (rule.has_columns && rule.columns.empty()) compiler.mistake(rule.head, "columns: names no column");
  for (const Word& column : rule.columns) {
    if (type.find_field(column.text) != nullptr) continue;
    compiler.mistake(column, type.name + " has no column \"" + column.text + "\"" +
                                 suggestion(column.text, model::field_names(type)));
  }
}

std::string join(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : ", ") + word.text;
  return text;
}

/// "accountant, sales except front_office".
std::string describe(const Audience& audience, const std::vector<Word>& except) {
  std::string text = audience.has_all ? "everyone" : join(audience.roles);
  if (!except.empty()) text += " except " + join(except);
  return text;
}

/// All that a condition says, so that equal texts are equal conditions.
void add_key(std::string& key, const Expression& tree) {
  const auto add = [&](const std::string& text) {
    key.append(std::to_string(text.size())).append(":").append(text);
  };
  const expression::Operand& operand = tree.operand;
  for (const int number : {static_cast<int>(tree.kind), static_cast<int>(tree.op), tree.is_negated ? 1 : 0,
                           static_cast<int>(operand.kind), operand.is_quoted ? 1 : 0})
    key.append(std::to_string(number)).push_back(',');
  key.append(std::to_string(operand.days)).push_back(',');
  for (const std::string* text : {&tree.path, &operand.text, &operand.currency}) add(*text);
  key.append(std::to_string(operand.texts.size())).push_back('[');
  for (const std::string& text : operand.texts) add(text);
  key.append(std::to_string(tree.children.size())).push_back('(');
  for (const Expression& child : tree.children) add_key(key, child);
}

/// The test of a partner's file. A number always fits once one has; an id may be one of another type.
/// @return null after a mistake.
const PartnerTest* partner_test_of(const Compiler& compiler, const expression::Scope& scope,
                                   const std::string& partner, const std::string& file) {
  const PartnerTest*& kept = compiler.shared.partners[scope.type->name + "/" + partner];
  if (kept != nullptr) return kept;
  const auto id = parse_id(partner);
  const std::string kind = scope.type->name + (id ? "/id" : "/number");
  auto pattern = compiler.set.patterns.find(kind);
  if (pattern == compiler.set.patterns.end() || id) {
    Expression test = partner_test(compiler.model, *scope.type, partner);
    Mistakes mistakes = expression::check(test, scope, file);
    compiler.mistakes.insert(compiler.mistakes.end(), mistakes.begin(), mistakes.end());
    if (!mistakes.empty()) return nullptr;
    if (pattern == compiler.set.patterns.end())
      pattern = compiler.set.patterns.emplace(kind, PartnerTest::pattern_of(std::move(test))).first;
  }
  kept = &compiler.set.partner_tests.add(pattern->second, compiler.set.texts.keep(partner), id ? *id : 0);
  return kept;
}

/// What the rule says itself, within its scope.
const OwnCondition& own_condition(const Compiler& compiler, const expression::Scope& scope,
                                  const Expression& lines, const Word& within, const std::string& file) {
  std::string key = scope.type->name + "/" + within.text + "/";
  add_key(key, lines);
  if (const auto known = compiler.shared.own.find(key); known != compiler.shared.own.end())
    return *known->second;
  const std::size_t mistakes = compiler.mistakes.size();
  Expression all;
  all.kind = Expression::Kind::All;
  all.place = lines.place;
  if (!within.text.empty()) append(all, scope_of(compiler, scope, within));
  Expression own = lines;
  for (Mistake& mistake : expression::check(own, scope, file))
    compiler.mistakes.push_back(std::move(mistake));
  append(all, std::move(own));
  const std::string aggregate = aggregate_in(*scope.type, all);
  if (!aggregate.empty()) {
    compiler.mistakes.push_back({file, lines.place.line > 0 ? lines.place : within.place,
                                 "\"" + aggregate + "\" is no group key of the view " + scope.type->name +
                                     "; rules on a view name group keys only"});
  }
  if (all.children.empty()) all = Expression();
  const std::string_view text = compiler.set.texts.keep(expression::print(all));
  const OwnCondition& made = compiler.set.conditions.add(compiler.model, *scope.type, std::move(all), text);
  // One with mistakes is judged wherever it stands: each place is told.
  if (compiler.mistakes.size() == mistakes) compiler.shared.own.emplace(std::move(key), &made);
  return made;
}

/// Whoever judges a condition reads its text, and texts have limits that lines in a file do not have: a deny
/// that could not be read would close its whole type.
void check_is_readable(const Compiler& compiler, const Residue& made, std::string_view own,
                       const Word& place) {
  if (is_surely_readable(own)) return;
  std::string text = made.text();
  // A token's plan says it twice: of the token and of its owner.
  if (made.asks_user()) text = "(" + text + ") or (" + text + ")";
  if (const std::string fault = reading_fault(text); !fault.empty()) {
    compiler.mistake(
        place, fault + ": no plan could use it; write several rules, or lists as in \"state in [a, b]\"");
  }
}

}  // namespace

Residue residue(const Compiler& compiler, const model::RecordType& type, const Expression& lines,
                const Word& within, const std::string& partner, const std::string& file) {
  auto kept = compiler.shared.scopes.find(&type);
  if (kept == compiler.shared.scopes.end()) {
    const expression::Scope made{&compiler.model, &type, compiler.facts, &compiler.named,
                                 &compiler.roles.names()};
    kept = compiler.shared.scopes.emplace(&type, made).first;
  }
  const expression::Scope& scope = kept->second;
  const PartnerTest* test = nullptr;
  if (!partner.empty() && !type.partner_paths.empty()) test = partner_test_of(compiler, scope, partner, file);
  const std::size_t mistakes = compiler.mistakes.size();
  const OwnCondition& own = own_condition(compiler, scope, lines, within, file);
  const Residue made(own, test);
  if (compiler.mistakes.size() == mistakes)
    check_is_readable(compiler, made, own.text(),
                      {{}, file, lines.place.line > 0 ? lines.place : within.place});
  return made;
}

RuleHead rule_head(const Compiler& compiler, const Standing& standing, const Word& head,
                   const std::string& reason) {
  Texts& texts = compiler.set.texts;
  RuleHead made;
  made.id = texts.keep(head.text);
  made.file = texts.keep_once(head.file);
  made.at = head.place;
  made.document = standing.document;
  made.because = texts.keep_once(reason);
  return made;
}

const BoundRoles& bound_roles(const Compiler& compiler, const Audience& audience,
                              const std::vector<Word>& except) {
  std::string key = audience.has_all ? "*" : "";
  for (const auto* words : {&audience.roles, &except}) {
    for (const Word& word : *words)
      key.append(std::to_string(word.text.size())).append(":").append(word.text);
    key.push_back('/');
  }
  if (const auto known = compiler.set.bounds.find(key); known != compiler.set.bounds.end())
    return known->second;
  const std::size_t mistakes = compiler.mistakes.size();
  BoundRoles made{{audience.has_all, compiler.roles.resolve(audience.roles, compiler.mistakes),
                   compiler.roles.resolve(except, compiler.mistakes)},
                  describe(audience, except)};
  // Unknown roles are told wherever they stand.
  if (compiler.mistakes.size() > mistakes) key.append(std::to_string(compiler.mistakes.size()));
  return compiler.set.bounds.emplace(std::move(key), std::move(made)).first->second;
}

void add_rule(const Compiler& compiler, const model::RecordType& type, const Rule& rule,
              const Standing& standing, TypePolicy& policy) {
  check_actions(compiler, type, rule);
  check_columns(compiler, type, rule);
  CompiledRule compiled;
  static_cast<RuleHead&>(compiled) = rule_head(compiler, standing, rule.head, rule.because);
  compiled.effect = rule.effect;
  compiled.bound = &bound_roles(compiler, rule.to, rule.except);
  compiled.where = residue(compiler, type, rule.when, rule.within, standing.partner, rule.head.file);
  if (rule.time.from || rule.time.until || rule.has_columns || !rule.may_drill_down) {
    RuleTerms& terms = compiler.set.terms.add();
    terms = {rule.time, {}, rule.has_columns, rule.may_drill_down};
    for (const Word& column : rule.columns) terms.columns.push_back(column.text);
    compiled.terms = &terms;
  }

  const auto index = static_cast<uint32_t>(policy.rules.size());
  const auto add = [&](const std::string& action) {
    std::vector<uint32_t>& list = policy.by_action[action];
    if (list.empty() || list.back() != index) list.push_back(index);
  };
  // Running a view is viewing its rows: the menu entry follows the rows' own rules (decision 13).
  const auto add_run = [&] {
    const auto view = policy.by_action.find("view");
    const bool is_view =
        view != policy.by_action.end() && !view->second.empty() && view->second.back() == index;
    if (type.kind == model::Kind::View && is_view) add("run");
  };
  policy.rules.push_back(std::move(compiled));
  policy.partners.push_back(compiler.partner_number(standing.partner));
  if (!rule.has_all_actions) {
    for (const Word& action : rule.actions) add(action.text);
    return add_run();
  }
  for (const std::string& action : type.base_actions) add(action);
  for (const model::Action& action : type.actions) add(action.name);
  add_run();
}

}  // namespace talon::access
