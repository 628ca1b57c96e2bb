/// The residual program of one person, action and type.
#include "plan.hpp"

#include "readable.hpp"

#include <algorithm>

namespace talon::access {

namespace {

using expression::Expression;

/// True for a tree that cannot be True for any record: an allow with such a tree is left out.
bool is_impossible(const Expression& tree) {
  const auto is_child_never = [](const Expression& child) { return is_impossible(child); };
  switch (tree.kind) {
    case Expression::Kind::All:
      return std::any_of(tree.children.begin(), tree.children.end(), is_child_never);
    case Expression::Kind::Any:
      return std::all_of(tree.children.begin(), tree.children.end(), is_child_never);
    case Expression::Kind::None:
      return std::any_of(tree.children.begin(), tree.children.end(),
                         [](const Expression& child) { return child.kind == Expression::Kind::Always; });
    case Expression::Kind::Compare:
      return tree.operand.kind == expression::Operand::Kind::Unknown;
    default:
      return false;
  }
}

/// True for a tree that is False for every record: a deny with such a tree is left out.
bool is_false(const Expression& tree) {
  if (tree.kind == Expression::Kind::Any)
    return std::all_of(tree.children.begin(), tree.children.end(), is_false);
  return tree.kind == Expression::Kind::None &&
         std::any_of(tree.children.begin(), tree.children.end(),
                     [](const Expression& child) { return child.kind == Expression::Kind::Always; });
}

/// Folds into `where` and `text` of a plan's entry. What a token may do must hold of it and of its owner;
/// what is kept from it, of one of them.
template <typename Entry>
void fold_into(const Residue& residue, const Subject& subject, bool is_allow, Entry& entry) {
  if (!residue.asks_user()) {
    entry.text = residue.text();
    return;
  }
  const auto tree = residue.tree();
  Expression where = expression::fold(*tree, subject.facts);
  if (subject.owner) {
    Expression owners = expression::fold(*tree, *subject.owner);
    if (expression::print(owners) != expression::print(where)) {
      Expression both;
      both.kind = is_allow ? Expression::Kind::All : Expression::Kind::Any;
      both.place = tree->place;
      both.children.push_back(std::move(where));
      both.children.push_back(std::move(owners));
      where = std::move(both);
    }
  }
  entry.text = expression::print(where);
  entry.where = std::make_shared<const Expression>(std::move(where));
}

/// A deny that is False for every record, or an allow that is True for none. One that begins with a partner
/// is neither.
bool is_idle(const PlanRule& entry) {
  if (entry.rule->where.has_partner() && !entry.where) return false;
  const auto tree = entry.tree();
  return entry.rule->effect == Effect::Deny ? is_false(*tree) : is_impossible(*tree);
}

/// What a token's owner is kept from, the token is kept from.
bool keeps_from(const Binding& binding, const Subject& subject) {
  return binding.binds(subject.roles) || (subject.owner && binding.binds(subject.held));
}

/// Whose files' rules matter: everybody's, or those of one record's partners.
class Partners {
 public:
  Partners() = default;
  Partners(const CompiledSet& set, std::string_view type, const ReadPath& record) : is_all_(false) {
    const model::RecordType* of = set.model->find(type);
    if (of == nullptr || set.partners.empty()) return;
    const auto add = [&](const std::string& key) {
      if (const uint32_t number = set.partner_number(key); number != 0) numbers_.push_back(number);
    };
    for (const std::string& path : partner_paths(*set.model, *of)) {
      if (const Value id = record(path); id.is_integer()) add(partner_key(id.integer()));
      if (const Value number = record(partner_number_path(path)); number.is_text())
        add(partner_key(number.text()));
    }
  }
  /// @param partner  0: a rule of no partner's file.
  bool have(uint32_t partner) const {
    return partner == 0 || is_all_ || std::find(numbers_.begin(), numbers_.end(), partner) != numbers_.end();
  }

 private:
  bool is_all_ = true;
  std::vector<uint32_t> numbers_;
};

void add_rules(const TypePolicy* policy, bool is_personal, const Subject& subject, std::string_view action,
               Date day, const Partners& partners, Plan& plan) {
  if (policy == nullptr) return;
  const auto list = policy->by_action.find(action);
  if (list == policy->by_action.end()) return;
  for (const uint32_t index : list->second) {
    if (!partners.have(policy->partners[index])) continue;
    const CompiledRule& rule = policy->rules[index];
    const bool is_deny = rule.effect == Effect::Deny;
    if (!is_deny && is_personal && subject.owner) continue;  // of no role that the token was given
    const bool is_bound =
        is_deny ? keeps_from(rule.binding(), subject) : rule.binding().gives(subject.roles, subject.held);
    if (!is_bound) continue;
    if (rule.terms->time.from) plan.boundaries.push_back(*rule.terms->time.from);
    if (rule.terms->time.until) plan.boundaries.push_back(rule.terms->time.until->plus_days(1));
    if (!rule.terms->time.holds_on(day)) continue;
    PlanRule entry;
    entry.rule = &rule;
    fold_into(rule.where, subject, !is_deny, entry);
    if (is_idle(entry)) continue;
    (is_deny ? plan.denies : plan.allows).push_back(std::move(entry));
  }
}

void add_fields(const TypePolicy* policy, const Subject& subject, const Partners& partners, Plan& plan) {
  if (policy == nullptr) return;
  for (const CompiledField& rule : policy->fields) {
    if (!partners.have(rule.partner) || !keeps_from(rule.binding(), subject)) continue;
    PlanField entry;
    entry.rule = &rule;
    fold_into(rule.where, subject, false, entry);
    // One that begins with a partner is not False for every record, and its tree is dear.
    if (rule.where.has_partner() || !is_false(*entry.tree())) plan.fields.push_back(std::move(entry));
  }
}

/// A rule without a way down says so of its own rows, and a view is left by its keys or not at all: there is
/// a way where every rule gives it, or one that gives every row.
bool may_drill_down(const std::vector<PlanRule>& allows) {
  const auto gives_way = [](const PlanRule& allow) { return allow.rule->terms->may_drill_down; };
  return std::all_of(allows.begin(), allows.end(), gives_way) ||
         std::any_of(allows.begin(), allows.end(), [&](const PlanRule& allow) {
           return gives_way(allow) && allow.tree()->kind == Expression::Kind::Always;
         });
}

/// Columns that every allow gives are plain; one that only some give is hidden where none of those holds.
void add_columns(Plan& plan) {
  plan.may_drill_down = may_drill_down(plan.allows);
  bool has_all = plan.allows.empty();
  for (const PlanRule& allow : plan.allows) {
    has_all = has_all || !allow.rule->terms->has_columns;
    for (const std::string& column : allow.rule->terms->columns) {
      if (std::find(plan.columns.begin(), plan.columns.end(), column) == plan.columns.end()) {
        plan.columns.push_back(column);
      }
    }
  }
  plan.has_columns = !has_all;
  // Where one allow gives all columns, rows that only another allow gives would show more than it names; that
  // other allow's columns are a subset of all, so the rule with all columns must be the one that holds.
}

/// "not (A)", or "none of (A, B)": Unknown where none is True and one is Unknown, and then the field stays
/// hidden. Of no rule: always.
std::string unless(const Plan& plan, const PlanColumn& column) {
  Expression none;
  none.kind = Expression::Kind::None;
  for (const uint32_t index : column.given_by) none.children.push_back(*plan.allows[index].tree());
  if (none.children.empty()) return {};
  return expression::print(none);
}

/// Whether the gate can read what `unless` says of the column.
bool is_readable(const Plan& plan, const PlanColumn& column) {
  std::string together;
  for (const uint32_t index : column.given_by) together += plan.allows[index].text;
  return is_surely_readable(together) || reading_fault(unless(plan, column)).empty();
}

void add_partial_columns(const CompiledSet& set, std::string_view type, Plan& plan) {
  const bool is_limited = std::any_of(plan.allows.begin(), plan.allows.end(),
                                      [](const PlanRule& allow) { return allow.rule->terms->has_columns; });
  if (!is_limited) return;
  std::vector<std::string> all = plan.columns;
  const model::RecordType* record = set.model->find(type);
  if (!plan.has_columns && record != nullptr) all = model::field_names(*record);
  for (const std::string& column : all) {
    PlanColumn partial{column, {}};
    for (uint32_t i = 0; i < plan.allows.size(); ++i) {
      const CompiledRule& rule = *plan.allows[i].rule;
      const bool gives = !rule.terms->has_columns ||
                         std::find(rule.terms->columns.begin(), rule.terms->columns.end(), column) !=
                             rule.terms->columns.end();
      if (gives) partial.given_by.push_back(i);
    }
    if (partial.given_by.size() == plan.allows.size()) continue;
    // Of one role's rules this was judged when the set was loaded; of several roles' the column stays hidden,
    // since a plan that cannot be read would close the whole type.
    if (!is_readable(plan, partial)) partial.given_by.clear();
    plan.partial_columns.push_back(std::move(partial));
  }
  if (!plan.has_columns) plan.columns.clear();
}

void write_rules(std::string& out, const std::vector<PlanRule>& rules) {
  out.push_back('[');
  for (std::size_t i = 0; i < rules.size(); ++i) {
    out += i > 0 ? ",{" : "{";
    write_json_member(out, "rule", rules[i].rule->id);
    out.push_back(',');
    write_json_member(out, "place", rules[i].rule->place());
    out.push_back(',');
    write_json_member(out, "where", rules[i].text);
    out.push_back('}');
  }
  out.push_back(']');
}

std::string_view level_name(FieldEffect effect) {
  switch (effect) {
    case FieldEffect::Mask:
      return "masked";
    case FieldEffect::Lock:
      return "read_only";
    default:
      return "hidden";
  }
}

void write_fields(std::string& out, const Plan& plan) {
  bool is_first = true;
  const auto write = [&](std::string_view field, std::string_view level, std::string_view as,
                         std::string_view where, std::string_view place) {
    out += is_first ? "{" : ",{";
    is_first = false;
    write_json_member(out, "field", field);
    out.push_back(',');
    write_json_member(out, "level", level);
    out.push_back(',');
    write_json_member(out, "as", as);
    out.push_back(',');
    write_json_member(out, "where", where);
    out.push_back(',');
    write_json_member(out, "place", place);
    out.push_back('}');
  };
  out.push_back('[');
  for (const PlanField& field : plan.fields) {
    for (const std::string& name : field.rule->fields) {
      write(name, level_name(field.rule->effect), field.rule->as, field.text, field.rule->place());
    }
  }
  for (const PlanColumn& column : plan.partial_columns) {
    const std::string where = unless(plan, column);
    write(column.column, "hidden", "", where, plan.allows.front().rule->place());
  }
  out.push_back(']');
}

}  // namespace

Plan make_plan(const CompiledSet& set, const Subject& subject, std::string_view action, std::string_view type,
               Date day, const ReadPath* record) {
  Plan plan;
  plan.boundaries = subject.boundaries;
  if (!subject.is_active) return plan;
  plan.roles = subject.facts.roles;
  const TypePolicy* common = set.policy_of(type);
  const TypePolicy* personal = set.personal_of(subject.key, type);
  const Partners partners = record == nullptr ? Partners() : Partners(set, type, *record);
  add_rules(personal, true, subject, action, day, partners, plan);
  add_rules(common, false, subject, action, day, partners, plan);
  add_fields(common, subject, partners, plan);
  add_columns(plan);
  add_partial_columns(set, type, plan);
  return plan;
}

std::string plan_json(const CompiledSet& set, const Plan& plan, int64_t valid_until_us) {
  std::string out = "{";
  write_json_member(out, "policy_set", set.source.hash);
  out += ",\"valid_until\":" + std::to_string(valid_until_us) + ",\"deny\":";
  write_rules(out, plan.denies);
  out += ",\"allow\":";
  write_rules(out, plan.allows);
  out += ",\"fields\":";
  write_fields(out, plan);
  out += ",\"columns\":";
  if (!plan.has_columns) {
    out += "null";
  } else {
    out.push_back('[');
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (i > 0) out.push_back(',');
      write_json_string(out, plan.columns[i]);
    }
    out.push_back(']');
  }
  out += plan.may_drill_down ? ",\"drill_down\":true" : ",\"drill_down\":false";
  out += ",\"roles\":[";
  for (std::size_t i = 0; i < plan.roles.size(); ++i) {
    if (i > 0) out.push_back(',');
    write_json_string(out, plan.roles[i]);
  }
  out += "]}";
  return out;
}

int64_t valid_until(const std::vector<Date>& boundaries, int64_t now_us, Date today) {
  static constexpr int64_t kHour = INT64_C(3600000000);
  static constexpr int64_t kQuarter = kHour / 4;
  static constexpr int64_t kEarliest = 14 * kHour;  // UTC+14, the easternmost zone
  int64_t until = 0;
  for (const Date day : boundaries) {
    if (day <= today) continue;
    const int64_t begin = std::chrono::microseconds(day.days().time_since_epoch()).count() - kEarliest;
    const int64_t next = begin > now_us ? begin : (now_us / kQuarter + 1) * kQuarter;
    if (until == 0 || next < until) until = next;
  }
  return until;
}

}  // namespace talon::access
