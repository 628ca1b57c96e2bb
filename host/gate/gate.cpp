/// The gate's keeping of decisions: found by principal, action and type, asked for once, dropped all at once.
#include "host/gate/gate.hpp"

#include <talon/text.hpp>

#include <malloc.h>

#include <functional>

namespace talon::gate {

namespace {

constexpr std::size_t kLargePlan = 262'144;  // bytes: beyond a thousand rules

std::size_t mixed(std::size_t hash, std::size_t more) { return (hash ^ more) * 0x9E3779B97F4A7C15U; }

std::size_t hash_of(const Principal& principal, std::string_view action, std::string_view type) {
  const std::hash<std::string_view> text;
  std::size_t hash =
      mixed(static_cast<std::size_t>(principal.kind), static_cast<std::size_t>(principal.user));
  hash = mixed(hash, static_cast<std::size_t>(principal.on_behalf_of));
  for (const std::string& role : principal.token_roles) hash = mixed(hash, text(role));
  hash = mixed(mixed(hash, text(action)), text(type));
  return hash ^ (hash >> 29U);
}

/// Nothing of the principal that a plan does not depend on.
Principal stripped(const Principal& principal) {
  Principal key = principal;
  key.session = 0;
  key.elevates.clear();
  key.proved_us = 0;
  return key;
}

}  // namespace

std::size_t Gate::Hash::operator()(const Asked& asked) const {
  return hash_of(*asked.principal, asked.action, asked.type);
}
std::size_t Gate::Hash::operator()(const Key& key) const {
  return hash_of(key.principal, key.action, key.type);
}
bool Gate::Equal::operator()(const Asked& a, const Key& b) const {
  return a.action == b.action && a.type == b.type && a.principal->is_judged_as(b.principal);
}
bool Gate::Equal::operator()(const Key& a, const Key& b) const {
  return (*this)(Asked{&a.principal, a.action, a.type}, b);
}

Gate::Gate(std::shared_ptr<const model::Model> model, Clock now_us)
    : now_us_(std::move(now_us)), model_(std::move(model)) {}

void Gate::set_authorizer(std::shared_ptr<Authorizer> authorizer) {
  {
    const std::unique_lock lock(mutex_);
    authorizer_.swap(authorizer);
  }
  invalidate();  // the old one is released after that, outside the lock
}

void Gate::set_model(std::shared_ptr<const model::Model> model) {
  {
    const std::unique_lock lock(mutex_);
    model_.swap(model);
  }
  invalidate();
}

void Gate::invalidate() { generation_.fetch_add(1); }

std::shared_ptr<const Decision> Gate::find(const Asked& asked) {
  const std::size_t hash = Hash()(asked);
  Shard& shard = shards_[hash % kShards];
  std::shared_ptr<const Decision> decision;
  {
    const std::shared_lock lock(shard.mutex);
    if (shard.generation != generation_.load()) return nullptr;
    const auto found = shard.kept.find(asked);
    if (found == shard.kept.end()) return nullptr;
    decision = found->second.decision;
  }
  const int64_t until_us = decision->plan().valid_until_us;
  if (until_us != 0 && now_us_() >= until_us) return nullptr;
  return decision;
}

Result<std::shared_ptr<const Decision>> Gate::decide(const Principal& principal, std::string_view action,
                                                     std::string_view type) {
  static const std::shared_ptr<const Decision> kAll = Decision::constant(Decision::Verdict::Always);
  static const std::shared_ptr<const Decision> kNothing = Decision::constant(Decision::Verdict::Never);
  if (principal.kind == Principal::Kind::Anonymous) return kNothing;
  if (principal.kind == Principal::Kind::System || principal.is_elevated_for(type, action)) return kAll;
  if (principal.kind == Principal::Kind::Plugin) return kNothing;
  if (principal.missing != Principal::Missing::Nothing) return kNothing;
  const Asked asked{&principal, action, type};
  if (auto kept = find(asked)) return kept;

  // Read before the authorizer is asked: what is answered for an older set is then kept as that, and never
  // used.
  const uint64_t generation = generation_.load();
  std::shared_ptr<const model::Model> model;
  {
    const std::shared_lock lock(mutex_);
    model = model_;
  }
  const model::RecordType* record_type = model->find(type);
  if (record_type == nullptr) return not_found("there is no record type " + echoed(type));
  if (record_type->kind == model::Kind::Child) return decide(principal, action, record_type->parent);
  TALON_TRY(Kept fresh, ask(principal, action, *record_type, *model));
  std::shared_ptr<const Decision> decision = fresh.decision;

  Shard& shard = shards_[Hash()(asked) % kShards];
  const std::unique_lock lock(shard.mutex);
  if (shard.generation < generation) {
    shard.kept.clear();
    shard.size = 0;
    shard.generation = generation;
  }
  if (shard.generation == generation)
    keep(shard, {stripped(principal), std::string(action), std::string(type)}, std::move(fresh));
  return decision;
}

void Gate::keep(Shard& shard, Key key, Kept kept) {
  if (const auto old = shard.kept.find(key); old != shard.kept.end()) {
    shard.size -= old->second.size;
    shard.kept.erase(old);
  }
  // One that is too large by itself is kept alone: it is what is asked for now.
  if (shard.kept.size() >= kKeptMax || shard.size + kept.size > kSizeMax) {
    shard.kept.clear();
    shard.size = 0;
  }
  shard.size += kept.size;
  shard.kept.emplace(std::move(key), std::move(kept));
}

Result<Gate::Kept> Gate::ask(const Principal& principal, std::string_view action,
                             const model::RecordType& type, const model::Model& model) {
  std::shared_ptr<Authorizer> authorizer;
  {
    const std::shared_lock lock(mutex_);
    authorizer = authorizer_;
  }
  if (!authorizer) return unavailable("nothing is allowed: no plugin that authorizes is loaded");
  auto answer = authorizer->plan(principal.json(), action, type.name);
  if (!answer) {
    return unavailable("nothing is allowed: the authorizer failed on " + type.name + "." +
                       std::string(action) + ": " + answer.error().message);
  }
  auto json = Json::parse(*answer);
  if (!json) return internal("the authorizer's plan is no JSON: " + json.error().message);
  const std::size_t size = answer->size();
  TALON_TRY(Plan plan, read_plan(*json, model, type));
  TALON_TRY(std::shared_ptr<const Decision> decision, Decision::compile(std::move(plan), model, type));
  if (size <= kLargePlan) return Kept{std::move(decision), size};
  // Of ten thousand rules the JSON and the trees take 60 MB, of which the decision keeps 4: without this the
  // allocator keeps them for each thread that ever made such a plan.
  json = Json();
  std::string().swap(*answer);
  ::malloc_trim(0);
  return Kept{std::move(decision), size};
}

void Gate::set_step_up(StepUp step_up) {
  const std::unique_lock lock(mutex_);
  step_up_ = std::move(step_up);
}

Result<void> Gate::require_proof(const Principal& principal, std::string_view action, std::string_view type) {
  if (principal.kind != Principal::Kind::User) return {};
  int64_t fresh_us = 0;
  {
    const std::shared_lock lock(mutex_);
    if (!step_up_.acts.contains(std::string(type) + "." + std::string(action))) return {};
    fresh_us = step_up_.fresh_us;
  }
  if (principal.proved_us > 0 && now_us_() - principal.proved_us <= fresh_us) return {};
  const char* with = principal.has_second_factor ? "second_factor" : "password";
  const std::string what =
      principal.proved_us == 0 ? "an API token cannot do this; sign in and do it there"
      : principal.has_second_factor
          ? "show your second factor once more first: POST /api/v1/session/proof {\"code\"}"
          : "give your password once more first: POST /api/v1/session/proof {\"password\"}";
  return Error{Code::PermissionDenied, std::string(type) + "." + std::string(action) + ": " + what,
               Json::object({{"proof", Json::object({{"with", with}, {"fresh_s", fresh_us / 1'000'000}})}})
                   .to_string()};
}

Result<std::string> Gate::explain(std::string_view question) {
  std::shared_ptr<Authorizer> authorizer;
  {
    const std::shared_lock lock(mutex_);
    authorizer = authorizer_;
  }
  if (!authorizer) return unavailable("nothing can be explained: no plugin that authorizes is loaded");
  return authorizer->explain(question);
}

}  // namespace talon::gate
