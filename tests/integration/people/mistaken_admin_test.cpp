/// What an administrator gets wrong: it is refused with its place and what to do, and nothing has changed.
#include "tests/integration/people/house.hpp"

#include <talon/text.hpp>

#include <sys/stat.h>
#include <chrono>
#include <thread>

namespace talon::people {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class MistakenAdmin : public People {
 protected:
  /// The one mistake of a refused answer.
  static void expect_fault(const Answer& answer, const std::string& pointer, const std::string& message) {
    EXPECT_EQ(answer.status, 422) << answer.text;
    const auto& faults = answer.json["errors"].items();
    ASSERT_FALSE(faults.empty()) << answer.text;
    EXPECT_EQ(faults[0]["pointer"].string(), pointer) << answer.text;
    EXPECT_THAT(std::string(faults[0]["message"].string()), HasSubstr(message));
  }
  Answer hold(Json what) const { return admin->post("/api/v1/audit_holds", what.set("reason", "Case 9")); }
  Answer change(const std::string& path, const Json& body) const {
    const std::string version(admin->get(path).json["version"].digits());
    return admin->call("PATCH", path, body.to_string(), "If-Match: \"" + version + "\"\r\n");
  }
  int64_t count(const std::string& plural) const {
    return admin->get("/api/v1/" + plural + "?include=total").json["total"].integer();
  }
  std::string party() const {
    const Answer made = admin->post("/api/v1/parties", Json::object({{"name", "Acme"}}));
    EXPECT_EQ(made.status, 201) << made.text;
    return std::string(made.json["id"].string());
  }
};

TEST_F(MistakenAdmin, StopsNotThePluginThatEverybodysRightsHangOn) {
  const Answer stopped = admin->post("/api/v1/plugins/access/stop", Json::object());
  EXPECT_EQ(stopped.status, 409) << stopped.text;
  EXPECT_THAT(stopped.text, HasSubstr("nobody could start it again"));
  EXPECT_THAT(stopped.text, HasSubstr("restart"));
  const Answer still = admin->get("/api/v1/plugins/access");
  EXPECT_EQ(still.json["state"].string(), "ready") << still.text;
  EXPECT_EQ(admin->post("/api/v1/plugins/hello/stop", Json::object()).status, 200);
  EXPECT_EQ(admin->post("/api/v1/plugins/access/restart", Json::object()).status, 200);
}

TEST_F(MistakenAdmin, HoldsNothingThatIsNotThere) {
  expect_fault(hold(Json::object({{"type", "invocie"}})), "/type", "Did you mean \"invoice\"?");
  expect_fault(hold(Json::object({{"user", "usr_0000000000009"}})), "/user",
               "there is no user usr_0000000000009");
  expect_fault(hold(Json::object({{"user", "root@talon.test"}})), "/user", "write usr_");
  expect_fault(hold(Json::object({{"record", "pty_0000000000009"}})), "/record", "there is no party");
  expect_fault(hold(Json::object({{"record", "C-1001"}, {"type", "party"}})), "/record", "as in pty_");
  const std::string acme = party();
  expect_fault(hold(Json::object({{"record", acme}, {"type", "invoice"}})), "/record",
               acme + " is a party and no invoice");
  expect_fault(hold(Json::object({{"until", "2001-12-31"}})), "/until", "2001-12-31 is over");
  EXPECT_EQ(count("audit_holds"), 0);

  const Answer held = hold(Json::object({{"record", acme}}));
  ASSERT_EQ(held.status, 201) << held.text;
  const std::string path = "/api/v1/audit_holds/" + std::string(held.json["id"].string());
  expect_fault(change(path, Json::object({{"type", "invoice"}})), "/record", "is a party");
  EXPECT_EQ(change(path, Json::object({{"type", "party"}})).status, 200);
  EXPECT_EQ(change(path, Json::object({{"released", true}})).status, 200);
  const std::string ann = invited("ann", "viewer");
  EXPECT_EQ(hold(Json::object({{"user", ann}})).status, 201);
  EXPECT_EQ(hold(Json::object({{"type", "party"}})).status, 201);
  EXPECT_EQ(hold(Json::object()).status, 201) << "holds everything";
}

TEST_F(MistakenAdmin, GivesNobodyARoleOrFactThatNoPolicyKnows) {
  const auto roles = [](const char* role) {
    return Json::object({{"roles", Json::array({Json::object({{"role", role}})})}});
  };
  const auto facts = [](const char* fact, const std::string& value) {
    return Json::object({{"facts", Json::array({Json::object({{"fact", fact}, {"value", value}})})}});
  };
  const std::string ann = "/api/v1/users/" + invited("ann", "viewer");
  expect_fault(change(ann, roles("acountant")), "/roles/0/role",
               "there is no role \"acountant\". Did you mean \"accountant\"?");
  expect_fault(change(ann, facts("aproval_limit", "1 EUR")), "/facts/0/fact",
               "Did you mean \"approval_limit\"?");
  expect_fault(change(ann, facts("approval_limit", "a lot")), "/facts/0/value", "as in 5000 EUR");
  expect_fault(change(ann, facts("client", "pty_0000000000009")), "/facts/0/value", "there is no party");
  Json twice = facts("approval_limit", "1 EUR");
  twice.set("facts", Json::array({twice["facts"].items()[0], twice["facts"].items()[0]}));
  expect_fault(change(ann, twice), "/facts/1/fact", "the fact approval_limit has one value");
  Json made = roles("acountant");
  made.set("name", "Bob").set("email", "bob@talon.test");
  expect_fault(admin->post("/api/v1/users", made), "/roles/0/role", "there is no role");
  EXPECT_EQ(count("users"), 2);

  EXPECT_EQ(change(ann, roles("accountant")).status, 200);
  const Answer fits = change(ann, facts("client", party()));
  EXPECT_EQ(fits.status, 200) << fits.text;
  EXPECT_EQ(change(ann, Json::object({{"roles", Json::array()}})).status, 200);
}

TEST_F(MistakenAdmin, IsToldTheNearestActionAndFieldOfAQuestion) {
  const auto explain = [&](const char* action, const char* field) {
    return command(*admin, "explain",
                   Json::object({{"user", RunningTalon::kAdminEmail},
                                 {"action", action},
                                 {"record", "invoice"},
                                 {"field", field}}));
  };
  EXPECT_THAT(explain("isue", "").text, HasSubstr("Did you mean \\\"issue\\\"?"));
  EXPECT_THAT(explain("view", "net_totl").text, HasSubstr("Did you mean \\\"net_total\\\"?"));
  EXPECT_THAT(explain("view", "lnes").text, HasSubstr("Did you mean \\\"lines\\\"?"));
  EXPECT_EQ(explain("view", "lines").status, 200);
}

TEST_F(MistakenAdmin, IsToldByReadyzThatSavedPoliciesWereRefused) {
  ApiClient anybody(talon.port());
  EXPECT_EQ(anybody.get("/readyz").text, "ok\n");
  const std::string file = talon.config("policies/rules/zz_mistaken.yaml");
  std::ofstream(file) << "invocie:\n  - deny: view\n    to: everyone\n";
  for (int i = 0; i < 1000 && talon.log().find("documents.refused") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const Answer told = anybody.get("/readyz");
  EXPECT_EQ(told.status, 200) << "what was in force goes on being enforced";
  EXPECT_EQ(told.text, "ok, degraded: documents\n");
  std::filesystem::remove(file);
  for (int i = 0; i < 1000 && anybody.get("/readyz").text != "ok\n"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(anybody.get("/readyz").text, "ok\n");
}

TEST(FirstAdministrator, IsMadeOfNoFileThatOthersMayRead) {
  RunningTalon talon;
  const std::string file = talon.directory().file("bootstrap.json");
  ::chmod(file.c_str(), 0644);
  const auto refused = talon.start();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              HasSubstr("bootstrap.json can be read by others than its owner. Run: chmod 600 "));
  ::chmod(file.c_str(), 0600);
  EXPECT_TRUE(talon.start());
  EXPECT_FALSE(talon.admin().empty());
}

TEST(FirstAdministrator, IsAskedForWhereNobodyCanSignIn) {
  RunningTalon talon;
  auto child = support::Child::start(
      {std::string(TALON_BUILD_DIR) + "/bin/talond", "--config", talon.config("talon.yaml")});
  ASSERT_TRUE(child);
  ASSERT_TRUE(child->wait_for_text("talond.started", std::chrono::seconds(60))) << child->errors();
  EXPECT_THAT(child->errors(), ContainsRegex("talond.without_people.*--bootstrap FILE"));
  child->signal(SIGTERM);
  child->wait();
  ASSERT_TRUE(talon.start());
  EXPECT_THAT(talon.log(), ::testing::Not(HasSubstr("talond.without_people")));
}

}  // namespace
}  // namespace talon::people
