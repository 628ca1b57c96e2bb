/// The records and people of a tests file as typed values.
#include "policy_tests.hpp"

#include "node_reader.hpp"

#include <talon/id.hpp>
#include <talon/money.hpp>

#include <algorithm>
#include <charconv>

namespace talon::access {

namespace {

using model::FieldType;
using Words = std::map<std::string, Word, std::less<>>;

constexpr int64_t kFirstMadeUpId = 1000;

Result<Value> amount(const model::RecordType& type, const Words& fields, std::string_view text,
                     const model::Field& field) {
  std::string code = "EUR";
  const std::size_t space = text.find(' ');
  if (space != std::string_view::npos) {
    code = std::string(text.substr(space + 1));
  } else if (const auto given = fields.find(field.currency); given != fields.end()) {
    code = given->second.text;
  } else if (const model::Field* currency = type.find_field(field.currency);
             currency && !currency->initial.empty()) {
    code = currency->initial;
  }
  TALON_TRY(const Currency currency, Currency::parse(code));
  TALON_TRY(const Money money, Money::parse(text.substr(0, space), currency));
  return Value(money.minor());
}

Result<Value> plain_value(std::string_view text, const model::Field& field) {
  switch (field.type) {
    case FieldType::Integer: {
      int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && end == text.data() + text.size()) return Value(number);
      return invalid("\"" + std::string(text) + "\" is not a whole number");
    }
    case FieldType::Decimal: {
      TALON_TRY(const Decimal decimal, Decimal::parse(text, field.scale));
      return Value(decimal.units());
    }
    case FieldType::Date: {
      TALON_TRY(const Date date, Date::parse(text));
      return Value(date.packed());
    }
    case FieldType::Timestamp: {
      TALON_TRY(const Timestamp time, Timestamp::parse(text));
      return Value(time.us());
    }
    case FieldType::Boolean:
      if (text == "on" || text == "yes" || text == "true") return Value(1);
      if (text == "off" || text == "no" || text == "false") return Value(0);
      return invalid("\"" + std::string(text) + "\" is neither on nor off");
    case FieldType::Choice:
    case FieldType::State:
      if (std::find(field.choices.begin(), field.choices.end(), text) == field.choices.end()) {
        return invalid("\"" + std::string(text) + "\" is not one of the choices of " + field.name +
                       suggestion(text, field.choices));
      }
      return Value(text);
    default:
      return Value(text);
  }
}

}  // namespace

TestWorld::TestWorld(const CompiledSet& set, const TestFile& file, Mistakes& mistakes)
    : set_(set), file_(file), mistakes_(mistakes) {
  const auto add = [&](const TestRecord& record) {
    const model::RecordType* type = set.model->find(record.type.text);
    if (type == nullptr) {
      std::vector<std::string> names;
      for (const model::RecordType& known : set.model->types) names.push_back(known.name);
      mistakes.push_back(
          {record.type.file, record.type.place,
           "there is no record type \"" + record.type.text + "\"" + suggestion(record.type.text, names)});
      return;
    }
    linked_[id_of(record.name.text)] = {type, values(*type, record, {})};
  };
  for (const TestRecord& record : file.links) add(record);
  for (const TestRecord& record : file.records) add(record);
}

int64_t TestWorld::id_of(std::string_view name) {
  if (const auto id = parse_id(name)) return *id;
  const auto known = ids_.find(name);
  if (known != ids_.end()) return known->second;
  const int64_t id = kFirstMadeUpId + static_cast<int64_t>(ids_.size());
  ids_.emplace(name, id);
  return id;
}

Value TestWorld::value(const model::RecordType& type, const Words& fields, const Word& word,
                       const model::Field& field) {
  if (word.text == "empty") return Value();
  const std::string text = word.text == "\"empty\"" ? "empty" : word.text;
  if (field.type == FieldType::Ref) return Value(id_of(text));
  const auto read =
      field.type == FieldType::Money ? amount(type, fields, text, field) : plain_value(text, field);
  if (read) return *read;
  mistakes_.push_back({word.file, word.place, read.error().message});
  return Value();
}

std::map<std::string, Value, std::less<>> TestWorld::values(const model::RecordType& type,
                                                            const TestRecord& record, const Words& with) {
  Words fields = record.fields;
  for (const auto& [name, word] : with) fields[name] = word;
  std::map<std::string, Value, std::less<>> values;
  if (!record.name.text.empty()) values["id"] = Value(id_of(record.name.text));
  for (const auto& [name, word] : fields) {
    const model::Field* field = type.find_field(name);
    if (field == nullptr) {
      mistakes_.push_back(
          {word.file, word.place,
           type.name + " has no field \"" + name + "\"" + suggestion(name, model::field_names(type))});
      continue;
    }
    values[name] = value(type, fields, word, *field);
    // An amount's currency, where the record does not name it: as written behind the amount, or the field's
    // default.
    if (field->type != FieldType::Money || fields.contains(field->currency)) continue;
    const std::size_t space = word.text.find(' ');
    const model::Field* currency = type.find_field(field->currency);
    std::string code = currency != nullptr && !currency->initial.empty() ? currency->initial : "EUR";
    if (space != std::string::npos) code = word.text.substr(space + 1);
    values[field->currency] = Value(code);
  }
  return values;
}

Value TestWorld::read(const model::RecordType& type, const std::map<std::string, Value, std::less<>>& values,
                      std::string_view path) const {
  const std::size_t dot = path.find('.');
  const auto found = values.find(path.substr(0, dot));
  if (found == values.end()) return Value();
  if (dot == std::string_view::npos) return found->second;
  const model::Field* field = type.find_field(path.substr(0, dot));
  const auto linked = linked_.find(found->second.integer());
  if (field == nullptr || linked == linked_.end() || linked->second.type->name != field->to) return Value();
  return read(*linked->second.type, linked->second.values, path.substr(dot + 1));
}

const Person* TestWorld::person(const Word& name) {
  const auto known = people_.find(name.text);
  if (known != people_.end()) return &known->second;
  Person person;
  person.id = id_of(name.text);
  person.is_active = true;
  person.key = name.text;
  person.name = name.text;
  const auto own = file_.users.find(name.text);
  if (own != file_.users.end()) {
    person.key = file_.file + ":" + name.text;
    for (const Word& role : own->second.roles) person.roles.push_back({role.text, {}});
    for (const Grant& grant : own->second.grants) person.roles.push_back({grant.role.text, grant.time});
    for (const auto& [fact, words] : own->second.facts) {
      for (const Word& word : words) person.facts[fact].push_back(word.text);
    }
  } else if (!set_.source.users.contains(name.text)) {
    std::vector<std::string> names;
    for (const auto& [known_name, entry] : file_.users) names.push_back(known_name);
    mistakes_.push_back({name.file, name.place,
                         "there is no person \"" + name.text + "\" in this file's users: or in users.yaml" +
                             suggestion(name.text, names)});
    return nullptr;
  }
  return &people_.emplace(name.text, std::move(person)).first->second;
}

}  // namespace talon::access
