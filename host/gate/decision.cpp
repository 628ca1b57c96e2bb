/// Decisions: a plan compiled to programs over one set of slots.
#include "host/gate/gate.hpp"

#include <algorithm>

namespace talon::gate {

namespace {

using expression::Expression;
using expression::is_always;
using expression::is_never;
using expression::ProgramBuilder;
using Holds = ProgramBuilder::Holds;

constexpr std::size_t kIndexedMin = 8;  // fewer denies are quicker tried than looked up
constexpr uint32_t kRules = 0;          // the first list: where it begins is known without a read
constexpr uint32_t kHolds = 0;

Decision::Verdict verdict_of(const Plan& plan) {
  const auto is_open = [](const Residual& rule) { return is_always(rule.where); };
  const auto is_dead = [](const Residual& rule) { return is_never(rule.where); };
  if (std::all_of(plan.allows.begin(), plan.allows.end(), is_dead)) return Decision::Verdict::Never;
  if (plan.denies.has_always()) return Decision::Verdict::Never;
  const bool is_allowed = std::any_of(plan.allows.begin(), plan.allows.end(), is_open);
  return is_allowed && plan.denies.are_all_never() ? Decision::Verdict::Always
                                                   : Decision::Verdict::Conditional;
}

FieldLevel level_by(const FieldRule* rule) {
  if (rule == nullptr) return {};
  return {rule->level, rule->level == Level::Masked ? &rule->mask : nullptr};
}

/// "lines" of "lines.cost"; empty where there is no list.
std::string_view list_of(std::string_view field) {
  const std::size_t dot = field.find('.');
  return dot == std::string_view::npos ? std::string_view() : field.substr(0, dot);
}

}  // namespace

bool comes_first(const FieldRule& a, const FieldRule& b) {
  if (a.level != b.level) return a.level < b.level;
  if (a.level != Level::Masked) return false;
  // Of a text, initials tell less than its end; a year and a rounded number stand on fields of their own.
  const auto rank = [](const Mask& mask) {
    if (mask.kind == Mask::Kind::Last) return 2;
    return mask.kind == Mask::Kind::Year ? 0 : mask.kind == Mask::Kind::Initials ? 1 : 3;
  };
  if (rank(a.mask) != rank(b.mask)) return rank(a.mask) < rank(b.mask);
  return a.mask.kind == Mask::Kind::Last ? a.mask.count < b.mask.count : a.mask.count > b.mask.count;
}

bool Decision::allows_row(Row row, int64_t today, int* rule) const {
  const uint32_t denies = denies_;
  if (deny_index_.is_built()) {
    if (is_denied(row, today, rule)) return false;
  }
  const uint32_t first = programs_.first_of(kRules, row, today);
  const bool is_allowed = first - denies < allows_;
  if (rule != nullptr) *rule = first < denies + allows_ ? static_cast<int>(first) : -1;
  return is_allowed;
}

/// By the index, or where the first deny is asked for, one by one.
bool Decision::is_denied(Row row, int64_t today, int* rule) const {
  const auto holds = [&](uint32_t number) {
    return programs_.first_of(indexed_denies_[number], row, today) == kHolds;
  };
  if (rule == nullptr) return deny_index_.any(row, holds);
  for (uint32_t number = 0; number < indexed_denies_.size(); ++number) {
    if (!holds(number)) continue;
    *rule = static_cast<int>(number);
    return true;
  }
  return false;
}

Level Decision::level(std::string_view field, Row row, int64_t today, const Mask** mask) const {
  const FieldRule* first = nullptr;
  for (const std::string_view name : {field, list_of(field)}) {
    const auto found = fields_.find(name);
    if (found == fields_.end()) continue;
    for (const uint32_t index : found->second) {
      if (programs_.first_of(field_rules_[index], row, today) != kHolds) continue;
      const FieldRule& rule = plan_.fields[index];
      if (first == nullptr || comes_first(rule, *first)) first = &rule;
    }
  }
  const FieldLevel found = level_by(first);
  if (mask != nullptr) *mask = found.mask;
  return found.level;
}

std::vector<const FieldRule*> Decision::rules_of(std::string_view field) const {
  std::vector<const FieldRule*> rules;
  for (const std::string_view name : {field, list_of(field)}) {
    const auto found = fields_.find(name);
    if (found == fields_.end()) continue;
    for (const uint32_t index : found->second) rules.push_back(&plan_.fields[index]);
  }
  std::stable_sort(rules.begin(), rules.end(),
                   [](const FieldRule* a, const FieldRule* b) { return comes_first(*a, *b); });
  return rules;
}

FieldLevel Decision::static_rule(std::string_view field) const {
  const std::vector<const FieldRule*> rules = rules_of(field);
  const auto first =
      std::find_if(rules.begin(), rules.end(), [](const FieldRule* rule) { return !is_never(rule->where); });
  return level_by(first == rules.end() ? nullptr : *first);
}

FieldLevel Decision::read_level(int64_t number) const {
  const int64_t rule = number / kLevels - 1;
  FieldLevel read{static_cast<Level>(number % kLevels), nullptr};
  if (rule >= 0) read.mask = &plan_.fields[static_cast<std::size_t>(rule)].mask;
  return read;
}

bool Decision::is_level_conditional(std::string_view field) const {
  const std::vector<const FieldRule*> rules = rules_of(field);
  return std::any_of(rules.begin(), rules.end(),
                     [](const FieldRule* rule) { return !is_always(rule->where) && !is_never(rule->where); });
}

Result<std::shared_ptr<const Decision>> Decision::compile(Plan plan, const model::Model& model,
                                                          const model::RecordType& type) {
  auto decision = std::make_shared<Decision>();
  decision->plan_ = std::move(plan);
  decision->plan_.denies.shrink_to_fit();
  const Plan& kept = decision->plan_;
  decision->verdict_ = verdict_of(kept);
  std::vector<std::string>& slots = decision->slots_;
  ProgramBuilder builder(slots);
  // A rule alone, where it is looked up: its answer is whether it holds.
  const auto add_alone = [&](const Expression& where) {
    const uint32_t list = builder.begin();
    builder.add(where, Holds::UnlessFalse, kHolds);
    builder.end(kHolds + 1);
    return list;
  };
  const bool is_indexed = kept.denies.size() >= kIndexedMin;
  decision->add_rules(!is_indexed, builder);
  if (is_indexed) {
    kept.denies.each([&](const Residual& deny) {
      const auto number = static_cast<uint32_t>(decision->indexed_denies_.size());
      decision->indexed_denies_.push_back(add_alone(deny.where));
      decision->deny_index_.add(number, deny.where, slots);
    });
    decision->deny_index_.close();
  }
  for (uint32_t i = 0; i < kept.fields.size(); ++i) {
    decision->field_rules_.push_back(add_alone(kept.fields[i].where));
    decision->fields_[kept.fields[i].field].push_back(i);
  }
  decision->programs_ = builder.programs();
  for (const std::string& slot : slots) {
    if (auto field = model::resolve_path(model, type, slot); !field) return internal(field.error().message);
  }
  return std::shared_ptr<const Decision>(std::move(decision));
}

std::shared_ptr<const Decision> Decision::constant(Verdict verdict) {
  auto decision = std::make_shared<Decision>();
  decision->verdict_ = verdict == Verdict::Always ? Verdict::Always : Verdict::Never;
  if (verdict == Verdict::Always) {
    decision->plan_.allows.emplace_back();
  }
  ProgramBuilder builder(decision->slots_);
  decision->add_rules(true, builder);
  decision->programs_ = builder.programs();
  return decision;
}

void Decision::add_rules(bool has_denies, ProgramBuilder& builder) {
  denies_ = static_cast<uint32_t>(plan_.denies.size());
  allows_ = static_cast<uint32_t>(plan_.allows.size());
  uint32_t number = 0;
  if (has_denies) {
    plan_.denies.each([&](const Residual& deny) { builder.add(deny.where, Holds::UnlessFalse, number++); });
  }
  number = denies_;
  for (const Residual& allow : plan_.allows) builder.add(allow.where, Holds::WhenTrue, number++);
  builder.end(number);
}

}  // namespace talon::gate
