/// Reading invitations: every mistake of one is told at once, with its place.
#include "invitation_reader.hpp"

#include "node_reader.hpp"

#include <talon/faults.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <charconv>

namespace talon::access {

namespace {

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> list;
  if (json.is_string()) list.emplace_back(json.string());
  for (const Json& item : json.items()) list.emplace_back(item.string());
  return list;
}

/// Unknown roles, and roles that one person may not hold together.
RoleSet read_roles(const CompiledSet& set, const std::vector<std::string>& names, Faults& faults) {
  RoleSet roles;
  RoleSet with_included;
  if (names.empty())
    faults.add("/roles", "required", "name at least one role; without one nobody may do anything");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int role = set.roles.find(names[i]);
    if (role < 0) {
      faults.add("/roles/" + std::to_string(i), "unknown_role",
                 "there is no role " + echoed(names[i]) + suggestion(names[i], set.roles.names()));
      continue;
    }
    merge(roles, {static_cast<uint32_t>(role)});
    merge(with_included, set.roles.with_included(static_cast<uint32_t>(role)));
  }
  if (const RoleSet* forbidden = set.roles.forbidden(with_included)) {
    faults.add("/roles", "never_together",
               "one person may not hold " + set.roles.name_all(*forbidden) + " together");
  }
  return roles;
}

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

/// Reads the facts of an invitation; records are named by id or number, and kept by id.
class FactReader {
 public:
  FactReader(const CompiledSet& set, const Records& records, People& people, Faults& faults)
      : set_(set), records_(records), people_(people), faults_(faults) {}

  void read(const std::string& name, const Json& json, Holdings& holdings) {
    const std::string place = "/facts/" + name;
    const auto type = set_.facts.find(name);
    if (type == set_.facts.end()) {
      std::vector<std::string> known;
      for (const auto& [fact, declared] : set_.facts) known.push_back(fact);
      return faults_.add(place, "unknown_fact", "there is no fact " + echoed(name) + suggestion(name, known));
    }
    const std::vector<std::string> values = texts(json);
    if (values.size() > 1 && !type->second.is_list)
      return faults_.add(place, "not_a_list", "the fact " + name + " has one value");
    for (const std::string& value : values) add(name, type->second, value, holdings.facts[name]);
  }

 private:
  void add(const std::string& name, const expression::FactType& type, const std::string& value,
           std::vector<std::string>& kept) {
    const std::string place = "/facts/" + name;
    if (type.type != model::FieldType::Ref) {
      if (is_value(type, value)) return kept.push_back(value);
      return faults_.add(place, "invalid_value",
                         echoed(value) + " is not what " + name + " is: " + example_of(type.type));
    }
    const model::RecordType* target = set_.model->find(type.to);
    auto id = parse_id(value, target == nullptr ? std::string() : target->prefix);
    if (!id) {
      if (const auto found = people_.find_id(*set_.model, type.to, value); found && *found) id = **found;
    }
    if (target == nullptr || !id || !records_.get(type.to, id_text(target->prefix, *id), {"id"})) {
      return faults_.add(place, "no_such_record",
                         "there is no " + type.to + " " + echoed(value) + " that you may see");
    }
    kept.push_back(id_text(target->prefix, *id));
  }

  const CompiledSet& set_;
  const Records& records_;
  People& people_;
  Faults& faults_;
};

}  // namespace

Result<Invited> read_invited(const CompiledSet& set, const Records& records, People& people,
                             const Json& args) {
  Faults faults;
  Invited invited;
  invited.holdings.roles = texts(args["roles"]);
  invited.roles = read_roles(set, invited.holdings.roles, faults);
  FactReader facts(set, records, people, faults);
  for (const auto& [name, values] : args["facts"].members()) facts.read(name, values, invited.holdings);
  TALON_DO(faults.outcome());
  return invited;
}

Result<std::string> read_address(const Json& args) {
  std::string email = lower_case(args["email"].string());
  Faults faults;
  if (!is_email_address(email)) {
    faults.add("/email", "invalid_value", echoed(email) + " " + email_address_fault(email));
  }
  if (args["name"].string().find_first_not_of(' ') == std::string_view::npos)
    faults.add("/name", "required", "the person has no name: give \"name\"");
  else if (const std::string fault = one_line_fault(args["name"].string()); !fault.empty())
    faults.add("/name", "invalid_value", "the name " + fault);
  TALON_DO(faults.outcome());
  return email;
}

}  // namespace talon::access
