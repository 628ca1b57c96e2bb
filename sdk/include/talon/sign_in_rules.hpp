/// What every plugin that lets people in on somebody else's word (a provider, a directory) takes from its
/// settings alike: which group is which role, whom it lets in, and for how long.
#pragma once

#include <talon/json.hpp>
#include <talon/settings_faults.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon {

struct SignInRules {
  std::vector<std::pair<std::string, std::string>> roles;  ///< group, role; in the file's order
  std::string link;                                        ///< which of our people may be meant
  bool makes_people = false;                               ///< whoever is not known becomes a user
  int64_t roles_days = 0;                                  ///< how long a role of a group is held
  int64_t session_s = 0;
  int64_t renew_s = 0;
};

/// Reads `roles` ("GROUP -> ROLE", one a line; the last arrow parts them), `link`, `makes_people`,
/// `roles_days`, `session_minutes` and `renew_seconds`. The manifest has checked what they are.
inline SignInRules read_sign_in_rules(const Json& settings, SettingsFaults& faults) {
  static constexpr std::string_view kArrow = " -> ";
  SignInRules rules;
  const Json& roles = settings["roles"];
  for (std::size_t i = 0; i < roles.items().size(); ++i) {
    const std::string_view text = roles.items()[i].string();
    const std::size_t at = text.rfind(kArrow);
    const bool is_pair = at != std::string_view::npos && at > 0 && at + kArrow.size() < text.size();
    if (is_pair) {
      rules.roles.emplace_back(text.substr(0, at), text.substr(at + kArrow.size()));
    } else {
      faults.add("roles", "entry " + std::to_string(i + 1) + ", \"" + std::string(cut(text, 80)) +
                              "\": write GROUP -> ROLE");
    }
  }
  rules.link = settings["link"].string();
  rules.makes_people = settings["makes_people"].boolean();
  rules.roles_days = settings["roles_days"].integer();
  rules.session_s = settings["session_minutes"].integer() * 60;
  rules.renew_s = settings["renew_seconds"].integer();
  return rules;
}

/// The roles of somebody in these groups, each once, in the file's order.
inline Json roles_of_groups(const SignInRules& rules, const std::vector<std::string>& groups) {
  std::vector<std::string_view> taken;
  Json roles = Json::array();
  for (const auto& [group, role] : rules.roles) {
    const bool is_in = std::find(groups.begin(), groups.end(), group) != groups.end();
    if (!is_in || std::find(taken.begin(), taken.end(), role) != taken.end()) continue;
    taken.push_back(role);
    roles.push(role);
  }
  return roles;
}

/// What the rules say of somebody in these groups, as members of a claim: roles, whom it may mean, for how
/// long.
inline void add_rules(const SignInRules& rules, const std::vector<std::string>& groups, Json& claim) {
  claim.set("roles", roles_of_groups(rules, groups)).set("link", rules.link);
  claim.set("makes_people", rules.makes_people).set("roles_days", rules.roles_days);
  claim.set("session_s", rules.session_s);
}

/// The answer of the command `check_settings`: {"roles": all that are handed out}.
inline Json named_roles(const SignInRules& rules) {
  Json roles = Json::array();
  for (const auto& [group, role] : rules.roles) roles.push(role);
  return Json::object({{"roles", std::move(roles)}});
}

}  // namespace talon
