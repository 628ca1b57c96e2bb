/// What callers write of a person's roles and facts: judged as an invitation, but for what stands already.
#include "tests/plugins/access/plugin_fixture.hpp"

namespace talon::access {
namespace {

class UserCheck : public AccessPlugin {
 protected:
  UserCheck() { load(); }
  /// "POINTER code" of each mistake.
  std::vector<std::string> check(const std::string& id, const std::string& body) {
    const auto done = plugin.command("check_user", Json::object({{"id", id}, {"body", *Json::parse(body)}}));
    std::vector<std::string> mistakes;
    if (done) return mistakes;
    EXPECT_EQ(done.error().code, Code::InvalidArgument);
    const Json details = *Json::parse(done.error().details);
    for (const Json& one : details.items())
      mistakes.push_back(std::string(one["pointer"].string()) + " " + std::string(one["code"].string()));
    return mistakes;
  }
};

TEST_F(UserCheck, TellsAllMistakesOfANewPersonAtOnce) {
  EXPECT_THAT(
      check("", R"({"roles":[{"role":"sales"},{"role":"sails"}],"facts":[
      {"fact":"partners","value":"N1"},{"fact":"partners","value":"N9"},{"fact":"limit","value":"1 EUR"},
      {"fact":"approval_limit","value":"much"},{"fact":"approval_limit","value":"1 EUR"}]})"),
      ElementsAre("/roles/1/role unknown_role", "/facts/1/value no_such_record", "/facts/2/fact unknown_fact",
                  "/facts/3/value invalid_value", "/facts/4/fact not_a_list"));
  EXPECT_THAT(check("", R"({"name":"Ann"})"), IsEmpty());
}

TEST_F(UserCheck, LeavesWhatStandsAlone) {
  const int64_t ann = add_user("ann@example.com", "lost_role");
  add_fact(ann, "lost_fact", "x");
  add_fact(ann, "partners", "N9");
  const std::string row = id_text("uro", host.ids("user_role").back());
  const std::string id = id_text("usr", ann);
  const std::string stood = R"("facts":[{"fact":"lost_fact","value":"x"},{"fact":"partners","value":"N9"}])";
  EXPECT_THAT(check(id, R"({"roles":[{"id":")" + row + R"("},{"role":"sales"}],)" + stood + "}"), IsEmpty());
  EXPECT_THAT(check(id, R"({"roles":[{"role":"lost_role"}]})"), IsEmpty());
  EXPECT_THAT(check(id, R"({"roles":[{"id":")" + row + R"(","role":"other_role"}]})"),
              ElementsAre("/roles/0/role unknown_role"));
  EXPECT_THAT(check(id, R"({"facts":[{"fact":"lost_fact","value":"y"},{"fact":"partners","value":"N8"}]})"),
              ElementsAre("/facts/0/fact unknown_fact", "/facts/1/value no_such_record"));
  EXPECT_THAT(check("", R"({"roles":[{"role":"lost_role"}]})"), ElementsAre("/roles/0/role unknown_role"));
}

TEST_F(UserCheck, RolesThatAreNeverHeldTogetherMayFollowEachOther) {
  const auto both = [&](const std::string& first, const std::string& second) {
    return check("", R"({"roles":[{"role":"payment_clerk")" + first + R"(},{"role":"chief_accountant")" +
                         second + "}]}");
  };
  EXPECT_THAT(both("", ""), ElementsAre("/roles never_together"));
  EXPECT_THAT(both(R"(,"until":"2026-03-31")", R"(,"from":"2026-04-01")"), IsEmpty());
  EXPECT_THAT(both(R"(,"until":"2026-03-31")", R"(,"from":"2026-03-31")"),
              ElementsAre("/roles never_together"));
  EXPECT_THAT(both(R"(,"from":"2026-03-31")", ""), ElementsAre("/roles never_together"));
  const int64_t ann = add_user("ann@example.com", "payment_clerk");
  const std::string row = id_text("uro", host.ids("user_role").back());
  EXPECT_THAT(
      check(id_text("usr", ann), R"({"roles":[{"id":")" + row + R"("},{"role":"chief_accountant"}]})"),
      ElementsAre("/roles never_together"));
}

}  // namespace
}  // namespace talon::access
