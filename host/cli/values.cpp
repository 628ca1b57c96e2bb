/// Typed values for request bodies.
#include "host/cli/values.hpp"

#include <talon/model.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::cli {

namespace {

bool has_type(const Json& schema, std::string_view type) {
  if (schema["type"].string() == type) return true;
  const auto& types = schema["type"].items();
  return std::any_of(types.begin(), types.end(), [&](const Json& item) { return item.string() == type; });
}

bool is_money(const Json& schema) {
  if (schema["$ref"].string().ends_with("/Money")) return true;
  const auto& options = schema["anyOf"].items();
  return std::any_of(options.begin(), options.end(), is_money);
}

}  // namespace

const Json& resolved(const Json& openapi, const Json& schema) {
  std::string_view path = schema["$ref"].string();
  if (!path.starts_with("#/")) return schema;
  path.remove_prefix(2);
  const Json* at = &openapi;
  for (;;) {
    const std::size_t slash = path.find('/');
    at = &(*at)[path.substr(0, slash)];
    if (slash == std::string_view::npos) return *at;
    path.remove_prefix(slash + 1);
  }
}

Result<std::string> find_route(const Json& openapi, std::string_view type) {
  std::vector<std::string> words;
  for (const auto& [path, item] : openapi["paths"].members()) {
    const bool is_list = item["get"]["operationId"].string().starts_with("list_");
    if (!is_list) continue;
    const std::string name(item["get"]["tags"].items().empty() ? std::string_view()
                                                               : item["get"]["tags"].items()[0].string());
    if (path.substr(1) == type || name == type) return path;
    words.push_back(name);
    words.push_back(path.substr(1));
  }
  return not_found("the server has no record type \"" + std::string(type) + "\"." +
                   model::suggestion(type, words));
}

Result<void> find_action(const Json& openapi, std::string_view type, const std::string& below,
                         std::string_view action) {
  std::vector<std::string> words;
  for (const auto& [path, item] : openapi["paths"].members()) {
    if (!path.starts_with(below) || item["post"].is_null()) continue;
    if (std::string_view(path).substr(below.size()) == action) return {};
    words.push_back(path.substr(below.size()));
  }
  return not_found(std::string(type) +
                   (below.ends_with("/actions/") ? " has no action of the type \"" : " has no action \"") +
                   std::string(action) + "\"." + model::suggestion(action, words));
}

Json typed_value(const Json& schema, std::string_view text) {
  if (text.empty()) return {};
  if (is_money(schema)) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return Json(text);
    return Json::object({{"amount", text.substr(0, space)}, {"currency", text.substr(space + 1)}});
  }
  if (has_type(schema, "boolean")) {
    if (text == "true" || text == "yes" || text == "on") return Json(true);
    if (text == "false" || text == "no" || text == "off") return Json(false);
  }
  const bool is_structured =
      has_type(schema, "array") || has_type(schema, "object") ||
      (schema.is_object() && schema.find("type") == nullptr && schema.find("anyOf") == nullptr);
  if (has_type(schema, "integer") || is_structured) {
    if (auto json = Json::parse(text); json) return *std::move(json);
  }
  return Json(text);
}

Result<Json> body_of(const Json& schema, const std::vector<std::string>& assignments) {
  Json body = Json::object();
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
      return invalid("\"" + assignment + "\" is not FIELD=VALUE");
    const std::string field = assignment.substr(0, equals);
    const Json* known = schema["properties"].find(field);
    const std::string_view text = std::string_view(assignment).substr(equals + 1);
    if (known != nullptr && has_type(*known, "boolean") && !text.empty() &&
        !typed_value(*known, text).is_boolean())
      return invalid(field + " is yes or no, and not " + echoed(text));
    body.set(field, known != nullptr ? typed_value(*known, text) : Json(text));
  }
  return body;
}

}  // namespace talon::cli
