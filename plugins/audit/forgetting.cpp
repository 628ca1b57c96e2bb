/// Erasure, expiry and holds.
#include "forgetting.hpp"

#include "filter.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <functional>

namespace audit {

namespace {

using talon::ChangeSet;
using talon::Json;
using talon::Query;
using talon::Record;
using talon::Records;
using talon::Result;
using talon::Value;

constexpr std::size_t kSightsAtOnce = 100'000;
constexpr int64_t kForgottenAtOnce = 250;  // rows in one transaction: some 20 ms of the writer

/// What expires others never expires itself: it tells that they did.
bool is_lasting(std::string_view type) { return type == "audit_expiry" || type == "audit_erasure"; }

const Hold* find_hold(const std::vector<Hold>& holds, std::string_view type, int64_t record,
                      std::string_view user) {
  const auto found = std::find_if(holds.begin(), holds.end(),
                                  [&](const Hold& hold) { return hold.holds(type, record, user); });
  return found == holds.end() ? nullptr : &*found;
}

bool fits(const RetentionClass& one, std::string_view kind, std::string_view type) {
  return (one.kind == "*" || one.kind == kind) && (one.type == "*" || one.type == type);
}

/// Somebody's record, and what the host keeps of them beside it.
struct Subject {
  std::string type;
  int64_t record = 0;
  std::string about = {};  ///< TYPE/ID, as people name it
};

Result<std::vector<Subject>> subjects_of(talon::Host& host, const std::string& id) {
  TALON_TRY(const int64_t number, record_number(id));
  TALON_TRY(const talon::model::Model model, host.model());
  const std::string prefix = id.substr(0, id.find('_'));
  const auto type = std::find_if(model.types.begin(), model.types.end(),
                                 [&](const auto& one) { return one.prefix == prefix; });
  if (type == model.types.end()) return talon::invalid(id + " is no record's id; it looks like pty_…");
  std::vector<Subject> subjects = {{type->name, number, type->name + "/" + talon::id_text(prefix, number)}};
  if (type->name != "user") return subjects;
  // Where they were, where they were written to, and who they are at others.
  for (const char* beside : {"session", "mail", "login_link"}) {
    const talon::model::RecordType* kept = model.find(beside);
    if (kept == nullptr) {
      return talon::failed_precondition("nothing was erased: this host has no type \"" + std::string(beside) +
                                        "\", where users' personal values were kept, and they would stay. "
                                        "Install the audit plugin that belongs to this host");
    }
    TALON_DO(host.records().each({beside, {"id"}, "user is " + id}, [&](talon::Row row) -> Result<void> {
      const int64_t record = row[0].integer();
      subjects.push_back({beside, record, std::string(beside) + "/" + talon::id_text(kept->prefix, record)});
      return {};
    }));
  }
  return subjects;
}

/// Personal values of a subject that may go, and how many have to stay.
struct Doomed {
  Subject subject;
  std::vector<std::pair<int64_t, int64_t>> rows;  // id and version
  int64_t kept = 0;
};

Result<void> write(talon::Host& host, ChangeSet& changes) {
  TALON_DO(host.records().apply(std::exchange(changes, ChangeSet())));
  return {};
}

void empty_value(ChangeSet& changes, int64_t id, int64_t version, int64_t now_us, const std::string& by) {
  changes.change("audit_value", id, version,
                 {{"salt", Value()}, {"value", Value()}, {"erased_at", now_us}, {"erased_by", by}});
}

}  // namespace

Result<std::vector<Hold>> Forgetting::holds() const {
  std::vector<Hold> holds;
  const int64_t today = host_.today().packed();
  const Query standing{"audit_hold", {"type", "record", "user", "reason", "until"}, "released is no"};
  TALON_DO(host_.records().each(standing, [&](talon::Row row) -> Result<void> {
    if (!row[4].is_null() && row[4].integer() < today) return {};
    Hold hold{std::string(row[0].text()), 0, id_part(row[2].text()), std::string(row[3].text())};
    if (!row[1].text().empty()) {
      // A hold whose record cannot be read holds everything of its type: better too much than too little.
      const auto number = talon::parse_id(id_part(row[1].text()));
      hold.record = number ? *number : 0;
    }
    holds.push_back(std::move(hold));
    return {};
  }));
  return holds;
}

Result<void> Forgetting::erase(const Json& args, talon::Output& out) const {
  const std::string id = id_part(args["subject"].string());
  if (args["why"].string().empty()) return talon::invalid("say why: the request of the person, as a rule");
  TALON_TRY(const std::vector<Subject> subjects, subjects_of(host_, id));
  TALON_TRY(const std::vector<Hold> holds, this->holds());
  if (const Hold* hold = find_hold(holds, subjects.front().type, subjects.front().record, id)) {
    return talon::failed_precondition("a legal hold keeps them: " + hold->reason +
                                      "; it has to be released first");
  }
  const int64_t now = host_.now_us();
  std::vector<Doomed> all;
  int64_t found = 0;
  for (const Subject& subject : subjects) {
    Doomed doomed{subject, {}, 0};
    const auto keep = std::find_if(settings_.keep.begin(), settings_.keep.end(),
                                   [&](const RetentionClass& one) { return one.type == subject.type; });
    const int64_t before = keep == settings_.keep.end() ? INT64_MAX : now - keep->time_us;
    const Query values{"audit_value",
                       {"id", "version", "entry.at", "entry.principal"},
                       "type is " + talon::text_literal(subject.type) + " and record is " +
                           std::to_string(subject.record) + " and value is not empty"};
    TALON_DO(host_.records().each(values, [&](talon::Row row) -> Result<void> {
      const bool stays = row[2].integer() >= before ||
                         find_hold(holds, subject.type, subject.record, row[3].text()) != nullptr;
      if (stays)
        ++doomed.kept;
      else
        doomed.rows.emplace_back(row[0].integer(), row[1].integer());
      return {};
    }));
    found += static_cast<int64_t>(doomed.rows.size()) + doomed.kept;
    if (!doomed.rows.empty() || doomed.kept > 0) all.push_back(std::move(doomed));
  }
  if (found == 0) return talon::not_found("the log keeps no personal values of " + id);
  int64_t erased = 0;
  int64_t kept = 0;
  for (const Doomed& doomed : all) {
    kept += doomed.kept;
    if (doomed.rows.empty()) continue;
    ChangeSet changes;
    changes.create("audit_erasure", {{"type", doomed.subject.type},
                                     {"record", doomed.subject.record},
                                     {"about", doomed.subject.about},
                                     {"subject", id},
                                     {"values", static_cast<int64_t>(doomed.rows.size())},
                                     {"kept", doomed.kept},
                                     {"why", std::string(args["why"].string())}});
    TALON_DO(write(host_, changes));
    int64_t count = 0;
    for (const auto& [row, version] : doomed.rows) {
      empty_value(changes, row, version, now, std::string(args["by"].string()));
      if (++count % kForgottenAtOnce == 0) TALON_DO(write(host_, changes));
    }
    if (count % kForgottenAtOnce != 0) TALON_DO(write(host_, changes));
    erased += count;
  }
  Json answer = Json::object({{"subject", id}, {"erased", erased}, {"kept", kept}});
  if (kept > 0) answer.set("note", "what is kept is held, or younger than `keep_personal` says");
  return out.write(answer.to_string() + "\n");
}

Result<void> Forgetting::expire() const {
  TALON_TRY(const std::vector<Hold> holds, this->holds());
  for (std::size_t i = 0; i < settings_.retention.size(); ++i) TALON_DO(expire_class(i, holds));
  return {};
}

namespace {

/// Drops the payloads of a batch of entries, and their personal values.
Result<void> drop(talon::Host& host, const std::vector<Record>& entries, int64_t now_us) {
  ChangeSet changes;
  int64_t count = 0;
  for (const Record& entry : entries) {
    changes.change("audit_entry", entry.integer("id"), entry.integer("version"),
                   {{"salt", Value()}, {"address", Value()}, {"reason", Value()}, {"content", Value()}});
    const Query values{"audit_value",
                       {"id", "version"},
                       "entry is " + talon::id_text("aud", entry.integer("id")) + " and value is not empty"};
    TALON_TRY(const std::vector<Record> beside, host.records().query(values));
    for (const Record& value : beside) {
      empty_value(changes, value.integer("id"), value.integer("version"), now_us, "expiry");
      ++count;
    }
    if (++count < kForgottenAtOnce) continue;
    TALON_DO(write(host, changes));
    count = 0;
  }
  return count == 0 ? Result<void>() : write(host, changes);
}

/// The rows of the index of sights go with the reads that they came from.
/// @param stays  type, record, user: whether a sight is another class's, or held.
template <typename Stays>
Result<void> drop_sights(talon::Host& host, const RetentionClass& one, int64_t before, const Stays& stays) {
  std::string where = "last_at < " + moment(before);
  if (one.type != "*") where += " and type is " + talon::text_literal(one.type);
  std::vector<std::pair<int64_t, int64_t>> over;  // id and version; the rest goes with the next run
  const Query old{"audit_sight", {"id", "version", "type", "record", "principal"}, where};
  TALON_DO(host.records().each(old, [&](talon::Row row) -> Result<void> {
    const auto number = talon::parse_id(row[3].text());
    const bool is_over = !stays(row[2].text(), number ? *number : 0, row[4].text());
    if (is_over && over.size() < kSightsAtOnce) over.emplace_back(row[0].integer(), row[1].integer());
    return {};
  }));
  ChangeSet changes;
  int64_t count = 0;
  for (const auto& [id, version] : over) {
    changes.remove("audit_sight", id, version);
    if (++count % kForgottenAtOnce == 0) TALON_DO(write(host, changes));
  }
  return count % kForgottenAtOnce == 0 ? Result<void>() : write(host, changes);
}

/// Sealed entries with a payload for which `where` holds, in batches by their place.
template <typename Take>
Result<void> each_open(talon::Host& host, const std::string& where, const Take& take) {
  for (int64_t last = 0;;) {
    Query old{"audit_entry",
              {"id", "version", "seq", "kind", "type", "record", "principal"},
              where + " and seq > " + std::to_string(last),
              {"seq"}};
    old.limit = kForgottenAtOnce;
    TALON_TRY(std::vector<Record> entries, host.records().query(old));
    if (entries.empty()) return {};
    last = entries.back().integer("seq");
    TALON_DO(take(entries));
  }
}

}  // namespace

Result<void> Forgetting::expire_class(std::size_t index, const std::vector<Hold>& holds) const {
  const RetentionClass& one = settings_.retention[index];
  const int64_t now = host_.now_us();
  const int64_t before = now - one.time_us;
  std::string where = "salt is not empty and at < " + moment(before);
  if (one.kind != "*") where += " and kind is " + one.kind;
  if (one.type != "*") where += " and type is " + talon::text_literal(one.type);
  const auto is_earlier = [&](std::string_view kind, std::string_view type) {
    return std::any_of(settings_.retention.begin(),
                       settings_.retention.begin() + static_cast<std::ptrdiff_t>(index),
                       [&](const RetentionClass& other) { return fits(other, kind, type); });
  };
  const auto each_batch = [&](const std::function<Result<void>(const std::vector<Record>&)>& take) {
    return each_open(host_, where, [&](std::vector<Record>& entries) {
      std::erase_if(entries, [&](const Record& entry) {
        return is_earlier(entry.text("kind"), entry.text("type")) || is_lasting(entry.text("type")) ||
               find_hold(holds, entry.text("type"), entry.integer("record"), entry.text("principal")) !=
                   nullptr;
      });
      return entries.empty() ? Result<void>() : take(entries);
    });
  };
  int64_t count = 0;  // told before anything goes
  TALON_DO(each_batch([&](const std::vector<Record>& entries) -> Result<void> {
    count += static_cast<int64_t>(entries.size());
    return {};
  }));
  if (count > 0) {
    std::string except;
    for (std::size_t i = 0; i < index; ++i)
      except += (i > 0 ? " " : "") + settings_.retention[i].kind + "/" + settings_.retention[i].type;
    ChangeSet changes;
    changes.create(
        "audit_expiry",
        {{"kind", one.kind}, {"type", one.type}, {"before", before}, {"except", except}, {"entries", count}});
    TALON_DO(write(host_, changes));
    TALON_DO(each_batch([&](const std::vector<Record>& entries) { return drop(host_, entries, now); }));
  }
  if (one.kind != "*" && one.kind != "read") return {};
  return drop_sights(host_, one, before, [&](std::string_view type, int64_t record, std::string_view user) {
    return is_earlier("read", type) || find_hold(holds, type, record, user) != nullptr;
  });
}

}  // namespace audit
