/// Conditions in words.
#include "condition_words.hpp"

#include <talon/expression/parse.hpp>

namespace talon::access {

namespace {

using expression::Expression;
using expression::Operand;
using expression::Operator;

std::string label_or(const model::Label& label, std::string_view name) {
  const auto english = label.find("en");
  return english == label.end() || english->second.empty() ? spelled(name) : english->second;
}

/// What a comparison reads: "the Client's Country", or the record itself.
std::string path_words(const model::Model& model, const model::RecordType& type, std::string_view path) {
  if (path == "id") return "the " + type_words(type) + " itself";
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return field_words(model, type, path);
  std::string owner;
  std::string_view rest = path.substr(0, dot);
  const model::RecordType* at = &type;
  while (!rest.empty() && at != nullptr) {
    const std::string_view link = rest.substr(0, rest.find('.'));
    const model::Field* field = at->find_field(link);
    owner += (owner.empty() ? "the " : " ") + field_words(model, *at, link) + "'s";
    rest.remove_prefix(std::min(link.size() + 1, rest.size()));
    at = field == nullptr ? nullptr : model.find(field->to);
  }
  const std::string_view last = path.substr(dot + 1);
  return owner + " " + (at == nullptr ? spelled(last) : field_words(model, *at, last));
}

std::string value_words(const Expression& compare, std::string_view text) {
  const bool is_on = text == "on" || text == "yes" || text == "true";
  if (compare.type == model::FieldType::Boolean) return is_on ? "yes" : "no";
  std::string words(text);
  if (compare.type != model::FieldType::Choice && compare.type != model::FieldType::State) return words;
  for (char& c : words) c = c == '_' ? ' ' : c;
  return words;
}

std::string operand_words(const model::Model& model, const model::RecordType& type,
                          const Expression& compare) {
  const Operand& operand = compare.operand;
  switch (operand.kind) {
    case Operand::Kind::User:
      return "the person";
    case Operand::Kind::Fact:
      return "the person's own `" + operand.text + "`";
    case Operand::Kind::Path:
      return path_words(model, type, operand.text);
    case Operand::Kind::Literal:
      return value_words(compare, operand.text) + (operand.currency.empty() ? "" : " " + operand.currency);
    case Operand::Kind::List: {
      std::vector<std::string> values;
      for (const std::string& text : operand.texts) values.push_back(value_words(compare, text));
      return listed(values, "or");
    }
    case Operand::Kind::Today:
      if (operand.days == 0) return "today";
      return std::to_string(operand.days > 0 ? operand.days : -operand.days) + " days " +
             (operand.days > 0 ? "from now" : "ago");
    case Operand::Kind::Unknown:
    case Operand::Kind::None:
      break;
  }
  return "nothing known";
}

std::string comparison_words(const model::Model& model, const model::RecordType& type,
                             const Expression& compare) {
  const std::string left = path_words(model, type, compare.path);
  const std::string right = operand_words(model, type, compare);
  const bool is_own = compare.operand.kind == Operand::Kind::Fact;
  switch (compare.op) {
    case Operator::Is:
      return left + " is " + right;
    case Operator::IsNot:
      return left + " is not " + right;
    case Operator::Less:
      return left + " is below " + right;
    case Operator::LessEqual:
      return left + " is at most " + right;
    case Operator::Greater:
      return left + " is above " + right;
    case Operator::GreaterEqual:
      return left + " is at least " + right;
    case Operator::In:
      return left + " is " + (is_own ? "among " : "") + right;
    case Operator::NotIn:
      return left + " is " + (is_own ? "not among " : "neither of ") + right;
    case Operator::IsEmpty:
      return left + " is empty";
    case Operator::IsNotEmpty:
      return left + " is filled in";
    case Operator::StartsWith:
      return left + " starts with " + right;
    case Operator::Contains:
      return left + " contains " + right;
    case Operator::WithinLastDays:
      return left + " is within the last " + std::to_string(compare.operand.days) + " days";
    case Operator::BeforeToday:
      return left + " is before today";
    case Operator::AfterToday:
      return left + " is after today";
  }
  return left;
}

}  // namespace

std::string spelled(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = c == '_' ? ' ' : c;
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string listed(const std::vector<std::string>& words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " " + std::string(last) + " " : ", ";
    text += words[i];
  }
  return text;
}

std::string type_words(const model::RecordType& type) { return label_or(type.label, type.name); }

std::string action_words(const model::RecordType& type, std::string_view name) {
  const model::Action* action = type.find_action(name);
  return action == nullptr ? spelled(name) : label_or(action->label, name);
}

std::string field_words(const model::Model& model, const model::RecordType& type, std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot != std::string_view::npos) {
    for (const model::ChildList& list : type.lists) {
      const model::RecordType* child = list.name == name.substr(0, dot) ? model.find(list.type) : nullptr;
      if (child != nullptr)
        return spelled(list.name) + ": " + field_words(model, *child, name.substr(dot + 1));
    }
  }
  const model::Field* field = type.find_field(name);
  return field == nullptr ? spelled(name) : label_or(field->label, name);
}

std::string condition_words(const model::Model& model, const model::RecordType& type,
                            const Expression& tree) {
  using Kind = Expression::Kind;
  if (tree.kind == Kind::Compare) return comparison_words(model, type, tree);
  if (tree.kind == Kind::HasRole)
    return std::string("the person has ") + (tree.is_negated ? "not " : "") + "the role " + tree.path;
  if (tree.kind == Kind::Named) return tree.path;
  std::string text;
  for (const Expression& child : tree.children) {
    const std::string part = condition_words(model, type, child);
    if (part.empty()) continue;
    const char* between = tree.kind == Kind::All ? "; and " : ", or ";
    text += (text.empty() ? "" : between) + part;
  }
  const bool is_one = tree.children.size() == 1;
  if (text.empty()) return text;
  if (tree.kind == Kind::Any && !is_one) return "(" + text + ")";
  return tree.kind == Kind::None ? "not (" + text + ")" : text;
}

void facts_in(const Expression& tree, std::set<std::string>& facts) {
  expression::each_comparison(tree, [&](const Expression& compare) {
    if (compare.operand.kind == Operand::Kind::Fact) facts.insert(compare.operand.text);
  });
}

}  // namespace talon::access
