/// What somebody holds, judged against the policies and the records that its writer sees.
#include "holdings.hpp"

#include "node_reader.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <charconv>

namespace talon::access {

namespace {

bool is_amount(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return false;
  const auto currency = Currency::parse(text.substr(space + 1));
  return currency && Money::parse(text.substr(0, space), *currency);
}

bool is_value(const expression::FactType& type, std::string_view text) {
  int64_t number = 0;
  switch (type.type) {
    case model::FieldType::Integer:
      return std::from_chars(text.data(), text.data() + text.size(), number).ptr ==
                 text.data() + text.size() &&
             !text.empty();
    case model::FieldType::Decimal:
      return static_cast<bool>(Decimal::parse(text, type.scale));
    case model::FieldType::Money:
      return is_amount(text);
    case model::FieldType::Date:
      return static_cast<bool>(Date::parse(text));
    case model::FieldType::Boolean:
      return text == "yes" || text == "no" || text == "on" || text == "off" || text == "true" ||
             text == "false";
    default:
      return !text.empty();
  }
}

std::string example_of(model::FieldType type) {
  switch (type) {
    case model::FieldType::Integer:
      return "a whole number";
    case model::FieldType::Decimal:
      return "a number as in 12.50";
    case model::FieldType::Money:
      return "an amount with its currency, as in 5000 EUR";
    case model::FieldType::Date:
      return "a day as in 2026-12-31";
    case model::FieldType::Boolean:
      return "yes or no";
    default:
      return "a text";
  }
}

}  // namespace

std::optional<uint32_t> HoldingsJudge::role(std::string_view name, const std::string& place) {
  const int role = set_.roles.find(name);
  if (role >= 0) return static_cast<uint32_t>(role);
  faults_.add(place, "unknown_role",
              "there is no role " + echoed(name) + suggestion(name, set_.roles.names()));
  return std::nullopt;
}

void HoldingsJudge::together(const RoleSet& with_included, const std::string& place) {
  if (const RoleSet* forbidden = set_.roles.forbidden(with_included)) {
    faults_.add(place, "never_together",
                "one person may not hold " + set_.roles.name_all(*forbidden) + " together");
  }
}

const expression::FactType* HoldingsJudge::fact(std::string_view name, const std::string& place) {
  const auto type = set_.facts.find(name);
  if (type != set_.facts.end()) return &type->second;
  std::vector<std::string> known;
  for (const auto& [fact, declared] : set_.facts) known.push_back(fact);
  faults_.add(place, "unknown_fact", "there is no fact " + echoed(name) + suggestion(name, known));
  return nullptr;
}

bool HoldingsJudge::is_count_right(const std::string& name, const expression::FactType& type,
                                   std::size_t count, const std::string& place) {
  if (count <= 1 || type.is_list) return true;
  faults_.add(place, "not_a_list", "the fact " + name + " has one value");
  return false;
}

std::optional<std::string> HoldingsJudge::value(const std::string& name, const expression::FactType& type,
                                                const std::string& text, const std::string& place) {
  if (type.type != model::FieldType::Ref) {
    if (is_value(type, text)) return text;
    faults_.add(place, "invalid_value",
                echoed(text) + " is not what " + name + " is: " + example_of(type.type));
    return std::nullopt;
  }
  const model::RecordType* target = set_.model->find(type.to);
  auto id = parse_id(text, target == nullptr ? std::string() : target->prefix);
  if (!id) {
    if (const auto found = people_.find_id(*set_.model, type.to, text); found && *found) id = **found;
  }
  if (target == nullptr || !id || !records_.get(type.to, id_text(target->prefix, *id), {"id"})) {
    faults_.add(place, "no_such_record", "there is no " + type.to + " " + echoed(text) + " that you may see");
    return std::nullopt;
  }
  return id_text(target->prefix, *id);
}

}  // namespace talon::access
