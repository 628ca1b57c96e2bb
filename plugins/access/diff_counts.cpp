/// A comparison as an answer: how many records each change is about, with examples.
#include "diff.hpp"

#include <talon/expression/parse.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace talon::access {

namespace {

using expression::Expression;

constexpr int64_t kExamples = 3;
constexpr std::size_t kPeopleShown = 20;
constexpr std::size_t kLoggedBytes = 20'000;  // of a condition: a line of the log has its limit

/// Records of one type for which a condition is True.
class Counter {
 public:
  Counter(const model::RecordType& type, const Records* records) : type_(type), records_(records) {}

  bool can_count() const { return records_ != nullptr && type_.kind != model::Kind::Virtual; }

  /// @param shown  gets the question, as the read log has it.
  Result<int64_t> count(const Expression& condition, Json& shown) const {
    if (is_never_true(condition)) return INT64_C(0);
    note(condition, shown);
    Query query;
    query.type = type_.name;
    query.aggregates = {"count"};
    if (!is_always_true(condition)) query.where = expression::print(condition);
    int64_t counted = 0;
    TALON_DO(records_->each(query, [&](Row row) -> Result<void> {
      counted = row[0].integer();
      return {};
    }));
    return counted;
  }

  /// What is counted by tells of records, whatever the number is.
  void note(const Expression& condition, Json& shown) const {
    const bool is_stored = type_.kind == model::Kind::Stored;
    std::string where = is_always_true(condition) ? "always" : expression::print(condition);
    if (!is_stored) where.insert(0, type_.name + ": ");
    shown.push(Json::object({{"type", is_stored ? type_.name : type_.view.type},
                             {"records", Json::array()},
                             {"fields", Json::array({"count"})},
                             {"where", harmless(where, kLoggedBytes)}}));
  }

  Result<Json> examples(const Expression& condition) const {
    Json ids = Json::array();
    if (type_.kind != model::Kind::Stored) return ids;
    Query query;
    query.type = type_.name;
    query.fields = {"id"};
    query.limit = kExamples;
    if (!is_always_true(condition)) query.where = expression::print(condition);
    TALON_DO(records_->each(query, [&](Row row) -> Result<void> {
      ids.push(id_text(type_.prefix, row[0].integer()));
      return {};
    }));
    return ids;
  }

 private:
  const model::RecordType& type_;
  const Records* records_;
};

Json list_of(const std::vector<std::string>& texts, std::size_t at_most) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(texts.size(), at_most); ++i) list.push(texts[i]);
  return list;
}

/// A gain or a loss; nothing where it is about no record that there is.
Result<void> add_effect(const RightChange& change, bool is_gain, const Counter& counter, Json& list,
                        Json& shown) {
  const Expression& from = is_gain ? change.before : change.after;
  const Expression& to = is_gain ? change.after : change.before;
  const Expression reached = both_of(change.among, both_of(to, is_not_true(from)));
  if (!(is_gain ? change.may_gain() : change.may_lose())) return {};
  Json one = Json::object({{"effect", is_gain ? "gains" : "loses"},
                           {"action", change.action},
                           {"type", change.type},
                           {"field", change.field}});
  // Whether a record may be made is asked of records that are not there yet.
  const bool is_counted = counter.can_count() && change.action != "create";
  Json records;
  Json examples = Json::array();
  if (is_counted) {
    const auto count = counter.count(reached, shown);
    // What a query cannot ask (a view's rows by a key that it does not show) is left uncounted.
    if (!count && count.error().code != Code::InvalidArgument) return count.error();
    if (count) records = *count;
    if (count && *count > 0) {
      TALON_TRY(examples, counter.examples(reached));
    }
  }
  one.set("people_count", static_cast<int64_t>(change.people.size()))
      .set("people", list_of(change.people, kPeopleShown))
      .set("records", std::move(records))
      .set("examples", std::move(examples))
      .set("rules", list_of(change.rules, change.rules.size()));
  list.push(std::move(one));
  return {};
}

}  // namespace

std::vector<Person> people_of_roles(const TwoSets& sets) {
  const auto facts_of = [](const CompiledSet& set, Person& person) {
    for (const auto& [name, fact] : set.facts) {
      const model::RecordType* target = set.model->find(fact.to);
      using model::FieldType;
      std::string value = "1";
      if (fact.type == FieldType::Ref) value = id_text(target == nullptr ? "" : target->prefix, 1);
      if (fact.type == FieldType::Money) value = "1 EUR";
      if (fact.type == FieldType::Date) value = "2000-01-01";
      if (fact.type == FieldType::Boolean) value = "yes";
      person.facts[name] = {value};
    }
  };
  std::map<std::string, Person> people;
  for (const CompiledSet* set : {&sets.before, &sets.after}) {
    for (const std::string& role : set->roles.names()) {
      Person& person = people["role " + role];
      person.roles = {{role, {}}};
      facts_of(*set, person);
    }
    for (const auto& [email, entry] : set->source.users) facts_of(*set, people[email]);
  }
  std::vector<Person> all;
  for (auto& [key, person] : people) {
    person.id = static_cast<int64_t>(all.size()) + 1;
    person.key = key;
    person.is_active = true;
    all.push_back(std::move(person));
  }
  return all;
}

namespace {

/// What users.yaml says of somebody, without places: equal texts mean the same.
std::string entry_text(const CompiledSet& set, const std::string& email) {
  std::string text;
  const auto found = set.source.users.find(email);
  if (found == set.source.users.end()) return text;
  const UserEntry& entry = found->second;
  const auto days = [&](const TimeBox& time) {
    text +=
        (time.from ? time.from->to_string() : "") + ".." + (time.until ? time.until->to_string() : "") + ";";
  };
  text += entry.is_managed ? "managed;" : ";";
  for (const Word& role : entry.roles) text += "role " + role.text + ";";
  for (const Grant& grant : entry.grants) {
    text += "grant " + grant.role.text + " ";
    days(grant.time);
  }
  for (const auto& [name, values] : entry.facts) {
    for (const Word& value : values) text += name + "=" + value.text + ";";
  }
  for (const TypeRules& type : entry.rules) {
    for (const Rule& rule : type.rules) {
      text += (rule.effect == Effect::Deny ? "deny " : "allow ") + type.type.text + " ";
      if (rule.has_all_actions) text += "everything ";
      for (const Word& action : rule.actions) text += action.text + " ";
      text += rule.within.text + " " + expression::print(rule.when) + " ";
      days(rule.time);
    }
  }
  return text;
}

}  // namespace

std::vector<Person> people_of_files(const TwoSets& sets) {
  std::vector<Person> people = people_of_roles(sets);
  std::vector<Person> more;
  for (const Person& person : people) {
    const bool is_same = entry_text(sets.before, person.key) == entry_text(sets.after, person.key);
    if (is_same || person.key.starts_with("role ")) continue;
    // Which roles the record of somebody gives them is not in the files: each is tried.
    for (const std::string& role : sets.after.roles.names()) {
      Person holder = person;
      holder.id = static_cast<int64_t>(people.size() + more.size()) + 1;
      holder.roles = {{role, {}}};
      more.push_back(std::move(holder));
    }
  }
  people.insert(people.end(), more.begin(), more.end());
  return people;
}

Result<Json> comparison_json(const TwoSets& sets, const Comparison& comparison, const Records* records,
                             Json& shown) {
  Json list = Json::array();
  for (const RightChange& change : comparison.changes) {
    const Counter counter(*sets.before.model->find(change.type), records);
    TALON_DO(add_effect(change, true, counter, list, shown));
    TALON_DO(add_effect(change, false, counter, list, shown));
  }
  return Json::object({{"before", sets.before.source.hash},
                       {"after", sets.after.source.hash},
                       {"people", static_cast<int64_t>(comparison.people)},
                       {"widens", comparison.widens()},
                       {"changes", std::move(list)}});
}

void add_shown(const Json& changes, const std::vector<Person>& people, Json& shown) {
  std::map<std::string_view, std::string> ids;
  for (const Person& person : people) ids.emplace(person.key, id_text("usr", person.id));
  std::map<std::string, std::set<std::string>> told;  // type → records
  for (const Json& change : changes.items()) {
    for (const Json& address : change["people"].items()) {
      const auto person = ids.find(address.string());
      if (person != ids.end()) told["user"].insert(person->second);
    }
    for (const Json& example : change["examples"].items())
      told[std::string(change["type"].string())].emplace(example.string());
  }
  for (const auto& [type, records] : told) {
    Json list = Json::array();
    for (const std::string& record : records) list.push(record);
    const char* field = type == "user" ? "email" : "id";
    shown.push(
        Json::object({{"type", type}, {"records", std::move(list)}, {"fields", Json::array({field})}}));
  }
}

}  // namespace talon::access
