/// The policy set in force: loading and planning.
#include "authority.hpp"

#include "reader.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <tuple>

namespace talon::access {

std::shared_ptr<const CompiledSet> Authority::prepare(const std::vector<Document>& documents,
                                                      const model::Model& model, Mistakes& mistakes,
                                                      TestReport* report) {
  const auto types = std::make_shared<const model::Model>(model);
  PolicySet set = read_policy(documents, *types, mistakes);
  auto compiled = std::make_shared<const CompiledSet>(compile(std::move(set), types, mistakes));
  // Tests of a set with mistakes would fail for reasons that are listed already.
  if (mistakes.empty()) {
    const TestReport result = run_tests(*compiled, mistakes);
    if (report != nullptr) *report = result;
  }
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.file, a.place.line, a.place.column) < std::tie(b.file, b.place.line, b.place.column);
  });
  // A record of a tests file is read for each test; its mistakes are told once.
  const auto is_same = [](const Mistake& a, const Mistake& b) { return a.to_string() == b.to_string(); };
  mistakes.erase(std::unique(mistakes.begin(), mistakes.end(), is_same), mistakes.end());
  return compiled;
}

Mistakes Authority::load(const std::vector<Document>& documents, const model::Model& model) {
  Mistakes mistakes;
  std::shared_ptr<const CompiledSet> next = prepare(documents, model, mistakes);
  if (!mistakes.empty()) {
    host_.log(TALON_LOG_ERROR, "access.policy_refused",
              Json::object({{"mistakes", static_cast<uint64_t>(mistakes.size())},
                            {"first", mistakes.front().to_string()}}));
    return mistakes;
  }
  host_.log(TALON_LOG_INFO, "access.policy_loaded", Json::object({{"policy_set", next->source.hash}}));
  const int64_t now = host_.now_us();
  const std::lock_guard lock(mutex_);
  set_ = std::move(next);
  loaded_at_us_ = now;
  return mistakes;
}

Result<std::shared_ptr<const CompiledSet>> Authority::set() const {
  const std::lock_guard lock(mutex_);
  if (set_ == nullptr)
    return unavailable("no policy set is in force: load config/policies, and see the log for its mistakes");
  return set_;
}

int64_t Authority::loaded_at_us() const {
  const std::lock_guard lock(mutex_);
  return loaded_at_us_;
}

Result<std::string> Authority::plan(const Json& principal, std::string_view action, std::string_view type) {
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, this->set());
  const auto id = parse_id(principal["user"].string(), "usr");
  if (principal["kind"].string() != "user" || !id) return plan_json(*set, Plan(), 0);
  const Date today = host_.today();
  const int64_t now = host_.now_us();
  auto person = people_.by_id(*id);
  if (!person && person.error().code == Code::NotFound) return plan_json(*set, Plan(), 0);
  if (!person) return std::move(person).error();
  for (const Json& role : principal["roles"].items()) person->token_roles.emplace_back(role.string());
  const Subject subject = make_subject(
      *set, *person, today,
      [&](std::string_view of, std::string_view number) { return people_.find_id(*set->model, of, number); });
  const Plan plan = make_plan(*set, subject, action, type, today);
  return plan_json(*set, plan, valid_until(plan.boundaries, now, today));
}

}  // namespace talon::access
