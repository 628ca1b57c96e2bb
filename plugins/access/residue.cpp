/// Putting partners into patterns, and parts together.
#include "residue.hpp"

#include <talon/expression/parse.hpp>
#include <talon/id.hpp>

#include <algorithm>

namespace talon::access {

namespace {

using expression::Expression;

/// What stands for the partner in a pattern's text: nothing that a policy file can say.
constexpr std::string_view kHole = "\x01";

/// Calls `put` with each comparison with the partner.
template <typename Put>
void each_partner(Expression& tree, const Put& put) {
  for (Expression& child : tree.children) each_partner(child, put);
  if (tree.kind == Expression::Kind::Compare && tree.op == expression::Operator::Is) put(tree.operand);
}

/// As `print` writes it on the right side of a comparison.
std::string literal_of(std::string_view text, bool is_quoted) {
  Expression compare;
  compare.kind = Expression::Kind::Compare;
  compare.operand.kind = expression::Operand::Kind::Literal;
  compare.operand.text = text;
  compare.operand.is_quoted = is_quoted;
  return expression::print(compare).substr(std::string_view(" is ").size());
}

/// What no record is known to fulfil or not: a deny of it holds.
Expression unknown() {
  Expression compare;
  compare.kind = Expression::Kind::Compare;
  compare.path = "id";
  compare.operand.kind = expression::Operand::Kind::Unknown;
  return compare;
}

}  // namespace

bool asks_user(const Expression& tree) {
  if (tree.kind == Expression::Kind::HasRole) return true;
  const auto kind = tree.operand.kind;
  if (kind == expression::Operand::Kind::User || kind == expression::Operand::Kind::Fact) return true;
  return std::any_of(tree.children.begin(), tree.children.end(), asks_user);
}

OwnCondition::OwnCondition(const model::Model& model, const model::RecordType& type, Expression tree,
                           std::string_view text)
    : model_(&model),
      type_(&type),
      text_(text),
      tree_(std::make_unique<const Expression>(std::move(tree))),
      asks_user_(access::asks_user(*tree_)) {}

std::shared_ptr<const Expression> OwnCondition::tree() const {
  if (tree_ != nullptr) return {std::shared_ptr<void>(), tree_.get()};
  if (is_always()) return std::make_shared<const Expression>();
  expression::Scope scope;
  scope.model = model_;
  scope.type = type_;
  scope.is_folded = true;
  auto parsed = expression::parse(text_);
  // What was printed can be read; were it otherwise, a deny of it would hold.
  if (!parsed || !expression::check(*parsed, scope, {}).empty())
    return std::make_shared<const Expression>(unknown());
  Expression all = *std::move(parsed);
  if (all.kind != Expression::Kind::All) {
    Expression one;
    one.kind = Expression::Kind::All;
    one.children.push_back(std::move(all));
    all = std::move(one);
  }
  return std::make_shared<const Expression>(std::move(all));
}

void OwnCondition::drop_tree() {
  if (!asks_user_) tree_.reset();
}

PartnerTest::Pattern PartnerTest::pattern_of(Expression test) {
  each_partner(test, [](expression::Operand& operand) {
    operand.text = kHole;
    operand.is_quoted = true;
  });
  const std::string text = expression::print(test);
  const std::string hole = literal_of(kHole, true);
  Pattern pattern;
  std::size_t from = 0;
  for (std::size_t at = text.find(hole); at != std::string::npos; at = text.find(hole, from)) {
    pattern.pieces.push_back(text.substr(from, at - from));
    from = at + hole.size();
  }
  pattern.pieces.push_back(text.substr(from));
  pattern.tree = std::move(test);
  return pattern;
}

Expression PartnerTest::tree() const {
  Expression tree = pattern_->tree;
  each_partner(tree, [&](expression::Operand& operand) {
    operand.text = partner_;
    operand.is_quoted = id_ == 0;
    operand.values.assign(1, id_ == 0 ? Value(std::string(partner_)) : Value(id_));
  });
  return tree;
}

std::string PartnerTest::text() const {
  const std::string literal = literal_of(partner_, id_ == 0);
  std::string text = pattern_->pieces.front();
  for (std::size_t i = 1; i < pattern_->pieces.size(); ++i) text.append(literal).append(pattern_->pieces[i]);
  return text;
}

Residue::Residue() {
  static const OwnCondition kAlways;
  own_ = &kAlways;
}

std::shared_ptr<const Expression> Residue::tree() const {
  std::shared_ptr<const Expression> own = own_->tree();
  if (partner_ == nullptr) return own;
  auto whole = std::make_shared<Expression>();
  whole->kind = Expression::Kind::All;
  whole->place = own->place;
  whole->children.push_back(partner_->tree());
  whole->children.insert(whole->children.end(), own->children.begin(), own->children.end());
  return whole;
}

std::string Residue::text() const {
  if (partner_ == nullptr) return std::string(own_->text());
  std::string text = "(" + partner_->text() + ")";
  if (!own_->is_always()) text.append(" and ").append(own_->text());
  return text;
}

}  // namespace talon::access
