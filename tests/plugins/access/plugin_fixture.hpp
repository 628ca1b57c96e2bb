/// The access plugin behind its C tables, on the fake host with the example's model.
#pragma once

#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <talon/id.hpp>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::access {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

inline const std::string kRules =
    "invoice:\n"
    "  rules:\n"
    "    - {allow: [view, edit], to: sales, within: own partners}\n"
    "    - allow: approve\n"
    "      to: accountant\n"
    "    - deny: approve\n"
    "      to: everyone\n"
    "      except: chief_accountant\n"
    "      id: limit-5000\n"
    "      when:\n"
    "        - amount > 5000 EUR\n"
    "      because: A chief accountant approves above 5 000.\n"
    "  fields:\n"
    "    - {hide: figures, from: sales}\n"
    "    - {mask: number, as: last 4, from: sales, when: [state is sent]}\n";

class AccessPlugin : public ::testing::Test {
 protected:
  AccessPlugin() : host(*example_model()), plugin(host) {
    TALON_CHECK(static_cast<bool>(plugin.created()));
    TALON_CHECK(static_cast<bool>(plugin.start()));
    partner = host.add("partner", {{"number", "N1"}});
    host.on_act("user.send_link", [this](std::string_view, const Json&) -> Result<Json> {
      if (!sends_mail) return failed_precondition("no mail server is configured");
      return Json::object({{"sent_to", "somebody"}});
    });
  }

  void load(const std::string& rules = kRules) {
    const auto mistakes = plugin.load(example_with({{"rules/i.yaml", rules}}), *example_model());
    ASSERT_TRUE(mistakes);
    EXPECT_THAT(lines_of(*mistakes), IsEmpty());
  }
  int64_t add_user(const std::string& email, const std::string& role, const std::string& state = "active") {
    const int64_t user =
        host.add("user", {{"name", email.substr(0, email.find('@'))}, {"email", email}, {"state", state}});
    host.add("user_role", {{"user", user}, {"role", role}, {"position", 1}});
    return user;
  }
  void add_fact(int64_t user, const char* fact, const std::string& value) {
    host.add("user_fact", {{"user", user}, {"fact", fact}, {"value", value}, {"position", 1}});
  }
  Result<Json> plan(int64_t user, std::string_view action, std::string_view type = "invoice",
                    const Json& roles = Json::array()) {
    const Json principal = Json::object({{"kind", "user"}, {"user", id_text("usr", user)}, {"roles", roles}});
    const auto* table = plugin.table<talon_authorizer_v1>(TALON_AUTHORIZER_V1);
    const std::string json = principal.to_string();
    boundary::StringWriter out;
    boundary::StringWriter error;
    const talon_status status = table->plan(plugin.self(), boundary::text(json), boundary::text(action),
                                            boundary::text(type), &out, &error);
    TALON_DO(boundary::outcome(status, error));
    return Json::parse(out.text);
  }
  Result<std::string> sign_in(const Json& credentials) {
    const auto* table = plugin.table<talon_login_v1>(TALON_LOGIN_V1);
    const std::string json = credentials.to_string();
    boundary::StringWriter out;
    boundary::StringWriter error;
    TALON_DO(boundary::outcome(table->verify(plugin.self(), boundary::text(json), &out, &error), error));
    return out.text;
  }
  Result<std::string> sign_in(const std::string& email, const std::string& password) {
    return sign_in(Json::object({{"email", email}, {"password", password}}));
  }
  Json run(std::string_view command, const Json& args) {
    const auto answer = plugin.command(command, args);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *Json::parse(*answer) : Json();
  }

  talon::testing::FakeHost host;
  talon::testing::PluginUnderTest plugin;
  int64_t partner = 0;
  bool sends_mail = false;
};

}  // namespace talon::access
