/// Who saw what.
#include "sights.hpp"

#include "entry.hpp"
#include "filter.hpp"
#include "principals.hpp"
#include "table.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/id_list.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace audit {

namespace {

using talon::Json;
using talon::Query;
using talon::Records;
using talon::Result;
using talon::Timestamp;

/// What is asked: by record or by principal.
struct Question {
  std::string field;  ///< of audit_sight: record or principal
  std::string value;
  std::string type;    ///< empty: any
  std::string logged;  ///< the question as a condition on entries
  Period period;
};

std::string period_condition(const Period& period, std::string_view since, std::string_view until) {
  std::string where;
  if (period.from > 0) where += " and " + std::string(since) + " >= " + moment(period.from);
  if (period.to < INT64_MAX) where += " and " + std::string(until) + " <= " + moment(period.to);
  return where;
}

/// Whether the record is among those of a read's content; of one that is emptied or withheld nobody can say.
bool names(std::string_view content, int64_t record) {
  const Result<Json> read = Json::parse(content);
  if (!read) return false;
  const Result<talon::IdList> list = talon::parse_ids((*read)["records"].string());
  return list && std::binary_search(list->ids.begin(), list->ids.end(), record);
}

using Key =
    std::tuple<std::string, std::string, std::string, std::string>;  // other side, type, channel, action
struct Seen {
  int64_t first_at = INT64_MAX;
  int64_t last_at = 0;
  int64_t reads = 0;
  void add(int64_t first, int64_t last, int64_t count) {
    first_at = std::min(first_at, first);
    last_at = std::max(last_at, last);
    reads += count;
  }
};

class Sightings {
 public:
  Sightings(const Records& own, const Records& caller, Question question)
      : own_(own), caller_(caller), question_(std::move(question)) {}

  Result<std::map<Key, Seen>> find() {
    TALON_DO(note());
    TALON_TRY(sees_log_, this->sees_log());
    TALON_DO(take_rows());
    return std::move(seen_);
  }

 private:
  bool is_by_record() const { return question_.field == "record"; }

  /// The caller's own look at the log, which the host's read log takes by its condition before it is
  /// answered.
  Result<void> note() const {
    Query asked{"audit_entry", {"id"}, question_.logged + period_condition(question_.period, "at", "at")};
    asked.limit = 1;
    TALON_DO(caller_.query(asked));
    return {};
  }

  Result<int64_t> count(const Records& records, const std::string& where) const {
    Query query{"audit_entry", {}, where};
    query.aggregates = {"count"};
    TALON_TRY(const auto rows, records.query(query));
    return rows.empty() ? 0 : rows.front().integer("count");
  }

  /// Whether the caller's rights keep no entry from them.
  Result<bool> sees_log() const {
    const Query newest{"audit_entry", {"seq"}, "seq is not empty", {"-seq"}, {}, {}, 1};
    TALON_TRY(const auto last, own_.query(newest));
    if (last.empty()) return true;
    const std::string where = "seq <= " + std::to_string(last.front().integer("seq"));
    TALON_TRY(const int64_t all, count(own_, where));
    TALON_TRY(const int64_t visible, count(caller_, where));
    return all == visible;
  }

  /// Whether they may see what entries of `type` say, so that the index alone answers.
  Result<bool> sees_all_of(const std::string& type) {
    if (!sees_log_) return false;
    const auto known = sees_.find(type);
    if (known != sees_.end()) return known->second;
    const Query one{
        "audit_entry", {"content"}, "kind is read and type is " + talon::text_literal(type), {}, {}, {}, 1};
    TALON_TRY(const auto found, caller_.query(one));
    const bool sees = !found.empty() && !found.front().text("content").starts_with(kWithheld);
    return sees_.emplace(type, sees).first->second;
  }

  std::string index_condition() const {
    std::string where = question_.field + " is " + talon::text_literal(question_.value);
    if (!question_.type.empty()) where += " and type is " + talon::text_literal(question_.type);
    return where + period_condition(question_.period, "last_at", "first_at");
  }

  /// One row of the index.
  struct Spell {
    int64_t first_at;
    int64_t last_at;
    int64_t reads;
  };
  using Full = std::tuple<std::string, std::string, std::string, std::string, std::string>;

  Result<void> take_rows() {
    std::map<Full, std::vector<Spell>> spells;  // record, principal, channel, action, type
    const Query rows{"audit_sight",
                     {"record", "principal", "channel", "action", "type", "first_at", "last_at", "reads"},
                     index_condition()};
    TALON_DO(own_.each(rows, [&](talon::Row row) -> Result<void> {
      const auto text = [&](std::size_t i) { return std::string(row[i].text()); };
      spells[{text(0), text(1), text(2), text(3), text(4)}].push_back(
          {row[5].integer(), row[6].integer(), row[7].integer()});
      return {};
    }));
    for (auto& [key, list] : spells) {
      TALON_TRY(const bool sees_all, sees_all_of(std::get<4>(key)));
      std::sort(list.begin(), list.end(),
                [](const Spell& a, const Spell& b) { return a.first_at < b.first_at; });
      // Spells that overlap (of several hosts) are looked at together, so that nothing counts twice.
      for (std::size_t at = 0; at < list.size();) {
        Spell all = list[at++];
        for (; at < list.size() && list[at].first_at <= all.last_at; ++at) {
          all.last_at = std::max(all.last_at, list[at].last_at);
          all.reads += list[at].reads;
        }
        TALON_DO(take_spell(key, all, sees_all));
      }
    }
    return {};
  }

  Result<void> take_spell(const Full& key, const Spell& spell, bool sees_all) {
    const auto& [record, principal, channel, action, type] = key;
    Seen& seen = seen_[{is_by_record() ? principal : record, type, channel, action}];
    const Period& period = question_.period;
    if (sees_all && spell.first_at >= period.from && spell.last_at <= period.to) {
      seen.add(spell.first_at, spell.last_at, spell.reads);
      return {};
    }
    // Only a part of it counts: the entries themselves tell which.
    const std::string where = "kind is read and principal is " + talon::text_literal(principal) +
                              " and channel is " + talon::text_literal(channel) + " and action is " +
                              talon::text_literal(action) + " and type is " + talon::text_literal(type) +
                              " and at >= " + moment(std::max(spell.first_at, period.from)) +
                              " and at <= " + moment(std::min(spell.last_at, period.to));
    TALON_TRY(const int64_t id, talon::parse_id(record));
    return caller_.each({"audit_entry", {"at", "content"}, where}, [&](talon::Row entry) -> Result<void> {
      if (names(entry[1].text(), id)) seen.add(entry[0].integer(), entry[0].integer(), 1);
      return {};
    });
  }

  const Records& own_;
  const Records& caller_;
  Question question_;
  bool sees_log_ = false;
  std::map<std::string, bool, std::less<>> sees_;  // by type
  std::map<Key, Seen> seen_;
};

using Names = std::map<std::string, std::string, std::less<>>;

/// The names of these users, as far as the caller may see them: of a user whose name is hidden there is none,
/// and none at all where names are refused.
Result<Names> names_of(const Records& caller, const std::set<std::string>& users) {
  constexpr std::size_t kAtOnce = 200;
  Names names;
  for (auto at = users.begin(); at != users.end();) {
    std::string list;
    for (std::size_t i = 0; i < kAtOnce && at != users.end(); ++i, ++at) list += (i > 0 ? ", " : "") + *at;
    const auto found = caller.query({"user", {"id", "name"}, "id in [" + list + "]"});
    if (!found) {
      // A hidden field is told as no field at all; whatever else fails is no answer about names.
      const talon::Code code = found.error().code;
      if (code != talon::Code::InvalidArgument && code != talon::Code::PermissionDenied) return found.error();
      return Names();
    }
    for (const talon::Record& user : *found) {
      if (!user.is_empty("name")) names.emplace(talon::id_text("usr", user.integer("id")), user.text("name"));
    }
  }
  return names;
}

Result<void> answer(const Records& own, const Records& caller, Question question, const Json& args,
                    talon::Output& out) {
  TALON_TRY(const Format format, read_format(args["format"].string()));
  TALON_TRY(question.period, read_period(args));
  const bool is_by_record = question.field == "record";
  TALON_TRY(const auto seen, Sightings(own, caller, std::move(question)).find());
  std::vector<std::pair<Key, Seen>> rows;
  for (const auto& row : seen) {
    if (row.second.reads > 0) rows.push_back(row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.last_at > b.second.last_at; });
  std::vector<std::string> columns = {
      is_by_record ? "user" : "record", "type", "channel", "action", "first", "last", "reads"};
  Names names;
  if (is_by_record) {
    columns.emplace_back("name");
    std::set<std::string> users;
    for (const auto& row : rows) {
      if (const std::string& user = std::get<0>(row.first); talon::parse_id(user, "usr")) users.insert(user);
    }
    TALON_TRY(names, names_of(caller, users));
  }
  Table table(out, format, std::move(columns));
  for (const auto& [key, times] : rows) {
    const auto& [other, type, channel, action] = key;
    std::vector<Json> row = {other,
                             type,
                             channel,
                             action,
                             Timestamp(times.first_at).to_string(),
                             Timestamp(times.last_at).to_string(),
                             times.reads};
    const auto name = names.find(other);
    if (is_by_record) row.push_back(name == names.end() ? Json() : Json(name->second));
    TALON_DO(table.row(row));
  }
  return table.finish();
}

}  // namespace

Result<void> who_saw(const Records& own, const Records& caller, const Prefixes& prefixes, const Json& args,
                     talon::Output& out) {
  const std::string asked = id_part(args["record"].string());
  TALON_TRY(const int64_t id, record_number(asked));
  const std::string prefix = asked.substr(0, asked.rfind('_'));
  const std::string record = talon::id_text(prefix, id);  // which may be written in several ways
  std::string logged = "kind is read and record is " + std::to_string(id);
  for (const auto& [type, known] : prefixes) {
    if (known == prefix) logged += " and type is " + talon::text_literal(type);
  }
  return answer(own, caller, {"record", record, {}, std::move(logged), {}}, args, out);
}

Result<void> seen_by(const Records& own, const Records& caller, const Json& args, talon::Output& out) {
  if (args["user"].string().empty())
    return talon::invalid("name the user: usr_…, an address, or plugin:NAME");
  TALON_TRY(const std::string user, principal_named(caller, args["user"].string()));
  const std::string type(args["type"].string());
  std::string logged = "kind is read and principal is " + talon::text_literal(user);
  if (!type.empty()) logged += " and type is " + talon::text_literal(type);
  return answer(own, caller, {"principal", user, type, std::move(logged), {}}, args, out);
}

}  // namespace audit
