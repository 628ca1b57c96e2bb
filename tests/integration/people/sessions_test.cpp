/// Sessions and API tokens at the running daemon: listed, ended, rotated, and never more than their owner.
#include "tests/integration/people/house.hpp"

#include <talon/date.hpp>

#include <chrono>
#include <thread>

namespace talon::people {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SessionsAndTokens : public People {
 protected:
  explicit SessionsAndTokens(support::TalonOptions options = {}) : People(std::move(options)) {}
  Answer issue(ApiClient& who, const Json& body) const { return who.post("/api/v1/me/tokens", body); }
  std::string talon_party() {
    const Answer made = admin->post("/api/v1/parties", Json::object({{"name", "Acme"}}));
    return std::string(made.json["id"].string());
  }
  ApiClient client(const Answer& issued) const {
    return ApiClient(talon.port(), std::string(issued.json["token"].string()));
  }
};

TEST_F(SessionsAndTokens, AreListedAndEndedByTheirOwnerAndByAnAdministrator) {
  const std::string ann_id = person("ann", "accountant");
  person("bob", "accountant");
  const auto ann = as("ann");
  const auto elsewhere = as("ann");
  const auto bob = as("bob");
  const Answer own = ann->get("/api/v1/sessions?where=" + percent_encoded("ended_at is empty"));
  ASSERT_EQ(own.status, 200) << own.text;
  // One of the invitation, and two since.
  EXPECT_EQ(own.json["items"].items().size(), 3U) << own.text;
  EXPECT_THAT(own.text, Not(HasSubstr("token_hash")));
  EXPECT_EQ(own.json["items"].items()[0]["address"].string(), "127.0.0.1");
  const std::string other(elsewhere->get("/api/v1/me").json["session"].string());
  EXPECT_EQ(bob->post("/api/v1/sessions/" + other + "/end", Json::object()).status, 404) << "not theirs";
  EXPECT_EQ(elsewhere->get("/api/v1/me").status, 200);
  EXPECT_EQ(ann->post("/api/v1/sessions/" + other + "/end", Json::object()).status, 200);
  EXPECT_EQ(elsewhere->get("/api/v1/me").status, 401);
  EXPECT_EQ(ann->get("/api/v1/me").status, 200);
  EXPECT_EQ(bob->post("/api/v1/users/" + ann_id + "/end_sessions", Json::object()).status / 100, 4);
  EXPECT_EQ(admin->post("/api/v1/users/" + ann_id + "/end_sessions", Json::object()).status, 200);
  EXPECT_EQ(ann->get("/api/v1/me").status, 401);
  EXPECT_EQ(as("ann")->get("/api/v1/me").status, 200) << "a new one may begin";
  EXPECT_EQ(bob->get("/api/v1/me").status, 200);
  EXPECT_EQ(logged("action is \"session.end\""), 1);
  EXPECT_EQ(logged("action is \"user.end_sessions\""), 1);
}

TEST_F(SessionsAndTokens, ThoseOfSomebodyDisabledAreOverForGood) {
  const std::string ann_id = person("ann", "accountant");
  const auto ann = as("ann");
  const Answer issued = issue(*ann, Json::object({{"name", "script"}}));
  ASSERT_EQ(issued.status, 201) << issued.text;
  ApiClient script = client(issued);
  ASSERT_EQ(script.get("/api/v1/me").status, 200);
  ASSERT_EQ(admin->post("/api/v1/users/" + ann_id + "/disable", Json::object()).status, 200);
  EXPECT_EQ(ann->get("/api/v1/me").status, 401);
  ASSERT_EQ(admin->post("/api/v1/users/" + ann_id + "/enable", Json::object()).status, 200);
  EXPECT_EQ(ann->get("/api/v1/me").status, 401) << "enabled again, an old session is still over";
  EXPECT_EQ(script.get("/api/v1/me").status, 401) << "and so is a token";
  EXPECT_EQ(as("ann")->get("/api/v1/me").status, 200);
}

TEST_F(SessionsAndTokens, AnAdministratorIsToldWhyTheyMayNotDisableThemselves) {
  const std::string own(admin->get("/api/v1/me").json["user"]["id"].string());
  for (const std::string type : {"user", "party"}) {
    const std::string record = type == "user" ? own : talon_party();
    const Answer why =
        command(*admin, "explain",
                Json::object({{"user", own}, {"action", "edit"}, {"type", type}, {"record", record}}));
    EXPECT_EQ(why.status, 200) << why.text;
  }
}

TEST_F(SessionsAndTokens, ATokenBeyondItsOwnersRightsIsRefusedAndLoggedAndOthersAreUnaffected) {
  const std::string ann_id = person("ann", "accountant");
  const auto ann = as("ann");
  const Answer beyond = issue(*ann, Json::object({{"name", "all"}, {"roles", Json::array({"admin"})}}));
  EXPECT_EQ(beyond.status, 403) << beyond.text;
  EXPECT_THAT(beyond.text, HasSubstr("who does not hold the role"));
  EXPECT_EQ(logged("action is token_refused", {"role_not_held"}), 1);

  const Answer wide = issue(*ann, Json::object({{"name", "wide"}, {"roles", Json::array({"accountant"})}}));
  ASSERT_EQ(wide.status, 201) << wide.text;
  const Answer narrow = issue(*ann, Json::object({{"name", "narrow"}, {"roles", Json::array({"viewer"})}}));
  ASSERT_EQ(narrow.status, 201) << narrow.text;
  ApiClient by_wide = client(wide);
  ApiClient by_narrow = client(narrow);
  const auto make_party = [](ApiClient& who) {
    return who.post("/api/v1/parties", Json::object({{"name", "Acme"}})).status;
  };
  const int as_owner = make_party(by_wide);
  EXPECT_EQ(as_owner, 201) << "an accountant may";
  EXPECT_EQ(by_narrow.get("/api/v1/invoices").status, 200);
  EXPECT_EQ(make_party(by_narrow), 403) << "its owner may, the token not";
  EXPECT_EQ(logged("action is denied", {"parties", "viewer"}), 1);

  // The owner loses the role: the token loses it on the next request.
  const Answer card = admin->get("/api/v1/users/" + ann_id);
  const Answer changed = admin->call("PATCH", "/api/v1/users/" + ann_id, R"({"roles":[{"role":"viewer"}]})",
                                     "If-Match: " + card.headers.at("etag") + "\r\n");
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(make_party(by_wide), 403);
  EXPECT_EQ(by_narrow.get("/api/v1/invoices").status, 200);
  EXPECT_EQ(admin->get("/api/v1/invoices").status, 200);
}

TEST_F(SessionsAndTokens, ATokenIsShownOnceExpiresAndIsRotatedWithOverlap) {
  person("ann", "accountant");
  const auto ann = as("ann");
  EXPECT_EQ(issue(*ann, Json::object({{"name", "x"}, {"expires_at", "2020-01-01T00:00:00Z"}})).status, 400);
  EXPECT_EQ(issue(*ann, Json::object({{"name", "x"}, {"expires_at", "2126-01-01T00:00:00Z"}})).status, 400);
  const Answer first = issue(*ann, Json::object({{"name", "nightly"}, {"roles", Json::array({"viewer"})}}));
  ASSERT_EQ(first.status, 201) << first.text;
  EXPECT_FALSE(first.json["expires_at"].is_null()) << "every token ends";
  ApiClient old = client(first);
  EXPECT_EQ(old.get("/api/v1/invoices").status, 200);
  const std::string path = "/api/v1/me/tokens/" + std::string(first.json["id"].string());
  EXPECT_EQ(old.post(path + "/rotate", Json::object()).status, 403) << "a narrower token makes no tokens";
  const Answer second = ann->post(path + "/rotate", Json::object({{"overlap_hours", 1}}));
  ASSERT_EQ(second.status, 201) << second.text;
  ApiClient fresh = client(second);
  EXPECT_EQ(old.get("/api/v1/invoices").status, 200) << "both hold for the hour";
  EXPECT_EQ(fresh.get("/api/v1/invoices").status, 200);
  EXPECT_EQ(fresh.post("/api/v1/parties", Json::object({{"name", "A"}})).status, 403)
      << "as narrow as the old one";
  EXPECT_EQ(ann->post(path + "/rotate", Json::object()).status, 409) << "one successor";
  const std::string next = "/api/v1/me/tokens/" + std::string(second.json["id"].string());
  const Answer third = ann->post(next + "/rotate", Json::object({{"overlap_hours", 0}}));
  ASSERT_EQ(third.status, 201);
  EXPECT_EQ(fresh.get("/api/v1/invoices").status, 401) << "without overlap it ends at once";
  const Answer list = ann->get("/api/v1/tokens");
  EXPECT_EQ(list.json["items"].items().size(), 3U) << list.text;
  EXPECT_THAT(list.text, Not(HasSubstr(std::string(third.json["token"].string()))));
  EXPECT_THAT(list.text, HasSubstr("last_used_at"));
  ApiClient last = client(third);
  EXPECT_EQ(last.get("/api/v1/invoices").status, 200);
  EXPECT_EQ(ann->post("/api/v1/tokens/" + std::string(third.json["id"].string()) + "/revoke", Json::object())
                .status,
            200);
  EXPECT_EQ(last.get("/api/v1/invoices").status, 401);
  EXPECT_EQ(old.get("/api/v1/invoices").status, 200);
}

TEST_F(SessionsAndTokens, ATokenMakesNoOthersAndEndsWhereSessionsEnd) {
  const std::string ann_id = person("ann", "accountant");
  const auto ann = as("ann");
  const Answer first = issue(*ann, Json::object({{"name", "first"}}));
  const Answer second = issue(*ann, Json::object({{"name", "second"}}));
  ASSERT_EQ(second.status, 201) << second.text;
  ApiClient script = client(first);
  EXPECT_EQ(issue(script, Json::object({{"name", "more"}})).status, 403);
  const auto rotate = [](ApiClient& who, const Answer& issued) {
    return who.post("/api/v1/me/tokens/" + std::string(issued.json["id"].string()) + "/rotate",
                    Json::object());
  };
  EXPECT_EQ(rotate(script, second).status, 403) << "another one";
  const Answer renewed = rotate(script, first);
  ASSERT_EQ(renewed.status, 201) << renewed.text;
  ApiClient fresh = client(renewed);
  EXPECT_EQ(fresh.get("/api/v1/invoices").status, 200);
  EXPECT_EQ(admin->post("/api/v1/users/" + ann_id + "/end_sessions", Json::object()).status, 200);
  for (ApiClient* ended : {ann.get(), &script, &fresh}) EXPECT_EQ(ended->get("/api/v1/me").status, 401);
  const auto again = as("ann");
  ApiClient later = client(issue(*again, Json::object({{"name", "later"}})));
  EXPECT_EQ(later.get("/api/v1/invoices").status, 200);
  const Answer reset = command(*admin, "reset_password",
                               Json::object({{"user", ann_id}, {"password", "another phrase of mine"}}));
  ASSERT_EQ(reset.status, 200) << reset.text;
  // A plugin wrote it: what is kept of a token is read anew within a second.
  int status = 200;
  for (int tries = 0; tries < 200 && status == 200; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    status = later.get("/api/v1/invoices").status;
  }
  EXPECT_EQ(status, 401) << "what was minted before a reset";
}

TEST_F(SessionsAndTokens, ANarrowTokenTakesNoPartInItsOwnersAccount) {
  const std::string ann_id = person("ann", "accountant");
  const auto ann = as("ann");
  const std::string session(ann->get("/api/v1/me").json["session"].string());
  const Json viewer = Json::array({"viewer"});
  const Answer narrow = issue(*ann, Json::object({{"name", "narrow"}, {"roles", viewer}}));
  const std::string other(issue(*ann, Json::object({{"name", "other"}})).json["id"].string());
  ASSERT_EQ(narrow.status, 201) << narrow.text;
  ApiClient by_narrow = client(narrow);
  EXPECT_EQ(by_narrow.post("/api/v1/sessions/" + session + "/end", Json::object()).status, 403);
  EXPECT_EQ(by_narrow.post("/api/v1/users/" + ann_id + "/end_sessions", Json::object()).status, 403);
  EXPECT_EQ(by_narrow.post("/api/v1/tokens/" + other + "/revoke", Json::object()).status, 403);
  EXPECT_EQ(by_narrow.call("DELETE", "/api/v1/me/tokens/" + other).status, 403);
  EXPECT_EQ(ann->get("/api/v1/me").status, 200);
  EXPECT_EQ(by_narrow.call("DELETE", "/api/v1/me/tokens/" + std::string(narrow.json["id"].string())).status,
            204)
      << "itself it may end";
  EXPECT_EQ(by_narrow.get("/api/v1/me").status, 401);
  // An administrator's program ends what is others'.
  const Answer tool = issue(*admin, Json::object({{"name", "tool"}, {"roles", Json::array({"admin"})}}));
  EXPECT_EQ(client(tool).post("/api/v1/sessions/" + session + "/end", Json::object()).status, 200);
  EXPECT_EQ(ann->get("/api/v1/me").status, 401);
}

TEST_F(SessionsAndTokens, NoTokenChangesItsOwnersPassword) {
  person("ann", "accountant");
  const auto ann = as("ann");
  const Json words =
      Json::object({{"current", RunningTalon::kPassword}, {"password", "another phrase of mine"}});
  ApiClient by_token = client(issue(*ann, Json::object({{"name", "all"}})));
  const Answer refused = command(by_token, "set_password", words);
  EXPECT_EQ(refused.status, 403) << refused.text;
  EXPECT_EQ(sign_in("ann@talon.test", RunningTalon::kPassword).status, 201);
  EXPECT_EQ(command(*ann, "set_password", words).status, 200);
}

TEST_F(SessionsAndTokens, ANewPasswordEndsTheOtherSessions) {
  person("ann", "accountant");
  const auto own = as("ann");
  const auto elsewhere = as("ann");
  const Answer changed =
      command(*own, "set_password",
              Json::object({{"current", RunningTalon::kPassword}, {"password", "another phrase of mine"}}));
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(elsewhere->get("/api/v1/me").status, 401);
  EXPECT_EQ(own->get("/api/v1/me").status, 200);
}

class NotedUses : public SessionsAndTokens {
 protected:
  NotedUses() : SessionsAndTokens({.settings = "security: {session: {idle: 2s}}\n"}) {}
};

TEST_F(NotedUses, TheUseOfATokenMakesNobodyReadAnythingAnew) {
  person("ann", "accountant");
  const Answer issued = issue(*as("ann"), Json::object({{"name", "script"}}));
  ASSERT_EQ(issued.status, 201) << issued.text;
  ApiClient script = client(issued);
  ASSERT_EQ(script.get("/api/v1/me").status, 200);
  const std::string before = talon.security_epoch();
  const auto last_used = [&] {
    const auto rows =
        support::run_program({"sqlite3", talon.data("talon.db"), "select last_used_at from tokens"});
    return rows ? rows->output : std::string();
  };
  const std::string used = last_used();
  for (int tries = 0; tries < 200 && last_used() == used; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_EQ(script.get("/api/v1/me").status, 200);
  }
  EXPECT_NE(last_used(), used) << "the use is noted";
  EXPECT_EQ(talon.security_epoch(), before) << "and is no change of rights";
}

class StaleProofs : public SessionsAndTokens {
 protected:
  StaleProofs() : SessionsAndTokens({.settings = "security: {step_up: {fresh: 1s}}\n"}) {}
};

TEST_F(StaleProofs, ATokenAndASecondFactorAskForAFreshOne) {
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  const Answer stale = issue(*admin, Json::object({{"name", "x"}}));
  EXPECT_EQ(stale.status, 403) << stale.text;
  EXPECT_EQ(stale.json["proof"]["with"].string(), "password");
  EXPECT_EQ(admin->post("/api/v1/me/second_factor", Json::object()).status, 403);
  EXPECT_EQ(
      admin->post("/api/v1/session/proof", Json::object({{"password", RunningTalon::kPassword}})).status,
      204);
  EXPECT_EQ(issue(*admin, Json::object({{"name", "x"}})).status, 201);
}

class ShortSessions : public SessionsAndTokens {
 protected:
  ShortSessions()
      : SessionsAndTokens({.settings = "security: {session: {idle: 2s, absolute: 3s}, token: 2h}\n"}) {}
};

TEST_F(ShortSessions, TheSettingsLimitThem) {
  const auto first = std::make_unique<ApiClient>(talon.port(), talon.admin());
  ApiClient idle(talon.port(), talon.admin());
  // In use all the time, it ends by its absolute limit all the same.
  while (first->get("/api/v1/me").status == 200) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(idle.get("/api/v1/me").status, 401);
  ApiClient next(talon.port(), talon.admin());
  const Answer issued = issue(next, Json::object({{"name", "short"}}));
  ASSERT_EQ(issued.status, 201) << issued.text;
  const auto expires = Timestamp::parse(issued.json["expires_at"].string());
  ASSERT_TRUE(expires);
  EXPECT_EQ(issue(next, Json::object({{"name", "x"},
                                      {"expires_at", Timestamp(expires->us() + 60'000'000).to_string()}}))
                .status,
            400);
}

}  // namespace
}  // namespace talon::people
