/// Types of one comparison: which operators a field takes, and what its operand may be.
#pragma once

#include <talon/expression/check.hpp>
#include <talon/expression/check_paths.hpp>
#include <talon/expression/literal.hpp>

namespace talon::expression::detail {

inline bool is_textual(model::FieldType type) {
  return type == model::FieldType::Text || type == model::FieldType::Choice ||
         type == model::FieldType::State;
}
inline bool is_temporal(model::FieldType type) {
  return type == model::FieldType::Date || type == model::FieldType::Timestamp;
}
/// Whether a value can be compared at all; else only its absence can be asked about.
inline bool is_comparable(model::FieldType type) {
  return type != model::FieldType::File && type != model::FieldType::Json;
}
inline bool is_ordered(model::FieldType type) {
  return is_temporal(type) || type == model::FieldType::Integer || type == model::FieldType::Decimal ||
         type == model::FieldType::Money || type == model::FieldType::Text;
}

/// Whether a field of `type` takes `op`; what it is compared with is another matter.
inline bool takes(model::FieldType type, Operator op) {
  switch (op) {
    case Operator::IsEmpty:
    case Operator::IsNotEmpty:
      return true;
    case Operator::Is:
    case Operator::IsNot:
      return is_comparable(type);
    case Operator::In:
    case Operator::NotIn:
      return is_comparable(type) && type != model::FieldType::Boolean;
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
      return is_ordered(type);
    case Operator::StartsWith:
    case Operator::Contains:
      return type == model::FieldType::Text;
    case Operator::WithinLastDays:
    case Operator::BeforeToday:
    case Operator::AfterToday:
      return is_temporal(type);
  }
  return false;
}

inline std::string joined_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

inline constexpr std::size_t kListFaultsMax = 10;  // a long list of wrong values is one mistake in essence

/// Checks one comparison and fills what `check` fills. Each function returns a message, empty when all is
/// well.
class CompareCheck {
 public:
  CompareCheck(const Scope& scope, Expression& compare)
      : scope_(scope), compare_(compare), operand_(compare.operand) {}

  struct Fault {
    Place place;
    std::string message;
  };
  /// All mistakes of the comparison.
  std::vector<Fault> run() {
    auto located = locate(*scope_.model, *scope_.type, compare_.path, scope_.internal);
    if (!located) return {{compare_.place, located.error().message}};
    field_ = located->field;
    compare_.type = field_->type;
    compare_.scale = field_->scale;
    compare_.prefix = located->prefix;
    compare_.currency_path = located->currency_path;
    if (!takes(field_->type, compare_.op)) return {{compare_.place, operator_message()}};
    check_operand();
    return std::move(faults_);
  }

 private:
  void check_operand() {
    switch (operand_.kind) {
      case Operand::Kind::None:
      case Operand::Kind::Unknown:
        return;
      case Operand::Kind::Literal:
        return check_literal();
      case Operand::Kind::List:
        return check_list();
      case Operand::Kind::Path:
        return check_path();
      case Operand::Kind::User:
        return check_user();
      case Operand::Kind::Fact:
        return check_fact();
      case Operand::Kind::Today:
        operand_.is_day = field_->type == model::FieldType::Timestamp;
        if (!is_temporal(field_->type)) fail(name() + " is no date, so it cannot be compared with today");
        return;
    }
  }

  void check_literal() {
    operand_.values.clear();
    if (compare_.op == Operator::In || compare_.op == Operator::NotIn) {
      return fail("after \"in\" comes a list, as in [a, b]");
    }
    if (names_field()) {
      operand_.kind = Operand::Kind::Path;
      return check_path();
    }
    if (!operand_.currency.empty() && field_->type != model::FieldType::Money) {
      return fail(name() + " is no amount, so \"" + operand_.currency + "\" does not belong here");
    }
    operand_.is_day = field_->type == model::FieldType::Timestamp && operand_.text.size() == 10;
    add_value(operand_.text);
  }

  void check_list() {
    operand_.values.clear();
    for (const std::string& item : operand_.texts) {
      if (faults_.size() >= kListFaultsMax) return;
      if (field_->type != model::FieldType::Money) {
        add_value(item);
        continue;
      }
      const std::size_t space = item.find(' ');
      const std::string currency = space == std::string::npos ? std::string() : item.substr(space + 1);
      if (operand_.values.empty()) operand_.currency = currency;
      if (currency != operand_.currency) return fail("all amounts of a list need the same currency");
      add_value(item.substr(0, space));
    }
  }

  /// An unquoted word that is no choice of this field may name another field.
  bool names_field() const {
    if (operand_.is_quoted || !operand_.currency.empty()) return false;
    if (!field_->choices.empty() && is_choice(operand_.text)) return false;
    if (field_->type == model::FieldType::Boolean && read_boolean(operand_.text)) return false;
    // Most words are values; only what begins with a field's name is worth looking up as a path.
    const std::string_view first = std::string_view(operand_.text).substr(0, operand_.text.find('.'));
    if (scope_.type->find_field(first) == nullptr) return false;
    // One that is refused is a field's name all the same, or a text would be compared that nobody meant.
    const bool is_refused = scope_.internal == model::Internal::Refused;
    return static_cast<bool>(locate(*scope_.model, *scope_.type, operand_.text,
                                    is_refused ? model::Internal::Named : scope_.internal));
  }

  void check_path() {
    auto other = locate(*scope_.model, *scope_.type, operand_.text, scope_.internal);
    if (!other) return fail(other.error().message);
    const model::Field& field = *other->field;
    operand_.currency_path = other->currency_path;
    const bool is_same = field.type == field_->type || (is_textual(field.type) && is_textual(field_->type));
    if (!is_same || (field.type == model::FieldType::Ref && field.to != field_->to)) {
      return fail("\"" + operand_.text + "\" is " + kind_of(field) + ", but " + name() + " is " +
                  kind_of(*field_) + (is_textual(field_->type) ? ". Put a text in quotes" : ""));
    }
    if (field.scale != field_->scale) {
      return fail("\"" + operand_.text + "\" and " + name() + " have a different count of decimals");
    }
    check_currency();
    if (field.type == model::FieldType::Money && other->currency_path.empty()) {
      fail("\"" + operand_.text + "\" has no currency field");
    }
  }

  void check_user() {
    if (field_->type != model::FieldType::Ref || field_->to != "user") {
      fail(name() + " is " + kind_of(*field_) + ", so it cannot be compared with the user");
    } else if (compare_.op == Operator::In || compare_.op == Operator::NotIn) {
      fail("the user is one: write \"is user\"");
    }
  }

  void check_fact() {
    const auto found = scope_.facts.find(operand_.text);
    if (found == scope_.facts.end()) {
      std::vector<std::string> names;
      for (const auto& [known, type] : scope_.facts) names.push_back(known);
      return fail(scope_.facts.empty() ? "here nothing can be asked about the user"
                                       : "a user has no fact \"" + operand_.text + "\"." +
                                             model::suggestion(operand_.text, names));
    }
    const FactType& fact = found->second;
    const bool is_same = fact.type == field_->type || (is_textual(fact.type) && is_textual(field_->type));
    if (!is_same || (fact.type == model::FieldType::Ref && fact.to != field_->to) ||
        (fact.type == model::FieldType::Decimal && fact.scale != field_->scale)) {
      return fail("user." + operand_.text + " is not of the same type as " + name() + ", which is " +
                  kind_of(*field_));
    }
    if (fact.is_list && compare_.op != Operator::In && compare_.op != Operator::NotIn) {
      return fail("user." + operand_.text + " is a list: write \"in user." + operand_.text + "\"");
    }
    check_currency();
  }

  void add_value(const std::string& text) {
    if (!scope_.is_folded && !field_->choices.empty() && !is_choice(text)) {
      return fail("\"" + text + "\" is not one of [" + joined_words(field_->choices) + "]." +
                  model::suggestion(text, field_->choices));
    }
    auto value = read_literal(text, literal_type(compare_));
    if (!value) return fail(name() + " is " + kind_of(*field_) + ": " + value.error().message);
    operand_.values.push_back(*std::move(value));
    check_currency();
  }

  void check_currency() {
    if (field_->type != model::FieldType::Money || !compare_.currency_path.empty() || !faults_.empty())
      return;
    fail(name() + " has no currency field, so it cannot be compared");
  }

  bool is_choice(const std::string& text) const {
    return std::find(field_->choices.begin(), field_->choices.end(), text) != field_->choices.end();
  }

  static std::string kind_of(const model::Field& field) {
    const std::string type(model::type_name(field.type));
    if (field.type == model::FieldType::Ref) return "a reference to " + field.to;
    return (type == "integer" ? "an " : type == "money" || type == "text" ? "" : "a ") + type;
  }

  std::string operator_message() const {
    if (compare_.op == Operator::Less || compare_.op == Operator::LessEqual ||
        compare_.op == Operator::Greater || compare_.op == Operator::GreaterEqual) {
      return name() + " is " + kind_of(*field_) + ", which has no order: use \"is\" or \"in\"";
    }
    if (compare_.op == Operator::StartsWith || compare_.op == Operator::Contains) {
      return name() + " is " + kind_of(*field_) + ", so it has no parts to look for";
    }
    if (compare_.op == Operator::In || compare_.op == Operator::NotIn || compare_.op == Operator::Is ||
        compare_.op == Operator::IsNot) {
      return name() + " is " + kind_of(*field_) + ": use " +
             (is_comparable(field_->type) ? "\"is\"" : "\"is empty\"");
    }
    return name() + " is " + kind_of(*field_) + " and no date";
  }

  std::string name() const { return "\"" + compare_.path + "\""; }
  void fail(std::string message) { faults_.push_back({operand_.place, std::move(message)}); }

  const Scope& scope_;
  Expression& compare_;
  Operand& operand_;
  const model::Field* field_ = nullptr;
  std::vector<Fault> faults_;
};

}  // namespace talon::expression::detail
