/// The conditions of compiled rules, kept so that forty thousand of them take little room: what many rules
/// say stands once, and what stands in front of the rules of a partner's file is a pattern with the partner
/// in it.
#pragma once

#include <talon/expression/check.hpp>
#include <talon/expression/tree.hpp>

#include <memory>
#include <string>
#include <vector>

namespace talon::access {

/// A checked condition. Immutable once made; shared by the rules that say the same.
struct OwnCondition {
  expression::Expression tree;  ///< Always, or All of its lines
  bool asks_user = false;
  std::string text;  ///< the inline form; empty: always
};

/// True for the records of one partner, and False, never Unknown, for all others.
class PartnerTest {
 public:
  /// The test of one record type, with a hole for the partner. Shared by all partners.
  struct Pattern {
    expression::Expression tree;      ///< checked; with some partner in it
    std::vector<std::string> pieces;  ///< of its text: what stands between the holes
  };
  /// @param test  checked, with any partner in it.
  static std::shared_ptr<const Pattern> pattern_of(expression::Expression test);

  /// @param partner  a number, or an id where `id` is not 0.
  PartnerTest(std::shared_ptr<const Pattern> pattern, std::string partner, int64_t id);

  expression::Expression tree() const;
  std::string text() const;
  const expression::Expression& pattern() const { return pattern_->tree; }

 private:
  std::shared_ptr<const Pattern> pattern_;
  std::string partner_;
  int64_t id_ = 0;
};

/// A rule's condition: the partner's test, if the rule stands in a partner's file, and what it says itself.
class Residue {
 public:
  Residue();  ///< always
  Residue(std::shared_ptr<const OwnCondition> own, std::shared_ptr<const PartnerTest> partner)
      : own_(std::move(own)), partner_(std::move(partner)) {}

  /// It is folded per user before it is judged.
  bool asks_user() const { return own_->asks_user; }
  bool is_always() const {
    return partner_ == nullptr && own_->tree.kind == expression::Expression::Kind::Always;
  }
  bool has_partner() const { return partner_ != nullptr; }
  /// The whole; made for each call where there is a partner.
  std::shared_ptr<const expression::Expression> tree() const;
  /// `print` of the tree.
  std::string text() const;
  /// Trees that together read all paths that the whole reads. They live as long as this.
  std::vector<const expression::Expression*> parts() const;

 private:
  std::shared_ptr<const OwnCondition> own_;  // never null
  std::shared_ptr<const PartnerTest> partner_;
};

/// Whether a tree compares with the signed-in user, a fact or a role.
bool asks_user(const expression::Expression& tree);

}  // namespace talon::access
