/// Uses out of the audit log.
#include "review_log.hpp"

#include "people.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

namespace talon::access {

namespace {

using ById = std::map<int64_t, ReviewedPerson*>;

ById by_id(std::vector<ReviewedPerson>& people) {
  ById found;
  for (ReviewedPerson& person : people) found[person.id] = &person;
  return found;
}

/// "usr_a, usr_b"; `quote`: as texts.
std::string list_of(const std::vector<ReviewedPerson>& people, bool quote) {
  std::string text;
  for (const ReviewedPerson& person : people) {
    const std::string id = id_text("usr", person.id);
    text += (text.empty() ? "" : ", ") + (quote ? text_literal(id) : id);
  }
  return text;
}

std::optional<Date> day_of(const Cell& value) {
  const auto day = value.is_null() ? Result<Date>(not_found("no day")) : Date::unpack(value.integer());
  return day ? std::optional(*day) : std::nullopt;
}

void raise(int64_t& moment, int64_t to) { moment = std::max(moment, to); }

/// The right that an entry tells of. What an action changed carries the action's full name, "invoice.issue".
Right right_of(std::string_view type, std::string_view action) {
  const std::size_t dot = action.find('.');
  if (dot == std::string_view::npos) return {std::string(type), std::string(action)};
  return {std::string(action.substr(0, dot)), std::string(action.substr(dot + 1))};
}

Result<void> read_log(const Records& own, ById& people, const std::string& names) {
  Query query;
  query.type = "audit_entry";
  query.where = "principal in [" + names +
                "] and (on_behalf_of is empty or on_behalf_of is \"\") and kind is not system";
  query.group = {"principal", "type", "action"};
  query.aggregates = {"max at"};
  return own.each(query, [&](Row row) -> Result<void> {
    const auto id = parse_id(row[0].text(), "usr");
    const auto person = id ? people.find(*id) : people.end();
    if (person == people.end()) return {};
    Reviewed& found = person->second->found;
    raise(found.uses[right_of(row[1].text(), row[2].text())], row[3].integer());
    raise(found.seen_us, row[3].integer());
    return {};
  });
}

/// When sessions or tokens of theirs were last used.
Result<void> read_presence(const Records& own, ById& people, const std::string& ids, const char* type,
                           const std::string& moment) {
  Query query;
  query.type = type;
  query.where = "user in [" + ids + "]";
  query.group = {"user"};
  query.aggregates = {"max " + moment};
  return own.each(query, [&](Row row) -> Result<void> {
    const auto person = people.find(row[0].integer());
    if (person != people.end()) raise(person->second->found.seen_us, row[1].integer());
    return {};
  });
}

/// Follows the roles on somebody's record through the entries of its changes, in their order.
class RoleHistory {
 public:
  void take(const Json& content, const std::string& by, int64_t at) {
    const Json& after = content["after"]["roles"];
    if (!after.is_array()) return;
    std::map<std::string, std::pair<std::string, int64_t>, std::less<>> now;
    for (const Json& row : after.items()) {
      const std::string role(row["role"].string());
      const auto known = given_.find(role);
      now[role] = known == given_.end() ? std::pair(by, at) : known->second;
    }
    given_ = std::move(now);
  }
  void give(HeldGrant& grant) const {
    const auto known = given_.find(grant.name);
    if (known == given_.end() || !grant.place.empty()) return;
    grant.given_by = known->second.first;
    grant.given_us = known->second.second;
  }

 private:
  std::map<std::string, std::pair<std::string, int64_t>, std::less<>> given_;
};

Result<void> read_givers(const Records& own, ById& people, const std::string& records) {
  std::map<int64_t, RoleHistory> histories;
  Query query;
  query.type = "audit_entry";
  query.fields = {"record", "principal", "on_behalf_of", "at", "content"};
  query.where = "type is \"user\" and record in [" + records + "] and kind is not read";
  query.order = {"id"};
  TALON_DO(own.each(query, [&](Row row) -> Result<void> {
    const auto content = Json::parse(row[4].text());
    // A payload whose time was over is empty: then nobody knows.
    if (!content || !people.contains(row[0].integer())) return {};
    const std::string for_whom(row[2].text());
    histories[row[0].integer()].take(*content, for_whom.empty() ? std::string(row[1].text()) : for_whom,
                                     row[3].integer());
    return {};
  }));
  for (auto& [id, history] : histories) {
    for (HeldGrant& grant : people.at(id)->found.grants) history.give(grant);
  }
  return {};
}

}  // namespace

Result<void> read_uses(const Records& own, std::vector<ReviewedPerson>& people) {
  if (people.empty()) return {};
  ById found = by_id(people);
  const std::string ids = list_of(people, false);
  std::string numbers;
  for (const ReviewedPerson& person : people)
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(person.id);
  TALON_DO(read_log(own, found, list_of(people, true)));
  TALON_DO(read_presence(own, found, ids, "session", "last_seen_at"));
  TALON_DO(read_presence(own, found, ids, "token", "last_used_at"));
  return read_givers(own, found, numbers);
}

Result<void> read_record_roles(const Records& own, const CompiledSet& set, const RoleGives& roles,
                               std::vector<ReviewedPerson>& people) {
  if (people.empty()) return {};
  ById found = by_id(people);
  Query query;
  query.type = "user_role";
  query.fields = {"user", "role", "from", "until", "source"};
  query.where = "user in [" + list_of(people, false) + "]";
  query.order = {"user", "position"};
  return own.each(query, [&](Row row) -> Result<void> {
    const auto person = found.find(row[0].integer());
    if (person == found.end()) return {};
    HeldGrant grant;
    grant.name = row[1].text();
    grant.time.from = day_of(row[2]);
    grant.time.until = day_of(row[3]);
    if (!row[4].text().empty()) grant.reason = "handed out by " + std::string(row[4].text());
    const int role = set.roles.find(grant.name);
    grant.is_unknown = role < 0;
    grant.gives = role < 0 ? std::make_shared<const Gives>() : roles[static_cast<std::size_t>(role)];
    person->second->found.grants.push_back(std::move(grant));
    return {};
  });
}

}  // namespace talon::access
