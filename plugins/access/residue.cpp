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
std::string literal_of(const std::string& text, bool is_quoted) {
  Expression compare;
  compare.kind = Expression::Kind::Compare;
  compare.operand.kind = expression::Operand::Kind::Literal;
  compare.operand.text = text;
  compare.operand.is_quoted = is_quoted;
  return expression::print(compare).substr(std::string_view(" is ").size());
}

const std::shared_ptr<const OwnCondition>& always_condition() {
  static const auto kAlways = std::make_shared<const OwnCondition>();
  return kAlways;
}

}  // namespace

bool asks_user(const Expression& tree) {
  if (tree.kind == Expression::Kind::HasRole) return true;
  const auto kind = tree.operand.kind;
  if (kind == expression::Operand::Kind::User || kind == expression::Operand::Kind::Fact) return true;
  return std::any_of(tree.children.begin(), tree.children.end(), asks_user);
}

std::shared_ptr<const PartnerTest::Pattern> PartnerTest::pattern_of(Expression test) {
  each_partner(test, [](expression::Operand& operand) {
    operand.text = kHole;
    operand.is_quoted = true;
  });
  const std::string text = expression::print(test);
  const std::string hole = literal_of(std::string(kHole), true);
  Pattern pattern;
  std::size_t from = 0;
  for (std::size_t at = text.find(hole); at != std::string::npos; at = text.find(hole, from)) {
    pattern.pieces.push_back(text.substr(from, at - from));
    from = at + hole.size();
  }
  pattern.pieces.push_back(text.substr(from));
  pattern.tree = std::move(test);
  return std::make_shared<const Pattern>(std::move(pattern));
}

PartnerTest::PartnerTest(std::shared_ptr<const Pattern> pattern, std::string partner, int64_t id)
    : pattern_(std::move(pattern)), partner_(std::move(partner)), id_(id) {}

Expression PartnerTest::tree() const {
  Expression tree = pattern_->tree;
  each_partner(tree, [&](expression::Operand& operand) {
    operand.text = partner_;
    operand.is_quoted = id_ == 0;
    operand.values.assign(1, id_ == 0 ? Value(partner_) : Value(id_));
  });
  return tree;
}

std::string PartnerTest::text() const {
  const std::string literal = literal_of(partner_, id_ == 0);
  std::string text = pattern_->pieces.front();
  for (std::size_t i = 1; i < pattern_->pieces.size(); ++i) text.append(literal).append(pattern_->pieces[i]);
  return text;
}

Residue::Residue() : own_(always_condition()) {}

std::shared_ptr<const Expression> Residue::tree() const {
  if (partner_ == nullptr) return {own_, &own_->tree};
  auto whole = std::make_shared<Expression>();
  whole->kind = Expression::Kind::All;
  whole->place = own_->tree.place;
  whole->children.push_back(partner_->tree());
  whole->children.insert(whole->children.end(), own_->tree.children.begin(), own_->tree.children.end());
  return whole;
}

std::string Residue::text() const {
  if (partner_ == nullptr) return own_->text;
  const std::string own = own_->text.empty() ? std::string() : " and " + own_->text;
  return "(" + partner_->text() + ")" + own;
}

std::vector<const Expression*> Residue::parts() const {
  if (partner_ == nullptr) return {&own_->tree};
  return {&partner_->pattern(), &own_->tree};
}

}  // namespace talon::access
