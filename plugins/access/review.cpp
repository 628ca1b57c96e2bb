/// What to think of a grant.
#include "review.hpp"

#include <algorithm>

namespace talon::access {

namespace {

/// Whether carrying out the action leaves an entry in the audit log.
bool is_traced(const model::RecordType& type, const std::string& action) {
  if (action == "view" || action == "export" || action == "run") return type.read_log != model::ReadLog::Off;
  if (type.kind != model::Kind::Stored || !type.is_journaled) return false;
  const model::Action* own = type.find_action(action);
  return own == nullptr || !own->is_on_type;  // on the type: it may compute and change nothing
}

void add(Gives& gives, const model::RecordType& type, const std::string& action) {
  gives.rights.emplace(type.name, action);
  if (!is_traced(type, action)) gives.untraced.emplace(type.name, action);
}

bool includes(const std::set<Right>& all, const std::set<Right>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

/// One person's grants, one after another.
class Judge {
 public:
  Judge(const CompiledSet& set, const RoleGives& roles, const Reviewed& person, const ReviewTimes& times)
      : set_(set), roles_(roles), person_(person), times_(times) {
    for (const HeldGrant& grant : person.grants) {
      if (const int role = role_of(grant); role >= 0)
        merge(held_, set.roles.with_included(static_cast<uint32_t>(role)));
    }
  }

  Opinion judge(const HeldGrant& grant) const {
    Opinion opinion;
    for (const Right& right : grant.gives->rights) {
      const auto use = person_.uses.find(right);
      if (use == person_.uses.end() || use->second <= opinion.used_us) continue;
      opinion.used_us = use->second;
      opinion.used = right;
    }
    opinion.risks = risks_of(grant);
    opinion.ends_soon = grant.time.until && !(*grant.time.until < times_.today) &&
                        !(times_.today.plus_days(times_.ends_soon_days) < *grant.time.until);
    decide(grant, opinion);
    return opinion;
  }

 private:
  int role_of(const HeldGrant& grant) const {
    if (grant.kind != HeldGrant::Kind::Role) return -1;
    if (grant.time.until && *grant.time.until < times_.today) return -1;  // over: it is held no more
    return set_.roles.find(grant.name);
  }

  /// "risky together: accountant and front_office" for each set that the grant has a part in.
  std::vector<std::string> risks_of(const HeldGrant& grant) const {
    std::vector<std::string> risks;
    const int role = role_of(grant);
    if (role < 0) return risks;
    const RoleSet& own = set_.roles.with_included(static_cast<uint32_t>(role));
    const auto add = [&](const std::vector<RoleSet>& sets, const char* what) {
      for (const RoleSet& together : sets) {
        const bool is_whole = std::includes(held_.begin(), held_.end(), together.begin(), together.end());
        if (is_whole && intersects(own, together))
          risks.push_back(std::string(what) + set_.roles.name_all(together));
      }
    };
    add(set_.roles.never_together(), "never together, the later one is without effect: ");
    add(set_.roles.risky_together(), "risky together: ");
    return risks;
  }

  void decide(const HeldGrant& grant, Opinion& opinion) const {
    const auto say = [&](const char* state, Proposal proposal, const char* why) {
      opinion.state = state;
      opinion.proposal = proposal;
      opinion.why = why;
    };
    if (grant.time.until && *grant.time.until < times_.today)
      return say("expired", Proposal::Remove, "its last day is over");
    if (grant.is_unknown) return say("unknown_role", Proposal::Remove, "no policy file declares this role");
    if (grant.is_deny) return say("binds", Proposal::Keep, "it takes a right away");
    if (grant.time.from && times_.today < *grant.time.from)
      return say("not_yet", Proposal::Keep, "its first day is still to come");
    if (opinion.used_us >= times_.since_us) {
      say("used", Proposal::Keep, "");
      return propose_less(grant, opinion);
    }
    if (is_new(grant)) return say("new", Proposal::Keep, "it was given within the time in question");
    if (person_.seen_us < times_.since_us)
      return say("unused", Proposal::Remove, "the person was not there in all that time");
    if (grant.gives->untraced.empty())
      return say("unused", Proposal::Remove, "nothing that it gives was done in all that time");
    say("untraced", Proposal::Keep, "no use is known, but parts of what it gives leave no trace");
    propose_less(grant, opinion);
  }

  bool is_new(const HeldGrant& grant) const {
    return grant.given_us >= times_.since_us || person_.created_us >= times_.since_us ||
           (grant.time.from && !(*grant.time.from < times_.since));
  }

  /// A role that this one includes may be enough; and who holds what is risky together holds too much.
  void propose_less(const HeldGrant& grant, Opinion& opinion) const {
    const int role = role_of(grant);
    std::size_t fewest = grant.gives->rights.size();
    if (role >= 0) {
      std::set<Right> needed = grant.gives->untraced;
      for (const Right& right : grant.gives->rights) {
        const auto use = person_.uses.find(right);
        if (use != person_.uses.end() && use->second >= times_.since_us) needed.insert(right);
      }
      for (const uint32_t lesser : set_.roles.with_included(static_cast<uint32_t>(role))) {
        const Gives& gives = *roles_[lesser];
        if (gives.rights.size() >= fewest || !includes(gives.rights, needed)) continue;
        fewest = gives.rights.size();
        opinion.narrow_to = set_.roles.name(lesser);
      }
    }
    if (!opinion.narrow_to.empty()) {
      opinion.proposal = Proposal::Narrow;
      opinion.why = opinion.narrow_to + " is enough for all that was used";
    } else if (!opinion.risks.empty()) {
      opinion.proposal = Proposal::Narrow;
      opinion.why = opinion.risks.front();
    }
  }

  const CompiledSet& set_;
  const RoleGives& roles_;
  const Reviewed& person_;
  const ReviewTimes& times_;
  RoleSet held_;
};

}  // namespace

std::string_view word_of(Proposal proposal) {
  return proposal == Proposal::Keep ? "keep" : proposal == Proposal::Narrow ? "narrow" : "remove";
}

namespace {

Gives rights_of_role(const CompiledSet& set, uint32_t role) {
  Gives gives;
  const RoleSet& held = set.roles.with_included(role);
  for (const model::RecordType& type : set.model->types) {
    const TypePolicy* policy = set.policy_of(type.name);
    if (policy == nullptr) continue;
    for (const auto& [action, rules] : policy->by_action) {
      const bool is_given = std::any_of(rules.begin(), rules.end(), [&](uint32_t index) {
        const CompiledRule& rule = policy->rules[index];
        return rule.effect == Effect::Allow && !rule.binding().has_all && rule.binding().binds(held);
      });
      if (is_given) add(gives, type, action);
    }
  }
  return gives;
}

}  // namespace

RoleGives rights_of_roles(const CompiledSet& set) {
  RoleGives all;
  for (uint32_t role = 0; role < set.roles.names().size(); ++role)
    all.push_back(std::make_shared<const Gives>(rights_of_role(set, role)));
  return all;
}

Gives rights_of_rule(const model::Model& model, const TypeRules& rules) {
  Gives gives;
  const model::RecordType* type = model.find(rules.type.text);
  if (type == nullptr) return gives;
  for (const Rule& rule : rules.rules) {
    if (rule.effect == Effect::Deny) continue;
    for (const Word& action : rule.actions) add(gives, *type, action.text);
    if (!rule.has_all_actions) continue;
    for (const std::string& action : type->base_actions) add(gives, *type, action);
    for (const model::Action& action : type->actions) add(gives, *type, action.name);
  }
  return gives;
}

std::vector<Opinion> judge_grants(const CompiledSet& set, const RoleGives& roles, const Reviewed& person,
                                  const ReviewTimes& times) {
  const Judge judge(set, roles, person, times);
  std::vector<Opinion> opinions;
  for (const HeldGrant& grant : person.grants) opinions.push_back(judge.judge(grant));
  return opinions;
}

}  // namespace talon::access
