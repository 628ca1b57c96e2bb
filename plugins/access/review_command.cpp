/// The command `review`.
#include "review_command.hpp"

#include "arguments.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <charconv>

namespace talon::access {

namespace {

constexpr std::size_t kPage = 200;  // people whose uses are read by one statement
constexpr int64_t kDays = 90;
constexpr int64_t kDaysMost = 3660;

Result<int64_t> read_days(const Json& args) {
  std::string_view text = args["unused_for"].string();
  if (text.empty()) return kDays;
  int64_t days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || (rest != "d" && !rest.empty()) || days < 1 || days > kDaysMost)
    return invalid("unused_for is a number of days from 1 to 3660, as in 90d");
  return days;
}

Json instant(int64_t us) { return us > 0 ? Json(Timestamp(us).to_string()) : Json(); }
Json day(const std::optional<Date>& date) { return date ? Json(date->to_string()) : Json(); }

/// What the policy files give the person.
void add_file_grants(const CompiledSet& set, const RoleGives& roles, const UserEntry& entry,
                     std::vector<HeldGrant>& grants) {
  const auto add_role = [&](const Word& role, const TimeBox& time, const std::string& reason) {
    HeldGrant grant;
    grant.name = role.text;
    grant.place = role.where();
    grant.time = time;
    grant.reason = reason;
    grant.gives = roles[static_cast<std::size_t>(set.roles.find(role.text))];
    grants.push_back(std::move(grant));
  };
  for (const Word& role : entry.roles) add_role(role, {}, {});
  for (const Grant& grant : entry.grants) add_role(grant.role, grant.time, grant.reason);
  for (const TypeRules& rules : entry.rules) {
    const Rule& rule = rules.rules.front();
    HeldGrant grant;
    grant.kind = HeldGrant::Kind::Rule;
    grant.name = rule.head.text;
    grant.place = rule.head.where();
    grant.time = rule.time;
    grant.reason = rule.because;
    grant.is_deny = rule.effect == Effect::Deny;
    grant.gives = std::make_shared<const Gives>(rights_of_rule(*set.model, rules));
    grants.push_back(std::move(grant));
  }
}

/// A rule without an id of its own is called after the person's address, which may be hidden from the reader.
std::string name_of(const HeldGrant& grant, const std::string& key, bool is_address_shown) {
  const bool is_after_address = lower_case(grant.name).starts_with(key + "-");
  return is_address_shown || !is_after_address ? grant.name : grant.name.substr(key.size() + 1);
}

Json grant_json(const HeldGrant& grant, const Opinion& opinion) {
  Json risks = Json::array();
  for (const std::string& risk : opinion.risks) risks.push(risk);
  Json json = Json::object({{"kind", grant.kind == HeldGrant::Kind::Role ? "role" : "rule"},
                            {"grant", grant.name},
                            {"at", grant.place.empty() ? std::string("record") : grant.place},
                            {"from", day(grant.time.from)},
                            {"until", day(grant.time.until)},
                            {"reason", grant.reason},
                            {"given_by", grant.given_by},
                            {"given_at", instant(grant.given_us)},
                            {"last_used", instant(opinion.used_us)},
                            {"state", opinion.state},
                            {"ends_soon", opinion.ends_soon},
                            {"risks", std::move(risks)},
                            {"proposal", word_of(opinion.proposal)},
                            {"narrow_to", opinion.narrow_to},
                            {"why", opinion.why}});
  const std::string use =
      opinion.used_us > 0 ? opinion.used.first + "." + opinion.used.second : std::string();
  return json.set("last_use", use), json;
}

}  // namespace

Result<std::map<int64_t, ReviewCommand::Visible>> ReviewCommand::visible(const Records& caller) const {
  std::map<int64_t, Visible> found;
  Query query;
  query.type = "user";
  query.fields = {"id", "name", "email"};
  // What is hidden from the caller is refused by name: then ids have to do.
  const auto all = caller.query(query);
  const bool is_named = static_cast<bool>(all);
  if (!is_named && all.error().code != Code::InvalidArgument) return all.error();
  if (!is_named) query.fields = {"id"};
  TALON_DO(caller.each(query, [&](Row row) -> Result<void> {
    Visible& person = found[row[0].integer()];
    if (is_named) person = {std::string(row[1].text()), std::string(row[2].text())};
    return {};
  }));
  return found;
}

Result<std::vector<ReviewedPerson>> ReviewCommand::people(const std::map<int64_t, Visible>& visible,
                                                          const Json& users) const {
  std::set<std::string> wanted;
  for (const Json& user : users.items()) wanted.insert(lower_case(user.string()));
  std::set<std::string> unknown = wanted;
  std::vector<ReviewedPerson> found;
  Query query;
  query.type = "user";
  query.fields = {"id", "email", "state", "created_at"};
  query.order = {"id"};
  TALON_DO(host_.records().each(query, [&](Row row) -> Result<void> {
    ReviewedPerson person;
    person.id = row[0].integer();
    person.key = lower_case(row[1].text());
    person.is_active = row[2].text() == "active";
    person.found.created_us = row[3].integer();
    const std::string id = id_text("usr", person.id);
    const bool is_wanted = wanted.empty() || wanted.contains(person.key) || wanted.contains(id);
    if (!is_wanted || !visible.contains(person.id)) return {};
    unknown.erase(person.key);
    unknown.erase(id);
    found.push_back(std::move(person));
    return {};
  }));
  // A misspelt address would read like somebody who holds nothing.
  if (!unknown.empty())
    return invalid("there is no user \"" + *unknown.begin() +
                   "\" that you may see; name one by e-mail address or id (usr_…)");
  return found;
}

Result<void> ReviewCommand::run(const CommandRequest& request, Output& out) {
  TALON_DO(judge_kinds(request.args, {"unused_for"}, {"users"}));
  TALON_TRY(const int64_t days, read_days(request.args));
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority_.set());
  const RoleGives roles = rights_of_roles(*set);
  const Records own = host_.records();
  TALON_TRY(const auto visible, this->visible(request.records));
  TALON_TRY(std::vector<ReviewedPerson> everybody, people(visible, request.args["users"]));
  ReviewTimes times;
  times.since_us = host_.now_us() - days * kDayUs;
  times.today = host_.today();
  times.since = times.today.plus_days(-days);
  TALON_DO(out.write("{\"since\":\"" + Timestamp(times.since_us).to_string() + "\",\"policy_set\":\"" +
                     set->source.hash + "\",\"grants\":["));
  bool is_first = true;
  for (std::size_t begin = 0; begin < everybody.size(); begin += kPage) {
    const std::size_t end = std::min(begin + kPage, everybody.size());
    std::vector<ReviewedPerson> page(std::make_move_iterator(everybody.begin() + static_cast<int64_t>(begin)),
                                     std::make_move_iterator(everybody.begin() + static_cast<int64_t>(end)));
    TALON_DO(read_record_roles(own, *set, roles, page));
    TALON_DO(read_uses(own, page));
    for (ReviewedPerson& person : page) {
      const auto entry = set->source.users.find(person.key);
      if (entry != set->source.users.end()) {
        if (entry->second.is_managed) person.found.grants.clear();  // nothing of the record counts
        add_file_grants(*set, roles, entry->second, person.found.grants);
      }
      const std::vector<Opinion> opinions = judge_grants(*set, roles, person.found, times);
      for (std::size_t i = 0; i < opinions.size(); ++i) {
        Json line = grant_json(person.found.grants[i], opinions[i]);
        const Visible& shown = visible.at(person.id);
        line.set("user", id_text("usr", person.id)).set("email", shown.email).set("name", shown.name);
        line.set("is_active", person.is_active);
        line.set("grant", name_of(person.found.grants[i], person.key, !shown.email.empty()));
        TALON_DO(out.write((is_first ? "\n" : ",\n") + line.to_string()));
        is_first = false;
      }
    }
  }
  return out.write("\n],\"people\":" + std::to_string(everybody.size()) + "}");
}

}  // namespace talon::access
