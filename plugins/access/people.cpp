/// People as the host's records have them.
#include "people.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

namespace talon::access {

namespace {

constexpr std::size_t kKeptMax = 10000;  // people kept; beyond that all are forgotten and read again

std::optional<Date> optional_date(const Record& record, std::string_view field) {
  if (record.is_empty(field)) return std::nullopt;
  return record.date(field);
}

Query user_query() {
  Query query;
  query.type = "user";
  query.fields = {"id", "version", "name", "email", "state"};
  return query;
}

Person read_row(const Record& record) {
  Person person;
  person.id = record.integer("id");
  person.version = record.integer("version");
  person.name = record.text("name");
  person.key = lower_case(record.text("email"));
  person.is_active = record.text("state") == "active";
  return person;
}

}  // namespace

Result<Person> People::by_id(int64_t id) {
  Query query = user_query();
  query.where = "id is " + id_text("usr", id);
  return read(query);
}

Result<Person> People::by_email(std::string_view email) {
  Query query = user_query();
  query.where = "email in [" + text_literal(lower_case(email)) + ", " + text_literal(email) + "]";
  return read(query);
}

Result<Person> People::read(const Query& query) {
  TALON_TRY(const std::vector<Record> rows, host_.records().query(query));
  if (rows.empty()) return not_found("there is no such user");
  Person person = read_row(rows.front());
  {
    const std::lock_guard lock(mutex_);
    const auto kept = kept_.find(person.id);
    // Roles and facts are lists of the user: a change of them changes the user's version.
    if (kept != kept_.end() && kept->second.version == person.version) return kept->second;
  }
  TALON_DO(read_lists(person));
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kKeptMax) kept_.clear();
  kept_[person.id] = person;
  return person;
}

Result<void> People::read_lists(Person& person) {
  Query roles;
  roles.type = "user_role";
  roles.fields = {"role", "from", "until"};
  roles.where = "user is " + id_text("usr", person.id);
  roles.order = {"position"};
  TALON_TRY(const std::vector<Record> role_rows, host_.records().query(roles));
  for (const Record& row : role_rows) {
    person.roles.push_back({row.text("role"), {optional_date(row, "from"), optional_date(row, "until")}});
  }
  Query facts;
  facts.type = "user_fact";
  facts.fields = {"fact", "value"};
  facts.where = roles.where;
  facts.order = {"position"};
  TALON_TRY(const std::vector<Record> fact_rows, host_.records().query(facts));
  for (const Record& row : fact_rows) person.facts[row.text("fact")].push_back(row.text("value"));
  return {};
}

Result<std::vector<Person>> People::all() {
  Query query = user_query();
  query.order = {"name"};
  TALON_TRY(const std::vector<Record> rows, host_.records().query(query));
  std::vector<Person> people;
  for (const Record& row : rows) {
    people.push_back(read_row(row));
    TALON_DO(read_lists(people.back()));
  }
  return people;
}

Result<std::optional<int64_t>> People::find_id(const model::Model& model, std::string_view type,
                                               std::string_view number) {
  std::optional<int64_t> id;
  const model::RecordType* record = model.find(type);
  if (record == nullptr || record->find_field("number") == nullptr) return id;
  Query query;
  query.type = std::string(type);
  query.fields = {"id"};
  query.where = "number is " + text_literal(number);
  query.limit = 1;
  TALON_TRY(const std::vector<Record> rows, host_.records().query(query));
  if (!rows.empty()) id = rows.front().integer("id");
  return id;
}

void People::forget() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
}

}  // namespace talon::access
