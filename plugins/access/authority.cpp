/// The policy set in force: loading and planning.
#include "authority.hpp"

#include "digest.hpp"
#include "reader.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <tuple>

namespace talon::access {

namespace {

constexpr int64_t kUnresolvedUs = INT64_C(60000000);  // a plan with a fact that names no record: a minute
constexpr std::size_t kDifferencesMax = 10000;        // of a candidate; more are counted no longer

/// What a plan says, without the names and places of its rules.
std::string meaning_of(const Plan& plan) {
  std::string text;
  for (const PlanRule& deny : plan.denies) text += "!" + deny.text + "\n";
  for (const PlanRule& allow : plan.allows) text += "+" + allow.text + "\n";
  for (const PlanField& field : plan.fields) {
    text += "#" + std::to_string(static_cast<int>(field.rule->effect)) + field.rule->as + field.text;
    for (const std::string& name : field.rule->fields) text += "," + name;
  }
  for (const std::string& column : plan.columns) text += "|" + column;
  for (const PlanColumn& column : plan.partial_columns) text += "/" + column.column;
  return text + (plan.has_columns ? "c" : "") + (plan.may_drill_down ? "d" : "");
}

/// By place, each once: a record of a tests file is read for each test.
void in_order(Mistakes& mistakes) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.file, a.place.line, a.place.column) < std::tie(b.file, b.place.line, b.place.column);
  });
  const auto is_same = [](const Mistake& a, const Mistake& b) { return a.to_string() == b.to_string(); };
  mistakes.erase(std::unique(mistakes.begin(), mistakes.end(), is_same), mistakes.end());
}

}  // namespace

Result<std::shared_ptr<const CompiledSet>> Authority::read(std::string_view documents,
                                                           const model::Model& model, Mistakes& mistakes) {
  const auto types = std::make_shared<const model::Model>(model);
  TALON_TRY(std::vector<WrittenDocument> written, split_documents(documents));
  PolicySet set = read_policy(written, sha256_hex(documents), *types, mistakes);
  std::vector<WrittenDocument>().swap(written);
  auto compiled = std::make_shared<const CompiledSet>(compile(std::move(set), types, mistakes));
  in_order(mistakes);
  return compiled;
}

Result<std::shared_ptr<const CompiledSet>> Authority::prepare(std::string_view documents,
                                                              const model::Model& model, Mistakes& mistakes,
                                                              TestReport* report) {
  TALON_TRY(auto compiled, read(documents, model, mistakes));
  // Tests of a set with mistakes would fail for reasons that are listed already.
  if (mistakes.empty()) mistakes = failed_tests(*compiled, report);
  return compiled;
}

Mistakes Authority::failed_tests(const CompiledSet& set, TestReport* report) {
  Mistakes failed;
  const TestReport result = run_tests(set, failed);
  if (report != nullptr) *report = result;
  in_order(failed);
  return failed;
}

Result<Mistakes> Authority::load(std::string_view documents, const model::Model& model) {
  Mistakes mistakes;
  TALON_TRY(std::shared_ptr<const CompiledSet> next, prepare(documents, model, mistakes));
  if (!mistakes.empty()) {
    host_.log(TALON_LOG_ERROR, "access.policy_refused",
              Json::object({{"mistakes", static_cast<uint64_t>(mistakes.size())},
                            {"first", mistakes.front().to_string()}}));
    return mistakes;
  }
  for (const PolicySet::PassedOver& file : next->source.passed_over) {
    host_.log(
        TALON_LOG_WARN, "access.policy_passed_over",
        Json::object(
            {{"file", file.plugin.file}, {"plugin", file.plugin.text}, {"restrictions", file.restrictions}}));
  }
  // Written down only where activations are: a large set's documents are larger than what is made of them.
  Staged staged{std::move(next), std::string(on_load_ == OnLoad::Wait ? documents : std::string_view())};
  const std::string& hash = staged.set->source.hash;
  const std::string now = hash_in_force();
  if (on_load_ == OnLoad::Wait && !now.empty() && now != hash) {
    host_.log(TALON_LOG_WARN, "access.policy_staged",
              Json::object({{"policy_set", hash}, {"in_force", now}}));
    stage(std::move(staged));
    return mistakes;
  }
  // On command the files may have to wait, although nothing is in force yet: `Activation::start` knows.
  host_.log(TALON_LOG_INFO, on_load_ == OnLoad::Wait ? "access.policy_read" : "access.policy_loaded",
            Json::object({{"policy_set", hash}}));
  swap(std::move(staged), false);
  return mistakes;
}

void Authority::swap(Staged next, bool is_settling) {
  const int64_t now = host_.now_us();
  const std::lock_guard lock(mutex_);
  in_force_ = std::move(next);
  candidate_ = {};
  differences_.clear();
  is_settling_ = is_settling;
  ++swaps_;
  loaded_at_us_ = now;
}

void Authority::stage(Staged next) {
  const std::lock_guard lock(mutex_);
  candidate_ = std::move(next);
  differences_.clear();
}

bool Authority::is_settling() const {
  const std::lock_guard lock(mutex_);
  return is_settling_;
}

Authority::Staged Authority::candidate() const {
  const std::lock_guard lock(mutex_);
  return candidate_;
}

Authority::Staged Authority::in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_;
}

std::string Authority::hash_in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_.set == nullptr ? std::string() : in_force_.set->source.hash;
}

std::vector<Authority::Difference> Authority::differences() const {
  const std::lock_guard lock(mutex_);
  return {differences_.begin(), differences_.end()};
}

Result<std::shared_ptr<const CompiledSet>> Authority::set() const {
  TALON_TRY(const Moment now, moment());
  return now.set;
}

Result<Authority::Moment> Authority::moment() const {
  const std::lock_guard lock(mutex_);
  if (in_force_.set == nullptr)
    return unavailable("no policy set is in force: load config/policies, and see the log for its mistakes");
  return Moment{in_force_.set, candidate_.set, is_settling_, swaps_};
}

int64_t Authority::loaded_at_us() const {
  const std::lock_guard lock(mutex_);
  return loaded_at_us_;
}

Result<std::string> Authority::plan(const Json& principal, std::string_view action, std::string_view type) {
  if (before_plan_) TALON_DO(before_plan_());
  TALON_TRY(const Moment moment, this->moment());
  const std::shared_ptr<const CompiledSet>& set = moment.set;
  const auto id = parse_id(principal["user"].string(), "usr");
  if (principal["kind"].string() != "user" || !id) return plan_json(*set, Plan(), 0);
  const Date today = host_.today();
  const int64_t now = host_.now_us();
  auto person = people_.by_id(*id);
  if (!person && person.error().code == Code::NotFound) return plan_json(*set, Plan(), 0);
  if (!person) return std::move(person).error();
  for (const Json& role : principal["roles"].items()) person->token_roles.emplace_back(role.string());
  const FindId find_id = [&](std::string_view of, std::string_view number) {
    return people_.find_id(*set->model, of, number);
  };
  const Subject subject = make_subject(*set, *person, today, find_id);
  if (subject.failure) return *subject.failure;
  const Plan plan = make_plan(*set, subject, action, type, today);
  if (const auto& candidate = moment.candidate) {
    const Difference asked{person->id, std::string(action), std::string(type), 1};
    note_difference(*candidate, make_subject(*candidate, *person, today, find_id), *person, asked,
                    meaning_of(plan));
  }
  int64_t until = valid_until(plan.boundaries, now, today);
  if (!subject.unresolved.empty()) {
    // Nothing tells when the record comes to be.
    if (until == 0 || until > now + kUnresolvedUs) until = now + kUnresolvedUs;
    host_.log(TALON_LOG_WARN, "access.fact_unresolved",
              Json::object({{"user", id_text("usr", person->id)}, {"fact", subject.unresolved.front()}}));
  }
  // While the set is being changed nobody keeps a plan, and none of a set that was changed meanwhile: the
  // change may not have come about.
  const auto after = this->moment();
  const bool is_passing = moment.is_settling || !after || after->swaps != moment.swaps;
  return plan_json(*set, plan, is_passing ? now : until);
}

void Authority::note_difference(const CompiledSet& candidate, const Subject& subject, const Person& person,
                                const Difference& asked, const std::string& enforced) {
  const std::string other =
      meaning_of(make_plan(candidate, subject, asked.action, asked.type, host_.today()));
  if (other == enforced) return;
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    if (candidate_.set == nullptr || candidate_.set->source.hash != candidate.source.hash) return;
    auto [at, is_added] = differences_.insert(asked);
    is_new = is_added && differences_.size() <= kDifferencesMax;
    if (is_added && !is_new) {
      differences_.erase(at);
    } else if (!is_added) {
      Difference again = *at;
      ++again.times;
      differences_.erase(at);
      differences_.insert(std::move(again));
    }
  }
  if (!is_new) return;
  host_.log(TALON_LOG_INFO, "access.shadow_differs",
            Json::object({{"user", id_text("usr", person.id)},
                          {"action", asked.action},
                          {"type", asked.type},
                          {"candidate", candidate.source.hash}}));
}

}  // namespace talon::access
