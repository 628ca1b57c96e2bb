/// What an invitation may look like, and what is refused of it.
#include "tests/plugins/access/plugin_fixture.hpp"

#include <talon/id.hpp>

namespace talon::access {
namespace {

TEST_F(AccessPlugin, AnInvitationOfAnotherFormIsRefusedWhole) {
  load();
  host.principal = Json::object({{"kind", "system"}});
  const auto mistakes = [&](const std::string& members) {
    const auto args = Json::parse(R"({"email":"carl@example.com","name":"Carl")" + members + "}");
    EXPECT_TRUE(args) << members;
    const auto refused = plugin.command("invite", *args);
    EXPECT_FALSE(refused) << members;
    std::vector<std::string> list;
    if (refused) return list;
    const auto errors = Json::parse(refused.error().details);
    if (!errors) return list;
    for (const Json& error : errors->items())
      list.push_back(std::string(error["pointer"].string()) + " " + std::string(error["code"].string()));
    return list;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(mistakes(""), ElementsAre("/roles required"));
  EXPECT_THAT(mistakes(R"(,"roles":{"client":true})"), ElementsAre("/roles invalid_value"));
  EXPECT_THAT(mistakes(R"(,"roles":["client",5,null])"),
              ElementsAre("/roles/1 invalid_value", "/roles/2 invalid_value"));
  EXPECT_THAT(mistakes(R"(,"roles":"client","facts":[{"partners":"N1"}])"),
              ElementsAre("/facts invalid_value"));
  EXPECT_THAT(mistakes(R"(,"roles":"client","fact":{"partners":"N1"})"), ElementsAre("/fact unknown_field"));
  for (const char* nothing : {"[]", "null"}) {
    EXPECT_THAT(mistakes(R"(,"roles":"client","facts":{"partners":)" + std::string(nothing) + "}"),
                ElementsAre("/facts/partners required"));
  }
  EXPECT_THAT(mistakes(R"(,"roles":"client","facts":{"partners":[{"id":"N1"}],"approval_limit":5000})"),
              ElementsAre("/facts/partners/0 invalid_value", "/facts/approval_limit invalid_value"));
  EXPECT_THAT(host.ids("user"), IsEmpty());
  const Json all = Json::object({{"email", "carl"}, {"name", " "}, {"roles", "clint"}});
  const auto refused = plugin.command("invite", all);
  ASSERT_FALSE(refused);
  EXPECT_EQ(Json::parse(refused.error().details)->items().size(), 3U) << "address, name and role at once";
}

TEST_F(AccessPlugin, WhatAnInvitationSaysTwiceIsHeldOnce) {
  load();
  host.principal = Json::object({{"kind", "system"}});
  const std::string id = id_text("par", partner);
  const int64_t other = host.add("partner", {{"number", "N2"}});
  const auto invite = [&](const Json& roles, const Json& partners) {
    return plugin.command("invite", Json::object({{"email", "carl@example.com"},
                                                  {"name", "Carl"},
                                                  {"roles", roles},
                                                  {"facts", Json::object({{"partners", partners}})}}));
  };
  ASSERT_TRUE(invite(Json::array({"client", "client"}), Json::array({"N1", Json(id), "N2"})));
  EXPECT_EQ(host.ids("user_role").size(), 1U);
  EXPECT_EQ(host.ids("user_fact").size(), 2U);
  const auto again = invite(Json::array({"client"}), Json::array({Json(id_text("par", other)), "N1"}));
  EXPECT_TRUE(again) << "the same invitation, in another order: " << again.error().message;
}

}  // namespace
}  // namespace talon::access
