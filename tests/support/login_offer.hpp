/// Asks a plugin that signs people in, as the host does.
#pragma once

#include <talon/testing/plugin_under_test.hpp>

#include <string>

namespace talon::support {

/// @return the claim, or what the step answers.
inline Result<Json> verify(const talon::testing::PluginUnderTest& plugin, const Json& request) {
  const auto* table = plugin.table<talon_login_v1>(TALON_LOGIN_V1);
  const std::string json = request.to_string();
  boundary::StringWriter out;
  boundary::StringWriter error;
  TALON_DO(boundary::outcome(table->verify(plugin.self(), boundary::text(json), &out, &error), error));
  return Json::parse(out.text);
}

}  // namespace talon::support
