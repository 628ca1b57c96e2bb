/// Sign-in, sessions, tokens and rights over HTTP.
#include "tests/unit/http/api_fixture.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <gmock/gmock.h>

namespace talon::http::test {
namespace {

class ApiPeople : public ApiTest {
 protected:
  ApiPeople() : user_(add_user("ann@example.org")) {}
  Answer try_password(const std::string& password, const std::string& email = "ann@example.org") {
    return call("", "POST", "/api/v1/session",
                R"({"email":")" + email + R"(","password":")" + password + "\"}");
  }
  int64_t user_;
};

TEST_F(ApiPeople, NothingIsAnsweredWithoutASignIn) {
  for (const char* target :
       {"/api/v1/parties", "/api/v1/nothing", "/api/v1/me", "/api/v1/plugins", "/api/v1/events"}) {
    const Answer answer = call("", "GET", target);
    EXPECT_EQ(answer.status, 401) << target;
    EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
  }
  EXPECT_EQ(call("talon_forgedforgedforgedforgedforgedforgedforgedforged", "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(call("", "GET", "/livez").status, 200);
  EXPECT_EQ(call("", "GET", "/readyz").status, 200);
}

TEST_F(ApiPeople, WhoeverIsNotReadySaysByAWordWhy) {
  ready_ = []() -> Result<std::string> {
    return Error{Code::Unavailable, "cannot append to /var/x", "read_log"};
  };
  const Answer answer = call("", "GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.text, "not ready: read_log\n");
  EXPECT_EQ(call("", "GET", "/livez").status, 200);
  ready_ = []() -> Result<std::string> { return std::string("documents"); };
  EXPECT_EQ(call("", "GET", "/readyz").status, 200);
  EXPECT_EQ(call("", "GET", "/readyz").text, "ok, degraded: documents\n");
  ready_ = []() -> Result<std::string> { return std::string(); };
  EXPECT_EQ(call("", "GET", "/readyz").text, "ok\n");
}

TEST_F(ApiPeople, WhatIsNoTextInASignInIsRefusedAndNotLeftOut) {
  for (const char* name : {"email", "password", "code", "language"}) {
    for (const char* value : {"5", "true", "[\"fr\"]", "{}"}) {
      Json body = Json::object({{"email", "ann@example.org"}, {"password", "wrong"}});
      body.set(name, *Json::parse(value));
      const Answer answer = call("", "POST", "/api/v1/session", body.to_string());
      EXPECT_EQ(answer.status, 400) << body.to_string();
      EXPECT_THAT(answer.text, ::testing::HasSubstr(name)) << body.to_string();
    }
  }
}

TEST_F(ApiPeople, WhatSomebodySentIsToldBackShortAndHarmless) {
  const std::string token = sign_in("ann@example.org");
  allow_all(user_, "party");
  const std::string hostile = "a\u202E\u200B" + std::string(20000, 'b');
  const auto body = [&](const std::string& before, const std::string& after) {
    return before + Json(hostile).to_string() + after;
  };
  const std::vector<std::vector<std::string>> requests = {
      {"POST", "/api/v1/access/check", body("[{\"type\":\"party\",\"action\":", "}]")},
      {"POST", "/api/v1/access/check", body("[{\"action\":\"view\",\"type\":", "}]")},
      {"POST", "/api/v1/access/plan", body("{\"type\":\"party\",\"action\":", "}")},
      {"POST", "/api/v1/parties", body("{", ":1}")},
      {"GET", "/api/v1/parties?fields=" + percent_encoded(hostile.substr(0, 2000)), ""},
      {"GET", "/api/v1/parties?where=" + percent_encoded(hostile.substr(0, 2000) + " is 1"), ""},
      {"GET", "/api/v1/parties?" + percent_encoded(hostile.substr(0, 2000)) + "=1", ""},
      {"GET", "/api/v1/parties?order=" + percent_encoded(hostile.substr(0, 2000)), ""}};
  for (const auto& request : requests) {
    const Answer answer = call(token, request[0], request[1], request[2]);
    EXPECT_EQ(answer.status / 100, 4) << request[1].substr(0, 60);
    EXPECT_LT(answer.text.size(), 4000U) << request[0] << " " << request[1].substr(0, 60);
    for (const char* unseen : {"\u202E", "\u200B"})
      EXPECT_EQ(answer.text.find(unseen), std::string::npos) << request[0] << " " << request[1].substr(0, 60);
  }
  const Answer unknown = call(token, requests[0][0], requests[0][1], requests[0][2]);
  EXPECT_THAT(unknown.text, ::testing::HasSubstr("a\uFFFD\uFFFDbbb"));
}

TEST_F(ApiPeople, ASessionBeginsAndEnds) {
  const std::string token = sign_in("ann@example.org");
  const Answer me = call(token, "GET", "/api/v1/me");
  ASSERT_EQ(me.status, 200) << me.text;
  EXPECT_EQ(me.body["user"]["email"].string(), "ann@example.org");
  EXPECT_EQ(me.text.find("hash"), std::string::npos);
  EXPECT_EQ(call(token, "DELETE", "/api/v1/session").status, 204);
  EXPECT_EQ(call(token, "GET", "/api/v1/me").status, 401);
}

TEST_F(ApiPeople, AWrongPasswordTellsNothing) {
  const Answer wrong = try_password("wrong");
  const Answer nobody = try_password("wrong", "nobody@example.org");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.text, nobody.text);
}

TEST_F(ApiPeople, ADisabledUserIsOutOnTheNextRequest) {
  const std::string token = sign_in("ann@example.org");
  EXPECT_EQ(call(token, "GET", "/api/v1/me").status, 200);
  set_state(user_, "disabled");
  EXPECT_EQ(call(token, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(try_password("right").status, 401);
}

TEST_F(ApiPeople, WhoIsSignedOutInABatchIsOutOnTheNextRequestToo) {
  const int64_t root = add_user("root@talon.test");
  for (const char* action : {"view", "end_sessions"}) allow(root, action, "user");
  const std::string token = sign_in("ann@example.org");
  ASSERT_EQ(call(token, "GET", "/api/v1/me").status, 200);
  const std::string item = R"([{"op":"act","action":"end_sessions","id":")" + id_text("usr", user_) + "\"}]";
  const std::string by = sign_in("root@talon.test");
  clock_.advance_us(1);
  const Answer ended = call(by, "POST", "/api/v1/users/batch", item);
  ASSERT_EQ(ended.body.items()[0]["status"].integer(), 200) << ended.text;
  EXPECT_EQ(call(token, "GET", "/api/v1/me").status, 401);
}

TEST_F(ApiPeople, AnOpenPageKeepsNoSessionAlive) {
  constexpr int64_t kHour = 3'600'000'000;
  using Use = identity::Sessions::Use;
  const std::string open = sign_in("ann@example.org");
  clock_.advance_us(11 * kHour);
  EXPECT_TRUE(sessions_->principal_of(open, Use::No));
  clock_.advance_us(2 * kHour);
  EXPECT_FALSE(sessions_->principal_of(open, Use::No));
  EXPECT_FALSE(sessions_->principal_of(open));
  // A use right after such a look counts all the same.
  const std::string used = sign_in("ann@example.org");
  clock_.advance_us(11 * kHour);
  EXPECT_TRUE(sessions_->principal_of(used, Use::No));
  EXPECT_EQ(call(used, "GET", "/api/v1/me").status, 200);
  clock_.advance_us(11 * kHour);
  EXPECT_EQ(call(used, "GET", "/api/v1/me").status, 200);
}

TEST_F(ApiPeople, ASessionEndsWhenItIsIdleOrOld) {
  const std::string idle = sign_in("ann@example.org");
  clock_.advance_us(13LL * 3600 * 1'000'000);
  EXPECT_EQ(call(idle, "GET", "/api/v1/me").status, 401);
  const std::string used = sign_in("ann@example.org");
  for (int hours = 0; hours < 7 * 24; hours += 8) {
    EXPECT_EQ(call(used, "GET", "/api/v1/me").status, 200) << hours;
    clock_.advance_us(8LL * 3600 * 1'000'000);
  }
  EXPECT_EQ(call(used, "GET", "/api/v1/me").status, 401);
}

TEST_F(ApiPeople, ManyWrongPasswordsAreSlowedDownForThatPairAlone) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(try_password("wrong").status, 401);
  const Answer refused = try_password("right");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "30");
  add_user("bob@example.org");
  EXPECT_EQ(try_password("right", "bob@example.org").status, 201);
  clock_.advance_us(31'000'000);
  EXPECT_EQ(try_password("right").status, 201);
}

TEST_F(ApiPeople, ACookieServesTheBrowserAndNotOtherSites) {
  const Answer begun = try_password("right");
  const std::string cookie = begun.header("Set-Cookie");
  EXPECT_NE(cookie.find("HttpOnly; SameSite=Strict"), std::string::npos);
  const std::string pair = cookie.substr(0, cookie.find(';'));
  allow_all(user_, "party");
  EXPECT_EQ(call("", "GET", "/api/v1/me", "", {{"Cookie", "a=b; " + pair}}).status, 200);
  const Pairs own = {{"Cookie", pair}, {"Host", "talon.test"}, {"Origin", "https://talon.test"}};
  EXPECT_EQ(call("", "POST", "/api/v1/parties", R"({"name":"A"})", own).status, 201);
  const Pairs foreign = {{"Cookie", pair}, {"Host", "talon.test"}, {"Origin", "https://evil.test"}};
  EXPECT_EQ(call("", "POST", "/api/v1/parties", R"({"name":"A"})", foreign).status, 403);
  EXPECT_EQ(call("", "POST", "/api/v1/parties", R"({"name":"A"})",
                 {{"Cookie", pair}, {"Sec-Fetch-Site", "cross-site"}})
                .status,
            403);
}

TEST_F(ApiPeople, ASignInUnderWayDoesNotOutliveANewPassword) {
  while_verifying_ = [this] {
    clock_.advance_us(1000);  // the digest of a password takes its time
    end_sessions(user_);
  };
  EXPECT_EQ(try_password("right").status, 401);
  while_verifying_ = [this] { set_state(user_, "disabled"); };
  EXPECT_EQ(try_password("right").status, 401);
  set_state(user_, "active");
  while_verifying_ = {};
  EXPECT_EQ(try_password("right").status, 201);
}

TEST_F(ApiPeople, ATokenIsIssuedOnceUsedAndRevoked) {
  allow(user_, "issue_token", "sign_in");
  const std::string session = sign_in("ann@example.org");
  const Answer issued = call(session, "POST", "/api/v1/me/tokens",
                             R"({"name":"script","roles":["viewer"],"expires_at":"2027-01-01T00:00:00Z"})");
  ASSERT_EQ(issued.status, 201) << issued.text;
  const std::string token(issued.body["token"].string());
  EXPECT_TRUE(token.starts_with("talon_"));
  EXPECT_EQ(call(token, "GET", "/api/v1/me").status, 200);
  EXPECT_EQ(call(token, "POST", "/api/v1/me/tokens", R"({"name":"more"})").status,
            403);  // narrower: issues none
  EXPECT_EQ(call(session, "DELETE", "/api/v1/me/tokens/" + std::string(issued.body["id"].string())).status,
            204);
  EXPECT_EQ(call(token, "GET", "/api/v1/me").status, 401);
}

TEST_F(ApiPeople, ATokenForAnotherNeedsTheRight) {
  const int64_t bob = add_user("bob@example.org");
  const std::string session = sign_in("ann@example.org");
  EXPECT_EQ(call(session, "POST", "/api/v1/me/tokens", R"({"name":"x"})").status, 403)
      << "a right of its own";
  allow(user_, "issue_token", "sign_in");
  const std::string body = R"({"name":"x","user":")" + id_text("usr", bob) + "\"}";
  EXPECT_EQ(call(session, "POST", "/api/v1/me/tokens", body).status, 403);
  allow(user_, "edit", "user", "name is Ann");
  EXPECT_EQ(call(session, "POST", "/api/v1/me/tokens", body).status, 403) << "whom they cannot see";
  allow(user_, "view", "user", "");
  EXPECT_EQ(call(session, "POST", "/api/v1/me/tokens", body).status, 201);
}

TEST_F(ApiPeople, QuestionsAboutRightsAreAnswered) {
  const std::string token = sign_in("ann@example.org");
  allow(user_, "view", "party", "name is Acme");
  const Answer check = call(token, "POST", "/api/v1/access/check",
                            R"({"questions":[{"action":"create","type":"party"},)"
                            R"({"action":"view","type":"party","id":"pty_0000000000009"}]})");
  ASSERT_EQ(check.status, 200) << check.text;
  EXPECT_FALSE(check.body["answers"].items().at(0)["allowed"].boolean());
  const Answer plan = call(token, "POST", "/api/v1/access/plan", R"({"action":"view","type":"party"})");
  EXPECT_EQ(plan.body["verdict"].string(), "conditional") << plan.text;
  // An explanation reads the record whatever the asker may see: it needs its own right, also for oneself.
  EXPECT_EQ(call(token, "POST", "/api/v1/access/explain", R"({"action":"view","type":"party"})").status, 403);
  for (const char* hostile : {"[]", "\"x\"", "1", "null"}) {
    EXPECT_EQ(call(token, "POST", "/api/v1/access/explain", hostile).status / 100, 4) << hostile;
  }
  const Answer foreign = call(token, "POST", "/api/v1/access/explain",
                              R"({"user":"usr_0000000000009","action":"view","type":"party"})");
  EXPECT_EQ(foreign.status, 403);
}

TEST_F(ApiPeople, QuestionsAreReadAsJsonIs) {
  const std::string token = sign_in("ann@example.org");
  allow(user_, "view", "party", "");
  const auto ask = [&](const std::string& body) {
    const Answer answer = call(token, "POST", "/api/v1/access/check", body);
    return answer.status == 200 ? answer.text.substr(answer.text.find('{')) : std::to_string(answer.status);
  };
  const std::string yes = R"({"answers":[{"allowed":true}]})";
  for (const char* same : {R"([{"action":"view","type":"party"}])",
                           R"({"why":{"questions":[1]},"questions":[{"action":"view","type":"party"}]})",
                           " { \"questions\" : [ { \"type\" : \"party\" , \"action\" : \"view\" } ] } \n",
                           R"([{"type":"p\u0061rty","action":"v\u0069ew","id":null}])",
                           R"([{"action":"view","note":[{"a":1}],"type":"party","x":"y","x":2}])"}) {
    EXPECT_EQ(ask(same), yes) << same;
  }
  EXPECT_EQ(ask("[]"), R"({"answers":[]})");
  for (const char* wrong : {"",
                            "{}",
                            "null",
                            "7",
                            "[",
                            "[{",
                            "[1]",
                            "[{}",
                            "[{}]",
                            "[[]]",
                            R"({"questions":{}})",
                            R"([{"action"}])",
                            R"([{"action":"view","type":"party"},])",
                            R"([{"action":"view","type":"party",}])",
                            R"([{"action":"view","type":"party"}] x)",
                            R"([{"action":"view","action":"edit","type":"party"}])",
                            R"([{"action":"view","type":7}])",
                            R"([{"action":"view","type":"party","id":7}])",
                            R"([{"action":"view","type":"party","id":null,"id":null}])",
                            R"([{"action":"view","type":"party","id":nullx}])",
                            R"([{"action":"view","type":"party","z":01}])",
                            R"({"questions":[],"questions":[]})",
                            R"([{"action":"vi\ud800ew","type":"party"}])"}) {
    EXPECT_EQ(ask(wrong)[0], '4') << wrong;
  }
  std::string many = "[";
  for (int i = 0; i < 500; ++i) many += R"({"action":"view","type":"party"},)";
  EXPECT_EQ(ask(many + R"({"action":"view","type":"party"}])"), "400");
  many.back() = ']';
  EXPECT_EQ(ask(many).size(), ask("[]").size() + 500 * 16 + 499);
}

TEST_F(ApiPeople, RulesAndWhereTheyStandAreForThoseWhoExplain) {
  const std::string token = sign_in("ann@example.org");
  allow(user_, "view", "party", "name is Acme",
        R"([{"field":"iban","level":"hidden","where":"name is Other","place":"rules/parties.yaml:7"}])");
  const auto plan = [&] {
    return call(token, "POST", "/api/v1/access/plan", R"({"action":"view","type":"party"})");
  };
  const Answer without = plan();
  ASSERT_EQ(without.status, 200) << without.text;
  EXPECT_EQ(without.body["fields"].items().at(0)["level"].string(), "hidden");
  EXPECT_TRUE(without.body["fields"].items().at(0)["conditional"].boolean());
  for (const char* word : {"place", "Acme", "Other", "rule"}) {
    EXPECT_EQ(without.text.find(word), std::string::npos) << without.text;
  }
  allow(user_, "explain", "access");
  const Answer with = plan();
  EXPECT_EQ(with.body["allow"].items().at(0)["where"].string(), "name is Acme");
  EXPECT_EQ(with.body["allow"].items().at(0)["place"].string(), "test:1") << with.text;
  EXPECT_EQ(with.body["fields"].items().at(0)["place"].string(), "rules/parties.yaml:7") << with.text;
}

TEST_F(ApiPeople, AnExplanationIsARead) {
  allow_all(user_, "party");
  allow_all(user_, "invoice");
  allow(user_, "explain", "access");
  const std::string token = sign_in("ann@example.org");
  const auto created = [&](const std::string& path, const std::string& body) {
    const Answer answer = call(token, "POST", "/api/v1/" + path, body);
    EXPECT_EQ(answer.status, 201) << answer.text;
    return std::string(answer.body["id"].string());
  };
  const std::string party = created("parties", R"({"name":"Acme"})");
  const std::string invoice =
      created("invoices", R"({"net_total":{"amount":"1.00","currency":"EUR"},"client":")" + party + "\"}");
  const auto explain = [&](const std::string& record) {
    read_log_.entries.clear();
    return call(token, "POST", "/api/v1/access/explain",
                R"({"action":"view","type":"invoice","record":")" + record + "\"}")
        .status;
  };
  EXPECT_EQ(explain(invoice), 200);
  ASSERT_EQ(read_log_.entries.size(), 2U);
  EXPECT_EQ(read_log_.entries[0]["type"].string(), "user") << "an address is told too";
  EXPECT_EQ(read_log_.entries[0]["records"].string(), id_text("usr", user_));
  EXPECT_EQ(read_log_.entries[1]["principal"].string(), id_text("usr", user_));
  EXPECT_EQ(read_log_.entries[1]["fields"].to_string(), R"(["number"])");
  EXPECT_EQ(read_log_.entries[1]["records"].string(), invoice);
  EXPECT_EQ(explain(""), 200);
  EXPECT_EQ(read_log_.entries.size(), 1U) << "of no record";
  read_log_.is_broken = true;
  EXPECT_EQ(explain(invoice), 503);
}

TEST_F(ApiPeople, PluginsAreForThoseWhoMayRunThem) {
  const std::string token = sign_in("ann@example.org");
  EXPECT_EQ(call(token, "GET", "/api/v1/plugins").status, 403);
  allow(user_, "list", "host_plugin");
  EXPECT_EQ(call(token, "GET", "/api/v1/plugins").status, 503);  // none are running in this test
}

}  // namespace
}  // namespace talon::http::test
