/// Somebody with a policy set applied.
#include "subject.hpp"

#include <talon/id.hpp>

namespace talon::access {

namespace {

/// Roles one after another; one that would make a forbidden set is left out.
class RoleHolder {
 public:
  RoleHolder(const CompiledSet& set, Date day, Subject& subject) : set_(set), day_(day), subject_(subject) {}

  void hold(std::string_view role, const TimeBox& time) {
    if (time.from) subject_.boundaries.push_back(*time.from);
    if (time.until) subject_.boundaries.push_back(time.until->plus_days(1));
    const int number = set_.roles.find(role);
    if (number < 0 || !time.holds_on(day_)) return;
    RoleSet with = subject_.roles;
    merge(with, set_.roles.with_included(static_cast<uint32_t>(number)));
    if (set_.roles.forbidden(with) == nullptr) subject_.roles = std::move(with);
  }

 private:
  const CompiledSet& set_;
  Date day_;
  Subject& subject_;
};

void narrow(const CompiledSet& set, const std::vector<std::string>& token_roles, Subject& subject) {
  if (token_roles.empty()) return;
  RoleSet allowed;
  for (const std::string& name : token_roles) {
    const int role = set.roles.find(name);
    if (role >= 0) merge(allowed, set.roles.with_included(static_cast<uint32_t>(role)));
  }
  RoleSet both;
  for (const uint32_t role : subject.roles) {
    if (contains(allowed, role)) both.push_back(role);
  }
  subject.roles = std::move(both);
}

const std::string& text_of(const std::string& value) { return value; }
const std::string& text_of(const Word& value) { return value.text; }

/// One value of a fact; nothing where it names a record that is not there.
std::optional<Value> fact_value(const CompiledSet& set, const expression::FactType& type,
                                const std::string& text, const FindId& find_id, Subject& subject) {
  if (type.type != model::FieldType::Ref) return Value(text);
  const model::RecordType* target = set.model->find(type.to);
  if (const auto id = parse_id(text, target == nullptr ? std::string() : target->prefix)) return Value(*id);
  if (!find_id) return std::nullopt;
  const Result<std::optional<int64_t>> found = find_id(type.to, text);
  if (!found) subject.failure = found.error();
  return found && *found ? std::optional<Value>(**found) : std::nullopt;
}

/// @param texts  values, or words that are.
template <typename Texts>
void add_fact(const CompiledSet& set, const std::string& name, const Texts& texts, const FindId& find_id,
              Subject& subject) {
  const auto type = set.facts.find(name);
  if (type == set.facts.end()) return;
  std::vector<Value> values;
  for (const auto& each : texts) {
    std::optional<Value> value = fact_value(set, type->second, text_of(each), find_id, subject);
    if (!value) return subject.unresolved.push_back(name + ": " + text_of(each));
    values.push_back(*std::move(value));
  }
  subject.facts.facts[name] = std::move(values);
}

}  // namespace

Subject make_subject(const CompiledSet& set, const Person& person, Date day, const FindId& find_id) {
  Subject subject;
  subject.is_active = person.is_active;
  subject.key = person.key;
  subject.facts.user = person.id;
  subject.facts.currency = "EUR";  // of amounts in facts that name no currency
  const auto entry = set.source.users.find(person.key);
  const bool is_listed = entry != set.source.users.end();
  const bool is_managed = is_listed && entry->second.is_managed;
  RoleHolder holder(set, day, subject);
  if (!is_managed) {
    for (const Person::RoleGrant& grant : person.roles) holder.hold(grant.role, grant.time);
    for (const auto& [name, values] : person.facts) add_fact(set, name, values, find_id, subject);
  }
  if (is_listed) {
    for (const Word& role : entry->second.roles) holder.hold(role.text, {});
    for (const Grant& grant : entry->second.grants) holder.hold(grant.role.text, grant.time);
    for (const auto& [name, values] : entry->second.facts) {
      subject.facts.facts.erase(name);  // what the file says replaces what the record says
      add_fact(set, name, values, find_id, subject);
    }
  }
  subject.held = subject.roles;
  narrow(set, person.token_roles, subject);
  const auto name = [&](const RoleSet& roles, std::vector<std::string>& names) {
    for (const uint32_t role : roles) names.push_back(set.roles.name(role));
  };
  if (!person.token_roles.empty()) {
    subject.owner = subject.facts;
    name(subject.held, subject.owner->roles);
  }
  name(subject.roles, subject.facts.roles);
  return subject;
}

}  // namespace talon::access
