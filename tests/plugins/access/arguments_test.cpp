/// Arguments of commands that are of another kind than they should be.
#include "tests/plugins/access/plugin_fixture.hpp"

namespace talon::access {
namespace {

TEST_F(AccessPlugin, AnArgumentOfAnotherKindIsRefusedByNameAndNotLeftOut) {
  load();
  const int64_t ann = add_user("ann@example.com", "accountant");
  host.principal = Json::object(
      {{"kind", "user"}, {"user", id_text("usr", ann)}, {"session", "ses_1"}, {"roles", Json::array()}});
  struct Command {
    const char* name;
    const char* args;
    std::vector<std::string> texts;
    std::vector<std::string> lists;
  };
  const char* const kQuestion = R"({"user":"ann@example.com","action":"view","type":"invoice"})";
  const std::vector<std::string> asked = {"user", "action", "type", "record", "field", "at"};
  const std::vector<Command> commands = {
      {"explain", kQuestion, asked, {}},
      {"who_can", kQuestion, asked, {}},
      {"diff", "{}", {}, {"users"}},
      {"review", "{}", {"unused_for"}, {"users"}},
      {"fit_roles", "{}", {"email"}, {"held", "roles"}},
      {"measure_password",
       R"({"password":"orchid lamp seven"})",
       {"name", "email", "password", "language"},
       {}},
      {"set_password", "{}", {"current", "password"}, {}},
      {"bootstrap", "{}", {"name", "email", "password", "language"}, {}},
      {"invite", R"({"email":"carl@example.com","name":"Carl","roles":"viewer"})", {"language"}, {}}};
  const auto refused = [&](const Command& command, const std::string& name, const char* value) {
    const auto answer =
        plugin.command(command.name, Json::parse(command.args)->set(name, *Json::parse(value)));
    const std::string what = std::string(command.name) + " " + name + ": " + value;
    ASSERT_FALSE(answer) << what;
    EXPECT_EQ(answer.error().code, Code::InvalidArgument) << what;
    EXPECT_THAT(answer.error().message, HasSubstr("is a ")) << what;
    EXPECT_THAT(answer.error().details, HasSubstr("\"pointer\":\"/" + name)) << what;
  };
  for (const Command& command : commands) {
    for (const std::string& name : command.texts) {
      for (const char* value : {"5", "true", R"(["invoice/inv_1"])", "{}"}) refused(command, name, value);
    }
    for (const std::string& name : command.lists) {
      for (const char* value : {R"("ann@example.com")", "5", R"(["a",5])", R"([["a"]])", "{}"})
        refused(command, name, value);
    }
  }
  EXPECT_TRUE(plugin.command("explain", *Json::parse(R"({"user":"ann@example.com","action":"view",)"
                                                     R"("type":"invoice","record":null,"at":""})")))
      << "nothing is nothing";
}

}  // namespace
}  // namespace talon::access
