/// The table of all addresses, made from the model.
#include "host/http/router.hpp"

#include "host/model/manifest.hpp"

#include <algorithm>

namespace talon::http {

namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) out.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

bool fits(const Route& route, const std::vector<std::string>& segments) {
  if (route.segments.size() + 2 != segments.size()) return false;
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    if (!is_parameter(route.segments[i]) && route.segments[i] != segments[i + 2]) return false;
    if (is_parameter(route.segments[i]) && segments[i + 2].empty()) return false;
  }
  return true;
}

bool has_external_key(const model::RecordType& type) {
  return type.find_field("external_system") != nullptr && type.find_field("external_id") != nullptr;
}

}  // namespace

void Router::add(std::string method, std::string_view path, Operation operation) {
  Route route{std::move(method), "/api/v1" + std::string(path), operation, {}, {}};
  route.segments = split(path);
  routes_.push_back(std::move(route));
}

void Router::add_fixed() {
  add("GET", "/openapi.json", Operation::OpenApi);
  routes_.back().is_open = true;
  add("POST", "/session", Operation::SignIn);
  routes_.back().is_open = true;
  add("GET", "/session/ways", Operation::SignInWays);
  routes_.back().is_open = true;
  add("GET", "/session/with/{plugin}", Operation::SignInWith);
  routes_.back().is_open = true;
  add("GET", "/session/with/{plugin}/return", Operation::SignInReturn);
  routes_.back().is_open = true;
  add("POST", "/session/new_password", Operation::RequestPassword);
  routes_.back().is_open = true;
  const auto for_unproven = [&](const char* method, const char* path, Operation operation) {
    add(method, path, operation);
    routes_.back().is_for_unproven = true;
  };
  for_unproven("DELETE", "/session", Operation::SignOut);
  for_unproven("POST", "/session/proof", Operation::Prove);
  for_unproven("GET", "/me", Operation::Me);
  for_unproven("POST", "/me/second_factor", Operation::BeginSecondFactor);
  for_unproven("POST", "/me/second_factor/confirm", Operation::ConfirmSecondFactor);
  add("POST", "/me/second_factor/recovery_codes", Operation::RecoveryCodes);
  add("POST", "/me/tokens", Operation::IssueToken);
  add("POST", "/me/tokens/{id}/rotate", Operation::RotateToken);
  add("DELETE", "/me/tokens/{id}", Operation::RevokeToken);
  add("POST", "/access/check", Operation::Check);
  add("POST", "/access/explain", Operation::Explain);
  add("POST", "/access/plan", Operation::Plan);
  add("GET", "/changes", Operation::Changes);
  add("GET", "/events", Operation::Events);
  add("GET", "/reports", Operation::Reports);
  add("GET", "/reports/{name}", Operation::Report);
  add("GET", "/plugins", Operation::Plugins);
  add("GET", "/plugins/{name}", Operation::Plugin);
  for (const char* action : {"start", "stop", "restart"}) {
    add("POST", std::string("/plugins/{name}/") + action, Operation::ControlPlugin);
    routes_.back().action = action;
  }
  add("POST", "/plugins/{name}/commands/{command}", Operation::Command);
}

void Router::add_type(const model::RecordType& type) {
  if (type.kind == model::Kind::Virtual) return;
  const std::string base = "/" + type.plural;
  const std::string one = base + "/{id}";
  const auto put = [&](const char* method, const std::string& path, Operation operation) {
    add(method, path, operation);
    routes_.back().type = type.name;
  };
  const auto offers = [&](std::string_view action) {
    return std::find(type.base_actions.begin(), type.base_actions.end(), action) != type.base_actions.end();
  };
  put("GET", base, Operation::List);
  if (type.kind != model::Kind::Stored) return;
  if (offers("create")) put("POST", base, Operation::Create);
  if (offers("create") || offers("edit")) put("POST", base + "/batch", Operation::Batch);
  for (const model::Action& action : type.actions) {
    if (!action.is_on_type) continue;
    put("POST", base + "/actions/" + action.name, Operation::ActOnType);
    routes_.back().action = action.name;
  }
  if (has_external_key(type)) put("GET", base + "/by-external/{source}/{key}", Operation::ByExternal);
  put("GET", one, Operation::Get);
  if (offers("edit") && !type.is_append_only) put("PATCH", one, Operation::Change);
  if (offers("delete") && !type.is_append_only) put("DELETE", one, Operation::Delete);
  put("GET", one + "/history", Operation::History);
  for (const model::Action& action : type.actions) {
    if (action.is_on_type || model::is_right_alone(action)) continue;
    put("POST", one + "/" + action.name, Operation::Act);
    routes_.back().action = action.name;
  }
}

std::shared_ptr<const Router> Router::make(std::shared_ptr<const model::Model> model) {
  auto router = std::make_shared<Router>();
  router->model_ = std::move(model);
  router->add_fixed();
  for (const model::RecordType& type : router->model_->types) router->add_type(type);
  for (std::size_t i = 0; i < router->routes_.size(); ++i) {
    router->by_first_[router->routes_[i].segments.front()].push_back(i);
  }
  return router;
}

Router::Match Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  Match match;
  if (segments.size() < 3 || segments[0] != "api" || segments[1] != "v1") return match;
  const auto found = by_first_.find(segments[2]);
  if (found == by_first_.end()) return match;
  for (const std::size_t index : found->second) {
    const Route& route = routes_[index];
    if (!fits(route, segments)) continue;
    if (route.method != method) {
      match.allowed += (match.allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    match.route = &route;
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
      if (is_parameter(route.segments[i])) match.parameters.push_back(segments[i + 2]);
    }
    return match;
  }
  return match;
}

}  // namespace talon::http
