/// A caller's values for a report's parameters, and how they get into its condition.
#include "parameters.hpp"

#include <talon/date.hpp>
#include <talon/faults.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <charconv>

namespace talon::reports {

namespace {

constexpr std::size_t kTextBytesMax = 500;

using expression::Expression;
using expression::Operand;

Result<std::string> read_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    return invalid("a whole number");
  return std::to_string(value);
}

/// "2026-11" or 202611, as the integer that views keep months as.
Result<std::string> read_month(std::string_view text) {
  std::string digits(text);
  if (digits.size() == 7 && digits[4] == '-') digits.erase(4, 1);
  if (digits.size() == 6) {
    const auto day = Date::parse(digits.substr(0, 4) + "-" + digits.substr(4) + "-01");
    if (day) return digits;
  }
  return invalid("a month, as in 2026-11");
}

Result<std::string> read_value(const Parameter& parameter, std::string_view text) {
  switch (parameter.type) {
    case Parameter::Type::Integer:
      return read_integer(text);
    case Parameter::Type::Month:
      return read_month(text);
    case Parameter::Type::Date: {
      if (!Date::parse(text)) return invalid("a date, as in 2026-11-21");
      return std::string(text);
    }
    case Parameter::Type::Choice: {
      if (std::find(parameter.choices.begin(), parameter.choices.end(), text) == parameter.choices.end()) {
        std::string all;
        for (const std::string& choice : parameter.choices) all += (all.empty() ? "" : ", ") + choice;
        return invalid("one of " + all);
      }
      return std::string(text);
    }
    case Parameter::Type::Ref: {
      const auto id = parse_id(text, parameter.prefix);
      if (!id) return invalid("an id, as in " + parameter.prefix + "_06b1x2y3z4a5b");
      return id_text(parameter.prefix, *id);
    }
    case Parameter::Type::Text:
      break;
  }
  if (text.size() > kTextBytesMax)
    return invalid("a text of at most " + std::to_string(kTextBytesMax) + " bytes");
  return std::string(text);
}

/// The value that stands for `text`, when that is $NAME; null value: it was not given.
struct Found {
  bool is_parameter = false;
  const std::string* value = nullptr;
};
Found find(const std::string& text, const Values& values) {
  if (text.size() < 2 || text.front() != '$') return {};
  const auto found = values.find(std::string_view(text).substr(1));
  return {true, found == values.end() ? nullptr : &found->second};
}

/// @return false: the comparison is left out.
bool fill(Operand& operand, const Values& values) {
  if (operand.kind == Operand::Kind::Literal || operand.kind == Operand::Kind::Path) {
    const Found found = find(operand.text, values);
    if (!found.is_parameter) return true;
    if (found.value == nullptr) return false;
    operand.kind = Operand::Kind::Literal;
    operand.text = *found.value;
    return true;
  }
  if (operand.kind != Operand::Kind::List) return true;
  std::vector<std::string> texts;
  for (const std::string& text : operand.texts) {
    const Found found = find(text, values);
    if (!found.is_parameter)
      texts.push_back(text);
    else if (found.value != nullptr)
      texts.push_back(*found.value);
  }
  operand.texts = std::move(texts);
  return !operand.texts.empty();
}

/// @return false: nothing is left of it.
bool fill(Expression& expression, const Values& values) {
  if (expression.kind == Expression::Kind::Compare) return fill(expression.operand, values);
  if (expression.children.empty()) return true;
  std::vector<Expression> kept;
  for (Expression& child : expression.children) {
    if (fill(child, values)) kept.push_back(std::move(child));
  }
  expression.children = std::move(kept);
  if (expression.children.size() == 1 && expression.kind != Expression::Kind::None) {
    Expression only = std::move(expression.children.front());
    expression = std::move(only);
    return true;
  }
  return !expression.children.empty();
}

}  // namespace

Result<Values> read_values(const Definition& definition, const Json& given) {
  Values values;
  Faults faults;
  std::vector<std::string> names;
  for (const Parameter& parameter : definition.parameters) names.push_back(parameter.name);
  for (const auto& [name, value] : given.members()) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end()) {
      const std::string near = model::nearest(name, names);
      return invalid("the report " + definition.name + " has no parameter " + echoed(name) +
                     (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
    }
    const Parameter& parameter = definition.parameters[static_cast<std::size_t>(known - names.begin())];
    const std::string text(value.is_number() ? value.digits() : value.string());
    if (text.empty()) continue;
    auto read = read_value(parameter, text);
    if (read)
      values.emplace(name, *std::move(read));
    else
      faults.add("/" + name, "invalid_value", name + " is " + read.error().message);
  }
  for (const Parameter& parameter : definition.parameters) {
    const bool is_given = given.find(parameter.name) != nullptr &&
                          !(given[parameter.name].is_string() && given[parameter.name].string().empty());
    if (parameter.is_required && !is_given) {
      faults.add("/" + parameter.name, "required",
                 "the report " + definition.name + " needs " + parameter.name);
    }
  }
  TALON_DO(faults.outcome());
  return values;
}

Expression with_values(const Expression& where, const Values& values) {
  Expression copy = where;
  return fill(copy, values) ? copy : Expression{};
}

std::string sample_of(const Parameter& parameter) {
  switch (parameter.type) {
    case Parameter::Type::Integer:
      return "1";
    case Parameter::Type::Month:
      return "202601";
    case Parameter::Type::Date:
      return "2026-01-01";
    case Parameter::Type::Choice:
      return parameter.choices.empty() ? std::string() : parameter.choices.front();
    case Parameter::Type::Ref:
      return id_text(parameter.prefix, 1);
    case Parameter::Type::Text:
      break;
  }
  return "text";
}

}  // namespace talon::reports
