/// What callers write of a person's roles and facts.
#include "user_check.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::access {

namespace {

/// The rows of a list as somebody sends them, over those that stand: what of a kept row is not sent stays.
class SentRows {
 public:
  /// @param user  empty: a new one.
  static Result<SentRows> read(const Records& own, const std::string& user, const std::string& type,
                               const std::string& prefix, std::vector<std::string> fields, const Json& sent) {
    SentRows rows(sent);
    if (user.empty() || sent.items().empty()) return rows;
    fields.emplace_back("id");
    TALON_TRY(const std::vector<Record> found, own.query({type, std::move(fields), "user is " + user}));
    for (const Record& row : found) rows.stood_.emplace(id_text(prefix, row.integer("id")), row);
    return rows;
  }

  std::size_t count() const { return sent_.items().size(); }
  std::string text(std::size_t i, const char* field) const {
    const Json& row = sent_.items()[i];
    const Record* stood = find(row);
    if (const Json* value = row.find(field)) return std::string(value->string());
    return stood != nullptr ? stood->text(field) : std::string();
  }
  std::optional<Date> day(std::size_t i, const char* field) const {
    const Json& row = sent_.items()[i];
    const Record* stood = find(row);
    if (const Json* value = row.find(field)) {
      const auto day = Date::parse(value->string());
      return day ? std::optional<Date>(*day) : std::nullopt;
    }
    return stood == nullptr || stood->is_empty(field) ? std::nullopt
                                                      : std::optional<Date>(stood->date(field));
  }
  /// Whether one that stands says the same in all of `fields`.
  bool stood(std::size_t i, std::initializer_list<const char*> fields) const {
    return std::any_of(stood_.begin(), stood_.end(), [&](const auto& row) {
      return std::all_of(fields.begin(), fields.end(),
                         [&](const char* field) { return row.second.text(field) == text(i, field); });
    });
  }

 private:
  explicit SentRows(const Json& sent) : sent_(sent) {}
  const Record* find(const Json& row) const {
    const auto found = stood_.find(std::string(row["id"].string()));
    return found == stood_.end() ? nullptr : &found->second;
  }

  const Json& sent_;                     // outlives this
  std::map<std::string, Record> stood_;  // by id
};

void judge_roles(const CompiledSet& set, const SentRows& rows, HoldingsJudge& judge) {
  std::vector<std::pair<RoleSet, TimeBox>> held;
  for (std::size_t i = 0; i < rows.count(); ++i) {
    const std::string name = rows.text(i, "role");
    if (set.roles.find(name) < 0 && rows.stood(i, {"role"})) continue;
    const auto role = judge.role(name, "/roles/" + std::to_string(i) + "/role");
    if (role) held.push_back({set.roles.with_included(*role), {rows.day(i, "from"), rows.day(i, "until")}});
  }
  // Each day from which on one of them is held: those of other days are not held together with it.
  for (const auto& [roles, time] : held) {
    RoleSet together;
    for (const auto& [others, their_time] : held) {
      if (time.from ? their_time.holds_on(*time.from) : !their_time.from) merge(together, others);
    }
    if (set.roles.forbidden(together) != nullptr) return judge.together(together, "/roles");
  }
}

void judge_facts(const CompiledSet& set, const SentRows& rows, HoldingsJudge& judge) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < rows.count(); ++i) {
    const std::string name = rows.text(i, "fact");
    const std::string place = "/facts/" + std::to_string(i);
    const std::size_t count = ++counts[name];
    const bool stood = rows.stood(i, {"fact", "value"});
    if (stood && !set.facts.contains(name)) continue;
    const expression::FactType* type = judge.fact(name, place + "/fact");
    if (type == nullptr || !judge.is_count_right(name, *type, count, place + "/fact")) continue;
    if (!stood) judge.value(name, *type, rows.text(i, "value"), place + "/value");
  }
}

}  // namespace

Result<void> check_user(Host& host, const CompiledSet& set, const Records& records, People& people,
                        const Json& args) {
  const std::string user(args["id"].string());
  const Json& body = args["body"];
  const Records own = host.records();
  TALON_TRY(const SentRows roles,
            SentRows::read(own, user, "user_role", "uro", {"role", "from", "until"}, body["roles"]));
  TALON_TRY(const SentRows facts,
            SentRows::read(own, user, "user_fact", "ufa", {"fact", "value"}, body["facts"]));
  Faults faults;
  HoldingsJudge judge(set, records, people, faults);
  judge_roles(set, roles, judge);
  judge_facts(set, facts, judge);
  return faults.outcome();
}

}  // namespace talon::access
