/// Principals: their names in logs and what the authorizer gets of them.
#include "host/gate/principal.hpp"

#include <talon/id.hpp>

namespace talon::gate {

namespace {

constexpr std::string_view kKinds[] = {"anonymous", "user", "plugin", "system"};

std::string id_or_empty(std::string_view prefix, int64_t id) {
  return id > 0 ? id_text(prefix, id) : std::string();
}

}  // namespace

bool Principal::is_elevated_for(std::string_view type, std::string_view action) const {
  for (const std::string& right : elevates) {
    // "*.view": every type. Only the authorizer needs it, to explain a verdict on any record.
    if (right.starts_with("*.") && std::string_view(right).substr(2) == action) return true;
    if (right.size() == type.size() + 1 + action.size() && right.starts_with(type) &&
        right[type.size()] == '.' && right.ends_with(action)) {
      return true;
    }
  }
  return false;
}

std::string Principal::name() const {
  if (kind == Kind::User) return id_or_empty("usr", user);
  if (kind == Kind::Plugin) return "plugin:" + plugin;
  return std::string(kKinds[static_cast<std::size_t>(kind)]);
}

std::string Principal::author() const {
  return kind == Kind::User && simulated_by != 0 ? id_or_empty("usr", simulated_by) : name();
}

std::string Principal::author_for() const {
  return kind == Kind::User && simulated_by != 0 ? name() : id_or_empty("usr", on_behalf_of);
}

std::string Principal::binding() const { return json().set("session", "").to_string(); }

Json Principal::json() const {
  Json roles{Json::Array{}};
  for (const std::string& role : token_roles) roles.push(role);
  return Json::object({{"kind", kKinds[static_cast<std::size_t>(kind)]},
                       {"user", id_or_empty("usr", user)},
                       {"session", id_or_empty("ses", session)},
                       {"roles", std::move(roles)},
                       {"plugin", plugin},
                       {"on_behalf_of", id_or_empty("usr", on_behalf_of)}});
}

}  // namespace talon::gate
