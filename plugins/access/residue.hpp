/// The conditions of compiled rules, kept so that forty thousand of them take little room: what many rules
/// say stands once, and what stands in front of the rules of a partner's file is a pattern with the partner
/// in it.
#pragma once

#include <talon/expression/check.hpp>
#include <talon/expression/tree.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace talon::access {

/// A checked condition. Immutable once made; shared by the rules that say the same. A tree takes a kilobyte:
/// most conditions of partners' files keep their text alone.
class OwnCondition {
 public:
  OwnCondition() = default;  ///< always
  /// @param type  of `model`; both outlive this.  @param tree  checked against it: Always, or All of its
  /// lines.
  /// @param text  `print` of the tree; it outlives this.
  OwnCondition(const model::Model& model, const model::RecordType& type, expression::Expression tree,
               std::string_view text);

  bool asks_user() const { return asks_user_; }
  /// The inline form; empty: always.
  std::string_view text() const { return text_; }
  bool is_always() const { return text_.empty(); }
  /// Made of the text where the tree was dropped; places in the file are not in it then.
  std::shared_ptr<const expression::Expression> tree() const;
  /// Keeps the text alone, unless the condition asks about the user: that is folded for each one.
  void drop_tree();

 private:
  const model::Model* model_ = nullptr;
  const model::RecordType* type_ = nullptr;
  std::string_view text_;
  std::unique_ptr<const expression::Expression> tree_;  // null: to be made of the text
  bool asks_user_ = false;
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
  static Pattern pattern_of(expression::Expression test);

  /// @param pattern, partner  outlive this.  @param partner  a number, or an id where `id` is not 0.
  PartnerTest(const Pattern& pattern, std::string_view partner, int64_t id)
      : pattern_(&pattern), partner_(partner), id_(id) {}

  expression::Expression tree() const;
  std::string text() const;
  const expression::Expression& pattern() const { return pattern_->tree; }

 private:
  const Pattern* pattern_;
  std::string_view partner_;
  int64_t id_ = 0;
};

/// A rule's condition: the partner's test, if the rule stands in a partner's file, and what it says itself.
/// Both are the set's.
class Residue {
 public:
  Residue();  ///< always
  Residue(const OwnCondition& own, const PartnerTest* partner) : own_(&own), partner_(partner) {}

  /// It is folded per user before it is judged.
  bool asks_user() const { return own_->asks_user(); }
  bool is_always() const { return partner_ == nullptr && own_->is_always(); }
  bool has_partner() const { return partner_ != nullptr; }
  /// The whole, while the set lives; made for each call where there is a partner.
  std::shared_ptr<const expression::Expression> tree() const;
  /// `print` of the tree.
  std::string text() const;
  /// Calls `take` with trees that together read all paths that the whole reads. @param seen  what was given
  /// to `take` before is not again.
  template <typename Take>
  void each_part(std::unordered_set<const void*>& seen, const Take& take) const {
    if (partner_ != nullptr && seen.insert(&partner_->pattern()).second) take(partner_->pattern());
    if (seen.insert(own_).second) take(*own_->tree());
  }

 private:
  const OwnCondition* own_;  // never null
  const PartnerTest* partner_ = nullptr;
};

/// Whether a tree compares with the signed-in user, a fact or a role.
bool asks_user(const expression::Expression& tree);

}  // namespace talon::access
