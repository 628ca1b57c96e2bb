/// Activation on command.
#include "activation.hpp"

#include "diff.hpp"

#include <talon/id.hpp>

namespace talon::access {

namespace {

constexpr const char* kType = "policy_activation";

Query last(const std::string& where, std::vector<std::string> fields) {
  Query query;
  query.type = kType;
  query.fields = std::move(fields);
  query.where = where;
  query.order = {"-updated_at", "-id"};  // one that was agreed to late is newer than its number
  query.limit = 1;
  return query;
}

Value user_or_empty(const std::string& user) {
  const auto id = parse_id(user, "usr");
  return id ? Value(*id) : Value();
}

}  // namespace

void Activation::configure() {
  const auto settings = host_.settings();
  if (!settings) return;
  is_on_command_ = (*settings)["activate"].string() == "on_command";
  needs_second_person_ = (*settings)["second_person"].boolean();
  if (is_on_command_) authority_.set_before_plan([this] { return follow(); });
  authority_.set_on_load(is_on_command_ ? Authority::OnLoad::Wait : Authority::OnLoad::Swap);
}

Result<void> Activation::start() {
  if (!is_on_command_) return {};
  TALON_DO(take_up_last());
  is_started_ = true;
  return {};
}

Result<void> Activation::take_up_last() {
  const Authority::Staged files = authority_.in_force();
  if (files.set == nullptr) return {};
  TALON_TRY(const std::vector<Record> rows,
            host_.records().query(last("state is active", {"policy_set", "documents"})));
  if (rows.empty()) {
    TALON_DO(record(files, {}, "active", "", "", false));
  } else if (rows.front().text("documents") != files.documents) {
    TALON_DO(take_up(rows.front(), files));
  }
  host_.log(TALON_LOG_INFO, "access.policy_loaded",
            Json::object({{"policy_set", authority_.hash_in_force()}}));
  return {};
}

Result<void> Activation::take_up(const Record& row, const Authority::Staged& files) {
  Authority::Staged active{nullptr, row.text("documents")};
  Mistakes mistakes;
  TALON_TRY(active.set, Authority::prepare(active.documents, *files.set->model, mistakes));
  if (!mistakes.empty()) {
    return failed_precondition("the policy set in force, " + row.text("policy_set") +
                               ", no longer fits: " + mistakes.front().to_string() +
                               ". Set activate: on_save once to take the files as they are");
  }
  const bool differs = active.documents != files.documents;
  authority_.swap(std::move(active), false);
  if (differs) authority_.stage(files);
  return {};
}

Result<void> Activation::follow() {
  if (!is_started_ || authority_.is_settling()) return {};
  TALON_TRY(const std::vector<Record> newest, host_.records().query(last("state is active", {"policy_set"})));
  const auto is_in_force = [&] {
    const std::string now = authority_.hash_in_force();
    return newest.empty() || now.empty() || now == newest.front().text("policy_set");
  };
  if (is_in_force()) return {};
  const std::lock_guard lock(mutex_);
  if (is_in_force()) return {};
  TALON_TRY(const std::vector<Record> rows,
            host_.records().query(last("state is active", {"policy_set", "documents"})));
  const Authority::Staged now = authority_.in_force();
  if (rows.empty() || now.documents == rows.front().text("documents")) return {};
  const Authority::Staged waiting = authority_.candidate();
  auto taken = take_up(rows.front(), waiting.set == nullptr ? now : waiting);
  if (!taken) return unavailable(taken.error().message);
  host_.log(TALON_LOG_INFO, "access.policy_followed",
            Json::object({{"policy_set", rows.front().text("policy_set")}}));
  return {};
}

Result<Json> Activation::record(const Authority::Staged& next, const Authority::Staged& previous,
                                const std::string& state, const std::string& requested_by,
                                const std::string& approved_by, bool widens) {
  const std::string before = previous.set == nullptr ? "" : previous.set->source.hash;
  const std::string& hash = next.set->source.hash;
  ChangeSet changes;
  changes.create(kType, {{"policy_set", hash},
                         {"previous", before == hash ? Value() : Value(before)},
                         {"state", state},
                         {"widens", widens ? 1 : 0},
                         {"requested_by", user_or_empty(requested_by)},
                         {"approved_by", user_or_empty(approved_by)},
                         {"documents", next.documents}});
  TALON_DO(host_.records().apply(changes));
  return Json::object({{"state", state},
                       {"policy_set", hash},
                       {"previous", before},
                       {"widens", widens},
                       {"requested_by", requested_by},
                       {"approved_by", approved_by}});
}

/// The set is swapped before the record is written: the write makes every host ask for its plans anew. Until
/// then nobody keeps one, so that a write that fails leaves nothing of the new set behind.
Result<Json> Activation::put_in_force(const Authority::Staged& next, const Authority::Staged& previous,
                                      const std::function<Result<Json>()>& write) {
  authority_.swap(next, true);
  auto written = write();
  if (!written) {
    authority_.swap(previous, false);
    authority_.stage(next);
    return written;
  }
  authority_.swap(next, false);
  host_.log(TALON_LOG_INFO, "access.policy_activated",
            Json::object({{"policy_set", next.set->source.hash}, {"previous", previous.set->source.hash}}));
  return written;
}

Result<Json> Activation::activate(const Json& caller) {
  const std::lock_guard lock(mutex_);
  const Authority::Staged next = authority_.candidate();
  const Authority::Staged previous = authority_.in_force();
  if (next.set == nullptr || previous.set == nullptr)
    return failed_precondition(
        "no policy set waits: the files as they were last read without a mistake are in force. What was "
        "saved "
        "with one is in force nowhere; `talon policy check` names it");
  const std::string user(caller["user"].string());
  TALON_TRY(const std::vector<Person> people, authority_.people().all());
  std::optional<Error> failure;
  const FindId find_id = [&](std::string_view type, std::string_view number) {
    auto found = authority_.people().find_id(*next.set->model, type, number);
    if (!found) failure = found.error();
    return found;
  };
  const bool widens = may_widen({*previous.set, *next.set}, people, host_.today(), find_id);
  if (failure) return *failure;  // what nobody could compare is not put in force
  if (!widens || !needs_second_person_) {
    return put_in_force(next, previous, [&] { return record(next, previous, "active", user, "", widens); });
  }
  const std::string where = "policy_set is \"" + next.set->source.hash +
                            "\" and state is asked and previous is \"" + previous.set->source.hash + "\"";
  TALON_TRY(const std::vector<Record> asked,
            host_.records().query(last(where, {"id", "version", "requested_by"})));
  if (asked.empty()) return record(next, previous, "asked", user, "", true);
  const Record& request = asked.front();
  const std::string requested_by = id_text("usr", request.integer("requested_by"));
  if (requested_by == user) {
    return denied("you asked for this set, and it widens what people may do: somebody else activates it");
  }
  return put_in_force(next, previous, [&]() -> Result<Json> {
    ChangeSet changes;
    changes.change(kType, request.integer("id"), request.integer("version"),
                   {{"state", "active"}, {"approved_by", user_or_empty(user)}});
    TALON_DO(host_.records().apply(changes));
    return Json::object({{"state", "active"},
                         {"policy_set", next.set->source.hash},
                         {"previous", previous.set->source.hash},
                         {"widens", true},
                         {"requested_by", requested_by},
                         {"approved_by", user}});
  });
}

Result<Json> Activation::shadow() {
  const Authority::Staged next = authority_.candidate();
  const Authority::Staged now = authority_.in_force();
  Json list = Json::array();
  Json answer = Json::object({{"in_force", now.set == nullptr ? "" : now.set->source.hash},
                              {"candidate", next.set == nullptr ? "" : next.set->source.hash}});
  Json shown = Json::array();
  if (next.set == nullptr || now.set == nullptr)
    return answer.set("differences", std::move(list)).set("shown", std::move(shown));
  std::vector<Person> people;
  const Records own = host_.records();
  const FindId find_id = [&](std::string_view type, std::string_view number) {
    return authority_.people().find_id(*next.set->model, type, number);
  };
  const TwoSets sets{*now.set, *next.set};
  for (const Authority::Difference& difference : authority_.differences()) {
    const auto person = authority_.people().by_id(difference.user);
    if (!person) continue;
    people.push_back(*person);
    Comparison comparison = compare_sets(sets, {*person}, host_.today(), find_id);
    std::erase_if(comparison.changes, [&](const RightChange& change) {
      return change.type != difference.type ||
             (change.action != difference.action && (change.field.empty() || difference.action != "view"));
    });
    TALON_TRY(const Json compared, comparison_json(sets, comparison, &own, shown));
    for (Json change : compared["changes"].items()) {
      change.set("times", difference.times);
      list.push(std::move(change));
    }
  }
  add_shown(list, people, shown);
  return answer.set("differences", std::move(list)).set("shown", std::move(shown));
}

}  // namespace talon::access
